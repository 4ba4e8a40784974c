"""Which register a Comm-B reply carries.

The reply does not say; the radar that asked knows. Three kinds of evidence are weighed, in points:

- form: identifiers, reserved bits, fields that must be 0 when they are said not to be valid;
- sense: fields that must fit each other (Mach number and indicated airspeed at an altitude, roll and rate of turn);
- agreement with what is known of the aircraft from elsewhere: ground speed, track, climb, call sign, earlier replies
of the
  same kind, and the list of registers that it serves (BDS 1,7).

A contradiction rules a register out. What is left is taken when it has enough points by itself and clearly more than
the next: a wrong guess is worse than none.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from receiver.decode.registers.bds10 import DataLinkCapability, decode_bds10, fits_bds10
from receiver.decode.registers.bds17 import CommonUsageCapability, decode_bds17, fits_bds17
from receiver.decode.registers.bds20 import AircraftIdentification, decode_bds20, fits_bds20
from receiver.decode.registers.bds30 import ResolutionAdvisory, decode_bds30, fits_bds30
from receiver.decode.registers.bds40 import SelectedVerticalIntention, decode_bds40, fits_bds40
from receiver.decode.registers.bds44 import MeteorologicalReport, decode_bds44, fits_bds44
from receiver.decode.registers.bds45 import HazardReport, decode_bds45, fits_bds45
from receiver.decode.registers.bds50 import TrackAndTurn, decode_bds50, fits_bds50
from receiver.decode.registers.bds53 import AirReferencedState, decode_bds53, fits_bds53
from receiver.decode.registers.bds60 import HeadingAndSpeed, decode_bds60, fits_bds60
from receiver.earth import angle_between_deg
from receiver.tracking.air_data import (
    calibrated_airspeed_kt,
    pressure_ratio,
    standard_temperature_c,
    true_airspeed_kt,
)

CommBRegister = (
    DataLinkCapability
    | CommonUsageCapability
    | AircraftIdentification
    | ResolutionAdvisory
    | SelectedVerticalIntention
    | MeteorologicalReport
    | HazardReport
    | TrackAndTurn
    | AirReferencedState
    | HeadingAndSpeed
)

_HIGHEST_SELECTED_FT = 50_000
# Points that a register needs, and by how many it must lead.
NEEDED = 3
LEAD = 2


class Known(NamedTuple):
    """What is known of the aircraft from other messages, as fresh as the comparison needs; None where it is not.

    `last_30_raw` to `last_60`: the last reply that looked like that register, accepted or not. `served`: the registers
    of BDS 1,7, once it has been heard twice.
    """

    altitude_ft: int | None = None
    ground_speed_kt: float | None = None
    track_deg: float | None = None
    vertical_rate_fpm: int | None = None
    callsign: str | None = None
    on_ground: bool | None = None
    wind_direction_deg: float | None = None
    wind_speed_kt: float | None = None
    qnh_hpa: float | None = None
    altitude_mcp_ft: int | None = None
    served: frozenset[str] | None = None
    mach: float | None = None
    mag_heading_deg: float | None = None
    tas_kt: float | None = None
    last_30_raw: str | None = None
    last_50: TrackAndTurn | None = None
    last_60: HeadingAndSpeed | None = None


class Verdict(NamedTuple):
    """`register` and its points and reasons; without a register, why there is none: `empty`, `unknown` (nothing fits),
    `contradicted` (what fits is ruled out), `weak` (too few points), `ambiguous` (no clear lead)."""

    register: CommBRegister | None
    points: int
    reasons: tuple[str, ...]

    @property
    def bds(self) -> str | None:
        """The register's number, "5,0"; None when there is none."""
        return None if self.register is None else self.register.bds


class _Case:
    """The evidence for one register."""

    __slots__ = ("points", "reasons", "refuted", "register")

    def __init__(self, register: CommBRegister, points: int, reason: str) -> None:
        self.register = register
        self.points = points
        self.reasons = [reason]
        self.refuted = False

    def weigh(self, difference: float | None, agrees: float, contradicts: float, points: int, reason: str) -> None:
        """Count a comparison: points up to `agrees`, ruled out from `contradicts` on, nothing between or when None."""
        if difference is None:
            return
        difference = abs(difference)
        if difference <= agrees:
            self.points += points
            self.reasons.append(reason)
        elif difference >= contradicts:
            self.refuted = True

    def add(self, points: int, reason: str) -> None:
        self.points += points
        self.reasons.append(reason)


def identify(mb: int, known: Known) -> Verdict:
    """The register in the 56 bits of a Comm-B reply of an aircraft of which `known` is known."""
    if mb == 0:
        return Verdict(None, 0, ("empty",))
    by_form = _identified_by_form(mb, known)
    if by_form is not None:
        return by_form
    cases = _cases(mb, known)
    if not cases:
        return Verdict(None, 0, ("unknown",))
    cases = [case for case in cases if not case.refuted]
    if known.served is not None:
        for case in cases:
            if case.register.bds not in known.served:
                case.points -= 2  # the list is of the moment: a register may come back
    if not cases:
        return Verdict(None, 0, ("contradicted",))
    cases.sort(key=lambda case: -case.points)
    best = cases[0]
    if best.points < NEEDED:
        return Verdict(None, best.points, ("weak",))
    if len(cases) > 1 and best.points - cases[1].points < LEAD:
        return Verdict(None, best.points, ("ambiguous",))
    return Verdict(best.register, best.points, tuple(best.reasons))


def _identified_by_form(mb: int, known: Known) -> Verdict | None:
    """The registers that carry their own number, and 1,7 with its 32 zeros: nothing else looks like them."""
    identifier = mb >> 48
    if identifier == 0x10 and fits_bds10(mb):
        return Verdict(decode_bds10(mb), NEEDED, ("identifier",))
    if identifier == 0x20 and fits_bds20(mb):
        identification = decode_bds20(mb)
        if known.callsign is None or known.callsign == identification.callsign:
            return Verdict(identification, NEEDED, ("identifier", "characters"))
        return Verdict(identification, NEEDED - 1, ("identifier", "characters", "another call sign"))
    if identifier == 0x30 and fits_bds30(mb):
        advisory = decode_bds30(mb)
        # one in 256 of anything begins so; an advisory is repeated while it lasts
        if mb & 0xFFFFFFFFFFFF == 0:
            return Verdict(advisory, NEEDED, ("identifier", "no advisory"))
        if known.last_30_raw == advisory.raw:
            return Verdict(advisory, NEEDED, ("identifier", "repeated"))
        if not _cases(mb, known):
            return Verdict(advisory, NEEDED - 1, ("identifier", "not repeated"))
    if fits_bds17(mb) and is_likely_bds17(mb):
        return Verdict(decode_bds17(mb), NEEDED, ("32 zeros", "a likely set"))
    return None


# Waypoints, channels and quasi-static reports: hardly an aircraft serves them.
_RARE = frozenset({"4,1", "4,2", "4,3", "4,8", "5,4", "5,5", "5,6"})
# A transponder that squits serves these together.
_SQUITTED = ("0,5", "0,6", "0,8", "0,9")


def is_likely_bds17(mb: int) -> bool:
    """Whether an aircraft is likely to serve just these registers, given that the bits have the form of BDS 1,7.

    BDS 4,0 with nothing valid but a selected altitude ends in zeros, too; as a list of registers it would be an odd one
    (or the altitude be above 46,000 ft).
    """
    registers = decode_bds17(mb).registers
    return not registers & _RARE and len({name in registers for name in _SQUITTED}) == 1


def _cases(mb: int, known: Known) -> list[_Case]:
    cases = []
    if fits_bds40(mb):
        cases.append(_case_40(decode_bds40(mb), known))
    if fits_bds50(mb):
        cases.append(_case_50(decode_bds50(mb), known))
    if fits_bds60(mb):
        cases.append(_case_60(decode_bds60(mb), known))
    # The rare ones: only when the aircraft says that it serves them, or sense alone proves them.
    if fits_bds44(mb):
        cases.append(_case_44(decode_bds44(mb), known))
    if fits_bds45(mb):
        cases.append(_case_45(decode_bds45(mb), known))
    if fits_bds53(mb):
        cases.append(_case_53(decode_bds53(mb), known))
    return cases


def _minus(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else a - b


def _between(a: float | None, b: float | None) -> float | None:
    return None if a is None or b is None else angle_between_deg(a, b)


def _case_40(register: SelectedVerticalIntention, known: Known) -> _Case:
    case = _Case(register, 1, "reserved bits")
    for altitude in (register.altitude_mcp_ft, register.altitude_fms_ft):
        if altitude is not None:
            # what is dialled is a multiple of 100 ft, sent in steps of 16
            off = abs(altitude - round(altitude / 100) * 100)
            if off <= 8:
                case.add(2, "a round altitude")
            if altitude > _HIGHEST_SELECTED_FT:
                case.refuted = True
    if register.qnh_hpa is not None:
        case.weigh(register.qnh_hpa - 1000.0, 60.0, 120.0, 1, "a possible pressure")
        case.weigh(_minus(register.qnh_hpa, known.qnh_hpa), 1.0, math.inf, 1, "the known pressure")
    if register.altitude_mcp_ft is not None:
        case.weigh(
            _minus(register.altitude_mcp_ft, known.altitude_mcp_ft), 32.0, math.inf, 2, "the known selected altitude"
        )
    return case


def _case_50(register: TrackAndTurn, known: Known) -> _Case:
    case = _Case(register, 0, "valid fields")
    slow = register.ground_speed_kt is not None and register.ground_speed_kt < 60
    case.weigh(_minus(register.ground_speed_kt, known.ground_speed_kt), 15.0, 40.0, 2, "ground speed")
    if not slow:
        case.weigh(_between(register.track_deg, known.track_deg), 10.0, 40.0, 2, "track")
    case.weigh(_minus(register.tas_kt, register.ground_speed_kt), 100.0, 200.0, 1, "airspeed near ground speed")
    if register.roll_deg is not None and register.track_rate_deg_s is not None:
        speed = register.tas_kt or register.ground_speed_kt or known.ground_speed_kt
        if speed and speed > 80:
            # a coordinated turn: g·tan(roll)/v, in °/s and kt
            rate = 1091.0 * math.tan(math.radians(register.roll_deg)) / speed
            case.weigh(rate - register.track_rate_deg_s, 0.8, math.inf, 1, "roll fits the turn")
    if register.tas_kt is not None and known.mach is not None and known.altitude_ft is not None:
        tas = true_airspeed_kt(known.mach, standard_temperature_c(known.altitude_ft))
        case.weigh(register.tas_kt - tas, 0.06 * tas, max(0.25 * tas, 60.0), 2, "airspeed fits the known Mach number")
    if not slow and known.track_deg is None:
        case.weigh(_between(register.track_deg, known.mag_heading_deg), 30.0, 90.0, 1, "track near the known heading")
    if known.last_50 is not None and register.ground_speed_kt is not None:
        last = known.last_50
        alike = (
            abs(_minus(register.ground_speed_kt, last.ground_speed_kt) or 0.0) <= 15
            and abs(_minus(register.tas_kt, last.tas_kt) or 0.0) <= 15
            and (slow or (_between(register.track_deg, last.track_deg) or 0.0) <= 25)
        )
        if alike and register.track_deg is not None and last.track_deg is not None:
            case.add(2, "like the reply before")
    return case


def _case_60(register: HeadingAndSpeed, known: Known) -> _Case:
    case = _Case(register, 0, "valid fields")
    if register.mach is not None and register.ias_kt is not None and known.altitude_ft is not None:
        expected = calibrated_airspeed_kt(register.mach, known.altitude_ft)
        # indicated is calibrated but for a few knots, and the altitude may be seconds old
        case.weigh(register.ias_kt - expected, 6.0 + 0.02 * expected, 40.0, 3, "Mach number fits airspeed")
    if known.ground_speed_kt is not None and known.ground_speed_kt > 80:
        case.weigh(_between(register.mag_heading_deg, known.track_deg), 30.0, 75.0, 1, "heading near track")
    if register.mach is not None and known.tas_kt is not None and known.altitude_ft is not None:
        tas = true_airspeed_kt(register.mach, standard_temperature_c(known.altitude_ft))
        case.weigh(known.tas_kt - tas, 0.06 * tas, max(0.25 * tas, 60.0), 2, "Mach number fits the known airspeed")
    rates = (register.vertical_rate_baro_fpm, register.vertical_rate_inertial_fpm)
    case.weigh(_minus(*rates), 500.0, 3000.0, 1, "the vertical rates agree")
    for rate in rates:
        difference = _minus(rate, known.vertical_rate_fpm)
        if difference is not None:
            case.weigh(difference, 500.0, 3000.0, 1, "the known vertical rate")
            break
    if known.last_60 is not None and register.ias_kt is not None:
        last = known.last_60
        alike = (
            abs(_minus(register.ias_kt, last.ias_kt) or 0.0) <= 15
            and abs(_minus(register.mach, last.mach) or 0.0) <= 0.03
            and (_between(register.mag_heading_deg, last.mag_heading_deg) or 0.0) <= 25
        )
        if alike and register.mag_heading_deg is not None and last.mag_heading_deg is not None:
            case.add(2, "like the reply before")
    return case


def _case_44(register: MeteorologicalReport, known: Known) -> _Case:
    served = known.served is not None and register.bds in known.served
    case = _Case(register, 2 if served else 0, "served" if served else "valid fields")
    if known.altitude_ft is None:
        case.refuted = True  # without an altitude nothing here can be checked
        return case
    case.weigh(
        _minus(register.static_air_temperature_c, standard_temperature_c(known.altitude_ft)),
        12.0,
        30.0,
        1,
        "temperature fits the altitude",
    )
    if register.static_pressure_hpa is not None:
        pressure = 1013.25 * pressure_ratio(known.altitude_ft)
        case.weigh(register.static_pressure_hpa - pressure, 10.0, 50.0, 2, "pressure fits the altitude")
    case.weigh(_minus(register.wind_speed_kt, known.wind_speed_kt), 15.0, 60.0, 1, "wind speed")
    if known.wind_speed_kt is not None and known.wind_speed_kt > 15:
        case.weigh(_between(register.wind_direction_deg, known.wind_direction_deg), 20.0, 90.0, 1, "wind direction")
    return case


def _case_45(register: HazardReport, known: Known) -> _Case:
    served = known.served is not None and register.bds in known.served
    case = _Case(register, 2 if served else 0, "served" if served else "valid fields")
    if known.altitude_ft is None:
        case.refuted = True
        return case
    case.weigh(
        _minus(register.static_air_temperature_c, standard_temperature_c(known.altitude_ft)),
        12.0,
        30.0,
        1,
        "temperature fits the altitude",
    )
    if register.static_pressure_hpa is not None:
        pressure = 1013.25 * pressure_ratio(known.altitude_ft)
        case.weigh(register.static_pressure_hpa - pressure, 10.0, 50.0, 2, "pressure fits the altitude")
    if register.radio_height_ft is not None and register.radio_height_ft > known.altitude_ft + 2000:
        case.refuted = True
    return case


def _case_53(register: AirReferencedState, known: Known) -> _Case:
    served = known.served is not None and register.bds in known.served
    case = _Case(register, 2 if served else 0, "served" if served else "valid fields")
    if known.altitude_ft is None or register.mach is None or register.ias_kt is None or register.tas_kt is None:
        case.refuted = True
        return case
    expected = calibrated_airspeed_kt(register.mach, known.altitude_ft)
    case.weigh(register.ias_kt - expected, 8.0 + 0.02 * expected, 30.0, 2, "Mach number fits airspeed")
    tas = true_airspeed_kt(register.mach, standard_temperature_c(known.altitude_ft))
    case.weigh(register.tas_kt - tas, 0.06 * tas, 0.12 * tas, 2, "Mach number fits true airspeed")
    case.weigh(_minus(register.vertical_rate_baro_fpm, known.vertical_rate_fpm), 800.0, 4000.0, 1, "vertical rate")
    if known.ground_speed_kt is not None and known.ground_speed_kt > 80:
        case.weigh(_between(register.mag_heading_deg, known.track_deg), 30.0, 75.0, 1, "heading near track")
    return case
