"""From messages to aircraft."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from receiver.decode.formats.df00 import AirAir
from receiver.decode.formats.df04 import AltitudeReply
from receiver.decode.formats.df05 import IdentityReply
from receiver.decode.formats.df11 import AllCallReply
from receiver.decode.formats.df16 import AirAirLong
from receiver.decode.formats.df17 import ExtendedSquitter
from receiver.decode.formats.df20 import CommBReply
from receiver.decode.formats.status import FlightStatus
from receiver.decode.message import AddressType, Message
from receiver.decode.registers.bds05 import AirbornePosition
from receiver.decode.registers.bds06 import SurfacePosition
from receiver.decode.registers.bds08 import Identification
from receiver.decode.registers.bds09 import Velocity
from receiver.decode.registers.bds30 import ResolutionAdvisory
from receiver.decode.registers.bds61 import EmergencyStatus
from receiver.decode.registers.bds62 import TargetState
from receiver.decode.registers.bds65 import OperationalStatus
from receiver.decode.registers.tisb_coarse import CoarsePosition
from receiver.tracking.aircraft import Aircraft
from receiver.tracking.belief import Acquaintances, proves_itself
from receiver.tracking.cpr import Half
from receiver.tracking.geometry import bearing_deg, distance_nmi
from receiver.tracking.ground import claim_ground
from receiver.tracking.limits import Station, TrackingLimits
from receiver.tracking.position import ACCEPTED, PositionFilter, Report
from receiver.tracking.quality import NAC_P_OF_VERSION_0, SIL_OF_VERSION_0, integrity
from receiver.tracking.sighting import Event, Position, Sighting, Slot, Value

_FAMILY = {
    AddressType.ADSB_ICAO: "adsb",
    AddressType.ADSB_ICAO_NT: "adsb",
    AddressType.ADSB_OTHER: "adsb",
    AddressType.ADSR_ICAO: "adsr",
    AddressType.ADSR_OTHER: "adsr",
}
_EMERGENCY_SQUAWKS = {"7500": "unlawful", "7600": "nordo", "7700": "general"}
# Version 1 and 2 send the operational status every 2.5 s at least: who has not in so long is version 0.
_VERSION_0_AFTER_S = 30.0
# An altitude may differ so much from the one before: 15,000 ft/min, and some for the encoder.
_ALTITUDE_SLACK_FT = 1000.0
_CLIMB_FT_S = 250.0
_CPR_17 = 1.0 / (1 << 17)
_CPR_12 = 1.0 / (1 << 12)


@dataclass(slots=True)
class TrackerStatistics:
    """Counters since the start.

    Attributes
    ----------
    messages
        Messages that counted, by address type (aircraft.json's `type`).
    rejected
        Messages that did not, by reason: `unconfirmed` (the address is not believed), `full` (too many aircraft).
    positions
        Position reports by what became of them (`receiver.tracking.position.Outcome`).
    comm_b
        Comm-B replies by the register found, or by why none was.
    doubtful
        Values held back until they are heard again, by attribute.
    aircraft_seen, aircraft_departed
        Aircraft ever, and gone.
    max_distance_nmi
        Farthest accepted position; None when the station's place is not known.
    """

    messages: Counter[str] = field(default_factory=Counter)
    rejected: Counter[str] = field(default_factory=Counter)
    positions: Counter[str] = field(default_factory=Counter)
    comm_b: Counter[str] = field(default_factory=Counter)
    doubtful: Counter[str] = field(default_factory=Counter)
    aircraft_seen: int = 0
    aircraft_departed: int = 0
    max_distance_nmi: float | None = None


class Tracker:
    """All aircraft in view. Knows no clock: time is what the messages and the caller say.

    Parameters
    ----------
    station
        Where the receiver is; None when it is not known (no distances, no range check, no surface positions before an
        airborne one).
    limits
        See `TrackingLimits`.
    """

    def __init__(self, station: Station | None = None, limits: TrackingLimits | None = None) -> None:
        self.station = station
        self.limits = limits if limits is not None else TrackingLimits()
        self.statistics = TrackerStatistics()
        self._aircraft: dict[str, Aircraft] = {}
        self._newcomers: dict[str, None] = {}
        self._acquaintances = Acquaintances(self.limits.max_acquaintances)
        self._departed: list[Sighting] = []
        self._apply: dict[type[Message], Callable[[Aircraft, Any], None]] = {
            AirAir: self._air_air,
            AirAirLong: self._air_air,
            AltitudeReply: self._reply,
            IdentityReply: self._reply,
            AllCallReply: self._all_call,
            ExtendedSquitter: self._squitter,
            CommBReply: self._reply,
        }
        self._registers: dict[type, Callable[[Aircraft, ExtendedSquitter, Any], None]] = {
            AirbornePosition: self._airborne_position,
            SurfacePosition: self._surface_position,
            CoarsePosition: self._coarse_position,
            Identification: self._identification,
            Velocity: self._velocity,
            EmergencyStatus: self._emergency_status,
            ResolutionAdvisory: self._advisory,
            TargetState: self._target_state,
            OperationalStatus: self._operational_status,
        }

    def __len__(self) -> int:
        return len(self._aircraft)

    def update(self, message: Message) -> Sighting | None:
        """Take in one message; the aircraft as it is now, or None when its address is not believed (yet)."""
        aircraft = self._aircraft.get(message.icao)
        proof = proves_itself(message)
        if aircraft is None:
            aircraft = self._admit(message, proof)
            if aircraft is None:
                return None
        now = message.time_s
        aircraft.heard(now, message.address_type, message.frame.signal_dbfs)
        if proof:
            aircraft.proofs += 1
        if aircraft.messages == 2:
            self._newcomers.pop(aircraft.icao, None)
        self.statistics.messages[message.address_type.value] += 1
        self._apply[type(message)](aircraft, message)
        return aircraft.sighting(now)

    def aircraft(self, now: float) -> Iterator[Sighting]:
        """Every aircraft as it is at `now`, in the order of their appearance. `changed` and `events` are empty."""
        for aircraft in list(self._aircraft.values()):
            yield aircraft.sighting(now)

    def get(self, icao: str, now: float) -> Sighting | None:
        """One aircraft as it is at `now`; None when it is not in view."""
        aircraft = self._aircraft.get(icao)
        return None if aircraft is None else aircraft.sighting(now)

    def expire(self, now: float) -> list[Sighting]:
        """The aircraft that have left since the last call, each with the event `left`. To be called once a second or
        so."""
        limits = self.limits
        self._acquaintances.expire(now)
        for aircraft in list(self._aircraft.values()):
            patience = limits.departed_after_s if aircraft.messages > 1 else limits.newcomer_departed_after_s
            # also after a step back of the signal's clock, when nothing would ever grow old
            if abs(now - aircraft.last_seen_s) > patience:
                self._dismiss(aircraft, now)
        departed, self._departed = self._departed, []
        return departed

    def _admit(self, message: Message, proof: bool) -> Aircraft | None:
        """A state for an unknown address, if it can be believed."""
        now = message.time_s
        limits = self.limits
        if isinstance(message, ExtendedSquitter):
            believed = proof and (
                len(self._newcomers) < limits.max_newcomers or self._acquaintances.heard_twice(message.icao, now)
            )
        else:
            believed = (
                isinstance(message, AllCallReply)
                and message.is_clean
                and self._acquaintances.knows_interrogator(message.interrogator, now)
                and self._acquaintances.heard_twice(message.icao, now)
            )
        if not believed:
            self.statistics.rejected["unconfirmed"] += 1
            return None
        if len(self._newcomers) >= limits.max_newcomers:
            self._dismiss(self._aircraft[next(iter(self._newcomers))], now)
        if len(self._aircraft) >= limits.max_aircraft:
            self._dismiss(min(self._aircraft.values(), key=lambda a: a.last_seen_s), now)
        aircraft = Aircraft(message.icao, message.address_type, now)
        aircraft.events.append(Event("appeared", ""))
        self._aircraft[message.icao] = aircraft
        self._newcomers[message.icao] = None
        self.statistics.aircraft_seen += 1
        return aircraft

    def _dismiss(self, aircraft: Aircraft, now: float) -> None:
        del self._aircraft[aircraft.icao]
        self._newcomers.pop(aircraft.icao, None)
        aircraft.events.append(Event("left", ""))
        self._departed.append(aircraft.sighting(now))
        self.statistics.aircraft_departed += 1

    # --- downlink formats

    def _air_air(self, aircraft: Aircraft, message: AirAir | AirAirLong) -> None:
        self._altitude(aircraft, message.altitude_ft, message, f"DF{message.df}")
        if isinstance(message, AirAirLong) and message.advisory is not None:
            self._set_advisory(aircraft, message, message.advisory, "DF16")

    def _all_call(self, aircraft: Aircraft, message: AllCallReply) -> None:
        if message.interrogator:
            self._acquaintances.note_interrogator(message.interrogator, message.time_s)
        if message.on_ground is not None:
            claim_ground(aircraft, message.on_ground, message.time_s, message.address_type, "DF11")

    def _reply(self, aircraft: Aircraft, message: AltitudeReply | IdentityReply | CommBReply) -> None:
        register = f"DF{message.df}"
        if message.status is not None:
            self._flight_status(aircraft, message.status, message, register)
        if not isinstance(message, IdentityReply):
            self._altitude(aircraft, message.altitude_ft, message, register)
        if not isinstance(message, AltitudeReply) and message.squawk is not None:
            self._squawk(aircraft, message.squawk, message, register)

    def _squitter(self, aircraft: Aircraft, message: ExtendedSquitter) -> None:
        now = message.time_s
        if aircraft.first_adsb_s is None:
            aircraft.first_adsb_s = now
        register = message.register
        if message.on_ground is not None and not isinstance(register, AirbornePosition | SurfacePosition):
            claim_ground(aircraft, message.on_ground, now, message.address_type, "DF17")
        if register is not None:
            self._registers[type(register)](aircraft, message, register)

    # --- what several formats carry

    def _flight_status(self, aircraft: Aircraft, status: FlightStatus, message: Message, register: str) -> None:
        now, source = message.time_s, message.address_type
        aircraft.set(Slot.ALERT, "alert", status.alert, now, source, register)
        aircraft.set(Slot.SPI, "spi", status.spi, now, source, register)
        if status.on_ground is not None:
            claim_ground(aircraft, status.on_ground, now, source, register)

    def _altitude(self, aircraft: Aircraft, altitude_ft: int | None, message: Message, register: str) -> bool:
        """Take over a barometric altitude; a jump only when a second one bears it out."""
        if altitude_ft is None:
            return True
        now = message.time_s
        old = aircraft.values[Slot.ALTITUDE_BARO]
        if old is not None:
            allowed = _ALTITUDE_SLACK_FT + _CLIMB_FT_S * abs(now - old.time_s)
            if abs(altitude_ft - old.value) > allowed and not self._altitude_seconded(aircraft, altitude_ft, now):
                self.statistics.doubtful["altitude_baro_ft"] += 1
                return False
        aircraft.settle(Slot.ALTITUDE_BARO)
        aircraft.set(Slot.ALTITUDE_BARO, "altitude_baro_ft", altitude_ft, now, message.address_type, register)
        return True

    @staticmethod
    def _altitude_seconded(aircraft: Aircraft, altitude_ft: int, now: float) -> bool:
        before = aircraft.pending(Slot.ALTITUDE_BARO)
        aircraft.seconded(Slot.ALTITUDE_BARO, altitude_ft, now)
        return before is not None and abs(altitude_ft - before[0]) <= _ALTITUDE_SLACK_FT + _CLIMB_FT_S * abs(
            now - before[1]
        )

    def _squawk(self, aircraft: Aircraft, squawk: str, message: Message, register: str) -> None:
        """Take over a Mode A code; a change, and an emergency, only when it is heard twice."""
        now = message.time_s
        old = aircraft.values[Slot.SQUAWK]
        known = None if old is None else old.value
        if squawk == known:
            aircraft.settle(Slot.SQUAWK)
        elif (known is not None or squawk in _EMERGENCY_SQUAWKS) and not aircraft.seconded(Slot.SQUAWK, squawk, now):
            self.statistics.doubtful["squawk"] += 1
            return
        else:
            aircraft.events.append(Event("squawk", squawk))
        aircraft.set(Slot.SQUAWK, "squawk", squawk, now, message.address_type, register)
        emergency = _EMERGENCY_SQUAWKS.get(squawk)
        said = aircraft.values[Slot.EMERGENCY]
        if emergency is not None and (said is None or said.register == "squawk"):
            self._set_emergency(aircraft, emergency, message, "squawk")
        elif emergency is None and said is not None and said.register == "squawk":
            aircraft.values[Slot.EMERGENCY] = None
            aircraft.changed.add("emergency")

    def _set_emergency(self, aircraft: Aircraft, emergency: str, message: Message, register: str) -> None:
        old = aircraft.values[Slot.EMERGENCY]
        aircraft.set(Slot.EMERGENCY, "emergency", emergency, message.time_s, message.address_type, register)
        if emergency != "none" and (old is None or old.value != emergency):
            aircraft.events.append(Event("emergency", emergency))

    def _set_advisory(self, aircraft: Aircraft, message: Message, advisory: ResolutionAdvisory, register: str) -> None:
        old = aircraft.values[Slot.ACAS_RA]
        if old is None or old.value.raw != advisory.raw:
            aircraft.events.append(Event("advisory", advisory.advisory))
        aircraft.set(Slot.ACAS_RA, "acas_ra", advisory, message.time_s, message.address_type, register)

    def _callsign(self, aircraft: Aircraft, callsign: str | None, message: Message, register: str) -> None:
        if callsign is None:
            return
        old = aircraft.values[Slot.CALLSIGN]
        if old is not None and old.value == callsign:
            aircraft.settle(Slot.CALLSIGN)
        elif not message.is_clean and not aircraft.seconded(Slot.CALLSIGN, callsign, message.time_s):
            self.statistics.doubtful["callsign"] += 1
            return
        elif aircraft.set(Slot.CALLSIGN, "callsign", callsign, message.time_s, message.address_type, register):
            aircraft.events.append(Event("identified", callsign))
            return
        aircraft.set(Slot.CALLSIGN, "callsign", callsign, message.time_s, message.address_type, register)

    # --- registers of extended squitters

    def _identification(self, aircraft: Aircraft, message: ExtendedSquitter, register: Identification) -> None:
        self._callsign(aircraft, register.callsign, message, "0,8")
        if register.category is not None:
            aircraft.set(Slot.CATEGORY, "category", register.category, message.time_s, message.address_type, "0,8")

    def _airborne_position(self, aircraft: Aircraft, message: ExtendedSquitter, register: AirbornePosition) -> None:
        now, source = message.time_s, message.address_type
        plausible = True
        if register.altitude_is_geometric:
            if register.altitude_ft is not None:
                aircraft.set(Slot.ALTITUDE_GEOM, "altitude_geom_ft", register.altitude_ft, now, source, "0,5")
        else:
            plausible = self._altitude(aircraft, register.altitude_ft, message, "0,5")
        if not source.is_tisb:
            status = register.surveillance_status
            aircraft.set(Slot.ALERT, "alert", status in (1, 2), now, source, "0,5", yields=True)
            if status in (0, 3):
                aircraft.set(Slot.SPI, "spi", status == 3, now, source, "0,5", yields=True)
        if register.type_code:
            claim_ground(aircraft, False, now, source, "0,5")
        if register.type_code == 0 or not plausible:
            return
        if register.type_code == 15 and register.altitude_ft is None and register.cpr_longitude == 0:
            return  # some transponders without a position send this; readsb knows three of them
        half = Half(register.cpr_latitude * _CPR_17, register.cpr_longitude * _CPR_17, register.cpr_odd)
        self._position(aircraft, message, half, register.type_code, register.nic_supplement_b)

    def _surface_position(self, aircraft: Aircraft, message: ExtendedSquitter, register: SurfacePosition) -> None:
        now, source = message.time_s, message.address_type
        claim_ground(aircraft, True, now, source, "0,6")
        if register.ground_speed_kt is not None:
            aircraft.set(
                Slot.GROUND_SPEED, "ground_speed_kt", register.ground_speed_kt, now, source, "0,6", yields=True
            )
        if register.track_deg is not None:
            if aircraft.surface_sends_heading:
                self._heading(aircraft, register.track_deg, message, "0,6")
            else:
                aircraft.set(Slot.TRACK, "track_deg", register.track_deg, now, source, "0,6", yields=True)
        half = Half(register.cpr_latitude * _CPR_17, register.cpr_longitude * _CPR_17, register.cpr_odd)
        self._position(aircraft, message, half, register.type_code, False, is_surface=True)

    def _coarse_position(self, aircraft: Aircraft, message: ExtendedSquitter, register: CoarsePosition) -> None:
        now, source = message.time_s, message.address_type
        self._altitude(aircraft, register.altitude_ft, message, "TIS-B")
        if register.ground_speed_kt is not None:
            aircraft.set(Slot.GROUND_SPEED, "ground_speed_kt", register.ground_speed_kt, now, source, "TIS-B")
        if register.track_deg is not None:
            aircraft.set(Slot.TRACK, "track_deg", register.track_deg, now, source, "TIS-B")
        half = Half(register.cpr_latitude * _CPR_12, register.cpr_longitude * _CPR_12, register.cpr_odd)
        self._position(aircraft, message, half, None, False)

    def _position(
        self,
        aircraft: Aircraft,
        message: ExtendedSquitter,
        half: Half,
        type_code: int | None,
        nic_supplement_b: bool,
        is_surface: bool = False,
    ) -> None:
        now, source = message.time_s, message.address_type
        if aircraft.positions is None:
            aircraft.positions = PositionFilter()
        positions = aircraft.positions
        before = positions.fix
        report = Report(half, now, is_surface, type_code is None, _FAMILY.get(source, "tisb"), message.is_clean)
        speed = aircraft.get(Slot.GROUND_SPEED, now, 30.0)
        outcome = positions.update(report, speed, self.station, self.limits.max_range_nmi)
        self.statistics.positions[outcome.value] += 1
        fix = positions.fix
        if outcome not in ACCEPTED or fix is None:
            return
        version = aircraft.version or 0
        nic, rc_m = integrity(
            type_code or 0, version, aircraft.nic_supplement_a, nic_supplement_b, aircraft.nic_supplement_c
        )
        distance = bearing = track = None
        if self.station is not None:
            place = (self.station.latitude_deg, self.station.longitude_deg, fix.latitude_deg, fix.longitude_deg)
            distance, bearing = distance_nmi(*place), bearing_deg(*place)
            if self.statistics.max_distance_nmi is None or distance > self.statistics.max_distance_nmi:
                self.statistics.max_distance_nmi = distance
        old: Value[Position] | None = aircraft.last_position
        if old is not None:
            track = old.value.calc_track_deg
        if before is not None:
            step = (before.latitude_deg, before.longitude_deg, fix.latitude_deg, fix.longitude_deg)
            if distance_nmi(*step) > 0.05:
                track = bearing_deg(*step)
        position = Position(fix.latitude_deg, fix.longitude_deg, nic, rc_m, is_surface, distance, bearing, track)
        if aircraft.set(Slot.POSITION, "latitude_deg", position, now, source, "0,6" if is_surface else "0,5"):
            aircraft.last_position = aircraft.values[Slot.POSITION]
            if "latitude_deg" in aircraft.changed:
                aircraft.changed.update(_POSITION_ATTRIBUTES)
        if type_code is not None and not source.is_tisb:
            self._quality_by_type_code(aircraft, message, type_code)

    def _quality_by_type_code(self, aircraft: Aircraft, message: ExtendedSquitter, type_code: int) -> None:
        now = message.time_s
        if aircraft.version is None:
            if aircraft.first_adsb_s is None or now - aircraft.first_adsb_s < _VERSION_0_AFTER_S:
                return
            aircraft.version = 0
        if aircraft.version == 0:
            quality = aircraft.quality._replace(
                version=0,
                nac_p=NAC_P_OF_VERSION_0.get(type_code),
                sil=SIL_OF_VERSION_0.get(type_code),
                sil_type="unknown",
            )
            aircraft.set(Slot.QUALITY, "adsb_version", quality, now, message.address_type, "0,5")

    def _heading(self, aircraft: Aircraft, heading_deg: float, message: Message, register: str) -> None:
        now, source = message.time_s, message.address_type
        if aircraft.headings_are_magnetic:
            aircraft.set(Slot.MAG_HEADING, "mag_heading_deg", heading_deg, now, source, register)
        else:
            aircraft.set(Slot.TRUE_HEADING, "true_heading_deg", heading_deg, now, source, register)

    def _velocity(self, aircraft: Aircraft, message: ExtendedSquitter, register: Velocity) -> None:
        now, source = message.time_s, message.address_type
        if register.ground_speed_kt is not None:
            aircraft.set(Slot.GROUND_SPEED, "ground_speed_kt", register.ground_speed_kt, now, source, "0,9")
        if register.track_deg is not None:
            aircraft.set(Slot.TRACK, "track_deg", register.track_deg, now, source, "0,9")
        if register.ias_kt is not None:
            aircraft.set(Slot.IAS, "ias_kt", register.ias_kt, now, source, "0,9")
        if register.tas_kt is not None:
            aircraft.set(Slot.TAS, "tas_kt", register.tas_kt, now, source, "0,9")
        if register.heading_deg is not None:
            self._heading(aircraft, register.heading_deg, message, "0,9")
        if register.vertical_rate_baro_fpm is not None:
            aircraft.set(Slot.RATE_BARO, "vertical_rate_baro_fpm", register.vertical_rate_baro_fpm, now, source, "0,9")
        if register.vertical_rate_geom_fpm is not None:
            aircraft.set(Slot.RATE_GEOM, "vertical_rate_geom_fpm", register.vertical_rate_geom_fpm, now, source, "0,9")
        if register.geom_minus_baro_ft is not None:
            altitude = aircraft.get(Slot.ALTITUDE_BARO, now, 10.0)
            if altitude is not None:
                geometric = altitude + register.geom_minus_baro_ft
                aircraft.set(Slot.ALTITUDE_GEOM, "altitude_geom_ft", geometric, now, source, "0,9")

    def _emergency_status(self, aircraft: Aircraft, message: ExtendedSquitter, register: EmergencyStatus) -> None:
        if register.squawk is not None:
            self._squawk(aircraft, register.squawk, message, "6,1")
        self._set_emergency(aircraft, register.emergency, message, "6,1")

    def _advisory(self, aircraft: Aircraft, message: ExtendedSquitter, register: ResolutionAdvisory) -> None:
        self._set_advisory(aircraft, message, register, "6,1")

    def _target_state(self, aircraft: Aircraft, message: ExtendedSquitter, register: TargetState) -> None:
        now, source = message.time_s, message.address_type
        for slot, name, value in (
            (Slot.NAV_ALTITUDE_MCP, "nav_altitude_mcp_ft", register.altitude_mcp_ft),
            (Slot.NAV_ALTITUDE_FMS, "nav_altitude_fms_ft", register.altitude_fms_ft),
            (Slot.NAV_QNH, "nav_qnh_hpa", register.qnh_hpa),
            (Slot.NAV_HEADING, "nav_heading_deg", register.heading_deg),
            (Slot.NAV_MODES, "nav_modes", register.modes),
        ):
            if value is not None:
                aircraft.set(slot, name, value, now, source, "6,2")
        if register.emergency is not None:
            self._set_emergency(aircraft, register.emergency, message, "6,2")
        old = aircraft.quality
        sil_type = old.sil_type if register.sil_type == "unknown" and old.sil_type else register.sil_type
        quality = old._replace(nac_p=register.nac_p, nic_baro=register.nic_baro, sil=register.sil, sil_type=sil_type)
        self._set_quality(aircraft, message, quality, "6,2")

    def _operational_status(self, aircraft: Aircraft, message: ExtendedSquitter, register: OperationalStatus) -> None:
        aircraft.version = register.version
        if register.nic_supplement_a is not None:
            aircraft.nic_supplement_a = register.nic_supplement_a
        if register.nic_supplement_c is not None:
            aircraft.nic_supplement_c = register.nic_supplement_c
        if register.headings_are_magnetic is not None:
            aircraft.headings_are_magnetic = register.headings_are_magnetic
        if register.surface_sends_heading is not None:
            aircraft.surface_sends_heading = register.surface_sends_heading
        quality = aircraft.quality._replace(version=register.version)
        known = {
            name: value
            for name in ("nac_p", "nac_v", "sil", "sil_type", "gva", "sda", "nic_baro")
            if (value := getattr(register, name)) is not None
        }
        self._set_quality(aircraft, message, quality._replace(**known), "6,5")

    @staticmethod
    def _set_quality(aircraft: Aircraft, message: Message, quality: Any, register: str) -> None:
        old = aircraft.quality
        now, source = message.time_s, message.address_type
        if aircraft.set(Slot.QUALITY, "adsb_version", quality, now, source, register) and old != quality:
            for name, before, after in zip(old._fields, old, quality, strict=True):
                if before != after:
                    aircraft.changed.add("adsb_version" if name == "version" else name)


_POSITION_ATTRIBUTES = ("longitude_deg", "position", "distance_nmi", "bearing_deg")
