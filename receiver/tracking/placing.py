"""From a position report to the aircraft's position and its quality."""

from __future__ import annotations

from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.message import TYPE_NAMES, AddressType
from receiver.earth import bearing_deg, distance_nmi
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.cpr import Half
from receiver.tracking.position import ACCEPTED, Fix, Outcome, PositionFilter, Report, series
from receiver.tracking.precedence import is_broadcast, is_outranked
from receiver.tracking.quality import NAC_P_OF_VERSION_0, SIL_OF_VERSION_0, integrity
from receiver.tracking.sighting import Position, Slot
from receiver.tracking.values import Context, take_quality

_FAMILY = {
    AddressType.ADSB_ICAO: "adsb",
    AddressType.ADSB_ICAO_NT: "adsb",
    AddressType.ADSB_OTHER: "adsb",
    AddressType.ADSR_ICAO: "adsr",
    AddressType.ADSR_OTHER: "adsr",
    AddressType.MLAT: "mlat",
}
# Versions 1 and 2 send the operational status every 2.5 s at least: who has not in so long is version 0.
_VERSION_0_AFTER_S = 30.0
# A way shorter than this says nothing about the direction of flight, and one that took longer nothing about now.
_STEP_NMI = 0.05
_STEP_S = 60.0
_OUTCOME_NAMES = {outcome: outcome.value for outcome in Outcome}
_POSITION_ATTRIBUTES = ("longitude_deg", "position", "distance_nmi", "bearing_deg")


def take_position(
    context: Context,
    aircraft: Aircraft,
    message: ExtendedSquitter,
    half: Half,
    type_code: int | None,
    nic_supplement_b: bool | None = False,
    is_surface: bool = False,
) -> None:
    """Take in half a position. `type_code` is None for coarse TIS-B."""
    frame, now, source = message.frame, message.time_s, message.address_type
    context.statistics.reports["surface" if is_surface else "airborne"] += 1
    if is_outranked(aircraft.values[Slot.POSITION], Slot.POSITION, source, now):
        # a ground station's opinion lags behind: it must not be what the aircraft's own positions are measured by
        context.statistics.positions["outranked"] += 1
        return
    positions = aircraft.positions
    if positions is None:
        positions = aircraft.positions = PositionFilter()
    of = series(is_surface, type_code is None, _FAMILY.get(source, "tisb"), frame.epoch, frame.timed)
    report = Report(half, now, message.is_clean, of)
    speed = aircraft.get(Slot.GROUND_SPEED, now, 30.0)
    outcome = positions.update(report, speed, context.station, context.limits.max_range_nmi)
    context.statistics.positions[_OUTCOME_NAMES[outcome]] += 1
    fix = positions.fix
    if outcome is Outcome.RANGE and positions.refused is not None and aircraft.last_position is None:
        context.whereabouts.note(*positions.refused, in_range=False)
    if outcome not in ACCEPTED or fix is None:
        return
    if type_code is not None and is_broadcast(source):
        _quality_by_type_code(aircraft, message, type_code)
    if aircraft.last_position is None:
        context.whereabouts.note(fix.latitude_deg, fix.longitude_deg, in_range=True)
    of_others = source.is_tisb or source is AddressType.MLAT
    position = _position(context, aircraft, fix, type_code or 0, nic_supplement_b, is_surface, of_others)
    context.statistics.positions_by_type[TYPE_NAMES[source]] += 1
    if aircraft.set(Slot.POSITION, position, message, "0,6" if is_surface else "0,5"):
        aircraft.last_position = aircraft.values[Slot.POSITION]
        if "latitude_deg" in aircraft.changed:
            aircraft.changed.update(_POSITION_ATTRIBUTES)


def _position(
    context: Context,
    aircraft: Aircraft,
    fix: Fix,
    type_code: int,
    nic_supplement_b: bool | None,
    is_surface: bool,
    of_others: bool,
) -> Position:
    # a ground station chooses the type codes of TIS-B as version 1 defines them, and so does who computes a position
    nic, rc_m = (
        integrity(type_code, 1, False, None, False)
        if of_others
        else integrity(
            type_code,
            aircraft.version or 0,
            aircraft.nic_supplement_a,
            nic_supplement_b,
            aircraft.nic_supplement_c,
            aircraft.nic_supplement_d,
        )
    )
    distance = bearing = None
    station = context.station
    if station is not None:
        place = (station.latitude_deg, station.longitude_deg, fix.latitude_deg, fix.longitude_deg)
        distance, bearing = distance_nmi(*place), bearing_deg(*place)
        statistics = context.statistics
        if statistics.max_distance_nmi is None or distance > statistics.max_distance_nmi:
            statistics.max_distance_nmi = distance
    track = _calculated_track(aircraft, fix)
    return Position(fix.latitude_deg, fix.longitude_deg, nic, rc_m, is_surface, distance, bearing, track)


def _calculated_track(aircraft: Aircraft, fix: Fix) -> float | None:
    """Direction of the way flown since a place far enough behind; None when there was none within a minute."""
    start = aircraft.calc_track_from
    if start is not None and 0.0 <= fix.time_s - start[2] <= _STEP_S:
        step = (start[0], start[1], fix.latitude_deg, fix.longitude_deg)
        if distance_nmi(*step) <= _STEP_NMI:
            return aircraft.calc_track_deg
        aircraft.calc_track_deg = bearing_deg(*step)
    else:
        aircraft.calc_track_deg = None
    aircraft.calc_track_from = fix.latitude_deg, fix.longitude_deg, fix.time_s
    return aircraft.calc_track_deg


def _quality_by_type_code(aircraft: Aircraft, message: ExtendedSquitter, type_code: int) -> None:
    """Version 0 says nothing about quality but the type code."""
    if aircraft.version is None:
        if aircraft.first_adsb_s is None or message.time_s - aircraft.first_adsb_s < _VERSION_0_AFTER_S:
            return
        aircraft.version = 0
    if aircraft.version == 0:
        quality = aircraft.quality._replace(
            version=0,
            nac_p=NAC_P_OF_VERSION_0.get(type_code),
            sil=SIL_OF_VERSION_0.get(type_code),
            sil_type="unknown",
        )
        take_quality(aircraft, message, quality, "0,5")
