"""`flight_393322`: one airliner from gate to gate, decoded by jet1090."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from benchmarks.truth.tally import Comparison, apart_m, lines, pymodes_register, said
from receiver.decode import Decoder
from receiver.decode.registers.bds40 import SelectedVerticalIntention
from receiver.decode.registers.bds50 import TrackAndTurn
from receiver.decode.registers.bds60 import HeadingAndSpeed
from receiver.earth import angle_between_deg
from receiver.tracking import Sighting, Station, Tracker, TrackingLimits
from receiver.wire.frame import Frame

FLIGHT_STATION = Station(49.01, 2.55)  # the aerodrome that it left


def flight(truth: Path) -> Comparison:
    """`flight_393322` against jet1090."""
    out, decoder = Comparison(), Decoder()
    tracker = Tracker(FLIGHT_STATION, TrackingLimits(max_range_nmi=1000.0))
    velocity: tuple[float, float, float] | None = None  # time, speed, track as broadcast lately
    for line in lines(truth / "flight_393322.jsonl.gz"):
        row = json.loads(line)
        # the recorder left seven bytes of something else behind each short frame
        data = bytes.fromhex(row["frame"])[: 7 if int(row["df"]) < 16 else 14]
        now, where, kind = row["timestamp"], data.hex(), row.get("bds")
        message = decoder.decode(Frame(data, now))
        sighting = tracker.update(message) if message is not None else None
        out.put("address", sighting is not None and sighting.icao == row["icao24"], where)
        df = int(row["df"])
        stranger = _is_stranger(data)
        if df in (0, 4, 16, 20) or kind == "05":
            out.value("altitude", said(sighting, "altitude_baro_ft"), row["altitude"], where, 0, stranger)
        if df in (5, 21):
            out.value("squawk", said(sighting, "squawk"), row["squawk"], where, 0, stranger)
        if df == 17:
            if kind == "08":
                out.value("call sign", said(sighting, "callsign"), row["callsign"].strip(), where)
            elif kind == "09":
                _flight_velocity(out, row, sighting, where)
                velocity = (now, row["groundspeed"], row["track"])
            elif kind == "06":
                ours, theirs = said(sighting, "ground_speed_kt"), row["groundspeed"]
                out.value("speed on the ground", ours, theirs, where, 0.01, _coarse_movement(ours, theirs))
                out.value("track on the ground", said(sighting, "track_deg"), row["track"], where, 0.01)
            if kind in ("05", "06") and row["latitude"] is not None:
                far = apart_m(sighting, now, row["latitude"], row["longitude"])
                alone = "half a position, nothing before it" if tracker.statistics.positions["global"] == 0 else None
                out.put("position", far is not None and far < 1.0, f"{where}: {far} m", alone)
        if df in (20, 21) and sighting is not None:
            _flight_comm_b(out, row, sighting, data, velocity)
    return out


def _flight_velocity(out: Comparison, row: dict[str, Any], sighting: Sighting | None, where: str) -> None:
    out.value("ground speed", said(sighting, "ground_speed_kt"), row["groundspeed"], where, 0.01)
    out.value("track", said(sighting, "track_deg"), row["track"], where, 0.01)
    rates = [
        value
        for name in ("vertical_rate_baro_fpm", "vertical_rate_geom_fpm")
        if (value := said(sighting, name)) is not None
    ]
    # which of the two it is, they disagree about throughout; see the decision record
    out.value("vertical rate", rates[0] if len(rates) == 1 else None, row["vertical_rate"], where)


def _coarse_movement(ours: float | None, theirs: float) -> str | None:
    """2 to 15 kt go in steps of 0.5 kt (DO-260B, movement field); jet1090 takes steps of 0.25."""
    if ours is not None and 2.0 <= ours < 15.0 and abs(theirs - (2.0 + (ours - 2.0) / 2.0)) < 0.01:
        return "jet1090 halves the steps between 2 and 15 kt"
    return None


# One by one in the decision record: altitude or squawk are not this aircraft's, and neither is the head of the reply.
_STRANGERS = frozenset({
    "222f8b187fa62d", "a1af591683bb6f178aabb7192106", "27c4ab71657293", "afb921a79a54822501c02aa5d9b9",
    "20156e7bb52345", "2393a50a156d2c",
})  # fmt: skip


def _is_stranger(data: bytes) -> str | None:
    if data.hex() in _STRANGERS:
        return "a damaged reply whose parity happens to give this address"
    return None


def _flight_comm_b(
    out: Comparison, row: dict[str, Any], sighting: Sighting, data: bytes, velocity: tuple[float, float, float] | None
) -> None:
    assert sighting.comm_b is not None
    register, mb, where = sighting.comm_b.register, int.from_bytes(data[4:11], "big"), data.hex()
    theirs = row.get("bds")
    ours = None if register is None else register.bds.replace(",", "")
    second = pymodes_register(data)
    if theirs is not None and theirs == second:
        out.put("Comm-B on which both agree, found", ours == theirs, where, "too few points" if ours is None else None)
    if ours is None:
        return
    if theirs is not None:
        fits = isinstance(register, TrackAndTurn) and _fits_broadcast(register, velocity, row["timestamp"])
        out.put("Comm-B register", ours == theirs, f"{where}: {ours} against {theirs}",
                "track and speed are those of the broadcast" if fits else None)  # fmt: skip
        if ours == theirs:
            _comm_b_values(out, register, row, where)
    elif isinstance(register, TrackAndTurn):
        out.put("Comm-B register of ours only", _fits_broadcast(register, velocity, row["timestamp"]), f"{where}: 50")
    else:
        out.put("Comm-B register of ours only", False, f"{where}: {ours} of {mb:014x}")


def _fits_broadcast(register: TrackAndTurn, velocity: tuple[float, float, float] | None, now: float) -> bool:
    return (
        velocity is not None
        and now - velocity[0] < 15.0
        and register.ground_speed_kt is not None
        and register.track_deg is not None
        and abs(register.ground_speed_kt - velocity[1]) <= 12.0
        and angle_between_deg(register.track_deg, velocity[2]) <= 8.0
    )


def _comm_b_values(out: Comparison, register: Any, row: dict[str, Any], where: str) -> None:
    pairs: list[tuple[str, Any, Any, float]] = []
    match register:
        case HeadingAndSpeed():
            pairs = [
                ("heading", register.mag_heading_deg, row.get("heading"), 0.01),
                ("IAS", register.ias_kt, row.get("IAS"), 0),
                ("Mach", register.mach, row.get("Mach"), 0.0005),
                ("vertical rate", register.vertical_rate_baro_fpm, row.get("vrate_barometric"), 0),
                ("inertial rate", register.vertical_rate_inertial_fpm, row.get("vrate_inertial"), 0),
            ]
        case TrackAndTurn():
            pairs = [
                ("roll", register.roll_deg, row.get("roll"), 0.01),
                ("track", register.track_deg, row.get("track"), 0.01),
                ("ground speed", register.ground_speed_kt, row.get("groundspeed"), 0),
                ("rate of turn", register.track_rate_deg_s, row.get("track_rate"), 0.01),
                ("TAS", register.tas_kt, row.get("TAS"), 0),
            ]
        case SelectedVerticalIntention():
            pairs = [
                ("selected altitude", register.altitude_mcp_ft, row.get("selected_mcp"), 8),
                ("pressure setting", register.qnh_hpa, row.get("barometric_setting"), 0.5),
            ]
    for name, ours, theirs, tolerance in pairs:
        out.value(f"Comm-B {name}", ours, theirs, where, tolerance, _all_ones(name, ours, theirs))
    if "callsign" in row:
        out.value("Comm-B call sign", getattr(register, "callsign", None), row["callsign"].strip(), where)


def _all_ones(name: str, ours: Any, theirs: Any) -> str | None:
    """Minus one in two's complement."""
    if name in ("vertical rate", "inertial rate") and (ours, theirs) == (-32, 0):
        return "jet1090 reads all ones as 0, not as -1 step"
    return None
