"""What decoder and tracker say of real messages, held to what other decoders said of the same.

    python -m benchmarks.decode_truth [--truth ../shared/truth] [--disagreements]

Sources: `flight_393322` (jet1090), `ulss7` (dump1090's text and SBS), three samples of pyModeS (addresses, labels of
registers and their values). Each value that the other decoder gives for a message is compared with what the tracker says right after that
message, if that message set it. A second decoder is an opinion: what differs is sorted by named, checkable reasons
(docs/decisions/0045-the-second-decoder.md), and anything without a reason is printed.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import gzip
import json
import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyModeS

from benchmarks.fuzzed_frames import with_parity
from receiver.decode import Decoder
from receiver.decode.altitude import altitude_from_code_13
from receiver.decode.registers.bds40 import SelectedVerticalIntention
from receiver.decode.registers.bds50 import TrackAndTurn, decode_bds50, fits_bds50
from receiver.decode.registers.bds60 import HeadingAndSpeed, decode_bds60
from receiver.earth import angle_between_deg, distance_nmi
from receiver.sources.files.frame_file import FrameFile
from receiver.tracking import Sighting, Station, Tracker, TrackingLimits
from receiver.tracking.air_data import calibrated_airspeed_kt
from receiver.wire.copies import Copies
from receiver.wire.frame import Frame

METRES_PER_NMI = 1852.0
GOAL = 0.999
COMM_B_GOAL = 0.95


@dataclass(slots=True)
class Tally:
    """One quantity: how often it was compared and agreed, why it did not, and what is left."""

    compared: int = 0
    agreed: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[str] = field(default_factory=list)

    @property
    def share(self) -> float:
        """Of those compared, how many agree."""
        return self.agreed / self.compared if self.compared else 1.0


class Comparison:
    """The tallies of one source, by quantity."""

    def __init__(self) -> None:
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)

    def put(self, name: str, agrees: bool, what: str, reason: str | None = None) -> None:
        """Count one comparison; with `reason` when it is known why the two disagree."""
        tally = self.tallies[name]
        tally.compared += 1
        if agrees:
            tally.agreed += 1
        elif reason is not None:
            tally.explained[reason] += 1
        else:
            tally.unexplained.append(what)

    def value(
        self, name: str, ours: Any, theirs: Any, where: str, tolerance: float = 0.0, reason: str | None = None
    ) -> None:
        """Compare one value that the other decoder gives (nothing when it gives none)."""
        if theirs is None:
            return
        inexact = ours is not None and not isinstance(theirs, str)
        agrees = abs(ours - theirs) <= tolerance if inexact else ours == theirs
        self.put(name, agrees, f"{where}: {ours} against {theirs}", reason)


def said(sighting: Sighting | None, name: str) -> Any:
    """A value, if this very message said it and nothing contradicts it."""
    return sighting.said_of(name) if sighting is not None else None


def apart_m(sighting: Sighting | None, now: float, latitude: float, longitude: float) -> float | None:
    """How far the position that this message set is from another; None when it set none."""
    position = said(sighting, "position")
    if position is None:
        return None
    return METRES_PER_NMI * distance_nmi(position.latitude_deg, position.longitude_deg, latitude, longitude)


def lines(path: Path) -> Iterator[str]:
    """The lines of a gzipped text."""
    with gzip.open(path, "rt", encoding="utf-8-sig", errors="replace") as file:
        yield from file


# --- one airliner, decoded by jet1090 ---------------------------------------------------------------------------------

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
    second = _pymodes(data)
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


def _pymodes(data: bytes) -> str | None:
    bds = pyModeS.decode(data.hex().upper()).get("bds")
    return None if bds is None else str(bds).replace(",", "")


# --- a dense minute near an airport, decoded by dump1090 ------------------------------------------------------------

BEAST_START_S = 1_522_782_148.0
ULSS7_STATION = Station(59.8, 30.3)


def ulss7(truth: Path) -> Comparison:
    """`ulss7` against dump1090's text and SBS of the same frames."""
    out, decoder, tracker = Comparison(), Decoder(), Tracker(ULSS7_STATION)
    file = FrameFile(str(truth / "beast/ulss7_1522782148.beast"), BEAST_START_S, keep_copies=True)
    frames = [frame for piece in file.frames() for frame in piece if len(frame.data) > 2]
    copies = Copies()
    blocks = _dump1090_blocks(truth / "beast/ulss7_decoded_dump1090.txt.gz")
    rows = _sbs_rows(truth / "beast/ulss7_decoded_sbs.txt.gz")
    block: dict[str, str] | None = next(blocks)
    row = next(rows, None)
    aligned = 0
    for frame in frames:
        # half of the file: dump1090 decoded each as if it were another message
        is_copy = copies.is_copy(frame.data, frame.counter_12mhz)
        message = None if is_copy else decoder.decode(frame)
        sighting = tracker.update(message) if message is not None else None
        if block is None or frame.data.hex() != block["hex"]:
            continue  # dump1090 gave nothing for it
        aligned += 1
        reason = "the address is not believed yet" if sighting is None else None
        if not is_copy:
            _against_text(out, block, sighting, frame, reason)
        moment = block["Realtime UTC"].split()[-1]
        if row is not None and (row[4].lower(), row[7]) == (block["ICAO Address"][:6].lower(), moment):
            if not is_copy:
                _against_sbs(out, row, sighting, frame, reason)
            row = next(rows, None)
        block = next(blocks, None)
    out.put("all of the text was met", block is None, f"{aligned} frames")
    out.put("all of the SBS was met", row is None, str(row))
    return out


def _dump1090_blocks(path: Path) -> Iterator[dict[str, str]]:
    block: dict[str, str] = {}
    for line in lines(path):
        if line.startswith("*"):
            if block:
                yield block
            block = {"hex": line[1:].strip().rstrip(";")}
        elif ":" in line:
            key, text = line.split(":", 1)
            block[key.strip()] = text.strip()
    if block:
        yield block


def _sbs_rows(path: Path) -> Iterator[list[str]]:
    for line in lines(path):
        if line.startswith("MSG,"):
            yield line.rstrip("\r\n").split(",")


def _number(text: str | None) -> float | None:
    return float(text.split()[0]) if text else None


def _whole(value: float | None) -> int | None:
    """As dump1090 writes it: cut off."""
    return None if value is None else int(value + 1e-6)


def _rounded_track(value: float | None) -> int | None:
    """As dump1090 writes it: from -180 to 180, half a degree added, cut off towards 0, and then made positive."""
    return None if value is None else int((value if value <= 180.0 else value - 360.0) + 0.5) % 360


def _against_text(
    out: Comparison, block: dict[str, str], sighting: Sighting | None, frame: Frame, reason: str | None
) -> None:
    now, where = frame.time_s, frame.hex
    out.put("address", sighting is not None and sighting.icao == block["ICAO Address"][:6].lower(), where, reason)
    altitude = block.get("Altitude", "")
    if altitude.endswith("barometric"):
        out.value("altitude", said(sighting, "altitude_baro_ft"), _number(altitude), where, 0, reason)
    out.value("squawk", said(sighting, "squawk"), block.get("Squawk"), where, 0, reason)
    if "Ident" in block:
        callsign = block["Ident"].strip()
        ours = said(sighting, "callsign")
        if callsign and frame.df == 17:
            out.value("call sign", ours, callsign, where, 0, reason)
        elif callsign and sighting is not None and sighting.comm_b is not None:
            out.value("Comm-B call sign", getattr(sighting.comm_b.register, "callsign", None), callsign, where)
    out.value("category", said(sighting, "category"), block.get("Category"), where, 0, reason)
    if "Speed" in block and frame.df == 17:
        out.value("ground speed", _whole(said(sighting, "ground_speed_kt")), _number(block["Speed"]), where, 0, reason)
        track = _rounded_track(said(sighting, "track_deg"))
        out.value("track", track, _number(block["Heading"]), where, 0, reason)
        rates = said(sighting, "vertical_rate_baro_fpm"), said(sighting, "vertical_rate_geom_fpm")
        ours = rates[0] if rates[0] is not None else rates[1]
        out.value("vertical rate", ours, _number(block["Vertical rate"]), where, 0, reason)
    if "(" in block.get("CPR latitude", "("):
        latitude, longitude = block.get("CPR latitude", "("), block.get("CPR longitude", "(")
        if not latitude.startswith("("):
            far = apart_m(sighting, now, float(latitude.split()[0]), float(longitude.split()[0]))
            out.put("position", far is not None and far < 2.0, f"{where}: {far} m", reason)
    if "Target altitude" in block:
        kind, text = block["Target altitude"].split(", ")
        name = "nav_altitude_mcp_ft" if kind == "MCP" else "nav_altitude_fms_ft"
        out.value("selected altitude", said(sighting, name), _number(text), where)
        out.value("pressure setting", said(sighting, "nav_qnh_hpa"), _number(block["Altimeter setting"]), where, 0.06)
        out.value("selected heading", _whole(said(sighting, "nav_heading_deg")), _number(block.get("Target heading")), where)  # fmt: skip
    for key, name in (("NACp", "nac_p"), ("SIL", "sil"), ("NICbaro", "nic_baro"), ("Version", "adsb_version"), ("GVA", "gva")):  # fmt: skip
        if key in block:
            out.value(key, said(sighting, name), _number(block[key]), where, 0, reason)


def _against_sbs(out: Comparison, row: list[str], sighting: Sighting | None, frame: Frame, reason: str | None) -> None:
    now, where = frame.time_s, frame.hex
    if frame.df == 17:
        out.value("SBS call sign", said(sighting, "callsign"), row[10].strip() or None, where, 0, reason)
    out.value("SBS altitude", said(sighting, "altitude_baro_ft"), _number(row[11]), where, 0, reason)
    out.value("SBS ground speed", _whole(said(sighting, "ground_speed_kt")), _number(row[12]), where, 0, reason)
    out.value("SBS track", _rounded_track(said(sighting, "track_deg")), _number(row[13]), where, 0, reason)
    if row[14]:
        far = apart_m(sighting, now, float(row[14]), float(row[15]))
        out.put("SBS position", far is not None and far < 2.0, f"{where}: {far} m", reason)
    out.value("SBS squawk", said(sighting, "squawk"), row[17] or None, where, 0, reason)


# --- samples of pyModeS -----------------------------------------------------------------------------------------------


class _Known:
    """A tracker that believes every address: two clean all-call replies go before the first message of each."""

    def __init__(self) -> None:
        self.decoder, self.tracker = Decoder(), Tracker()
        self._met: set[str] = set()

    def hear(self, data: bytes, now: float) -> Sighting | None:
        message = self.decoder.decode(Frame(data, now))
        if message is None:
            return None
        if message.icao not in self._met:
            self._met.add(message.icao)
            for before_s in (1.0, 0.5):
                frame = Frame(with_parity(b"\x5d" + bytes.fromhex(message.icao)), now - before_s)
                hello = self.decoder.decode(frame)
                assert hello is not None
                self.tracker.update(hello)
        return self.tracker.update(message)


def adsb_sample(truth: Path) -> Comparison:
    """2,000 extended squitters: address and type code."""
    out, decoder = Comparison(), Decoder()
    for row in csv.reader(lines(truth / "modes/sample_data_adsb.csv.gz")):
        message = decoder.decode(Frame(bytes.fromhex(row[1]), float(row[0])))
        out.put("address", message is not None and message.icao == row[2].lower(), row[1])
        out.put("type code", getattr(message, "type_code", None) == int(row[3]), row[1])
    return out


# Parity leaves an address that differs from the one asked in a few bits: 9cc565 for 4ca565, 4c8fe7 for 4cace7, f20493
# for 780493.
_DAMAGED = frozenset({"A03F40002EC423613A3527BE77D1", "A000009CC6500030AA0000E16CC9", "A6FAA2A000161DB2C80030A40000"})


def comm_b_sample(truth: Path) -> Comparison:
    """5,000 DF20 of many aircraft, each heard now and then: address; registers against pyModeS 3."""
    out, known = Comparison(), _Known()
    for row in csv.reader(lines(truth / "modes/sample_data_commb_df20.csv.gz")):
        data = bytes.fromhex(row[2])
        sighting = known.hear(data, float(row[0]))
        damaged = "damaged: parity leaves another address" if row[2] in _DAMAGED else None
        out.put("address", sighting is not None and sighting.icao == row[1].lower(), row[2], damaged)
        verdict = None if sighting is None else sighting.comm_b
        theirs = _pymodes(data)
        if theirs is not None and verdict is not None and verdict.bds is not None:
            ours = verdict.bds.replace(",", "")
            out.put("Comm-B register against pyModeS", ours == theirs, f"{row[2]}: {ours} against {theirs}",
                    _why_not(ours, theirs, data))  # fmt: skip
    return out


def ehs_sample(truth: Path) -> Comparison:
    """2,000 DF20 with the register and the values that a decoder of 2016 read out of them."""
    out, known = Comparison(), _Known()
    for day, clock, text, address, said_then in csv.reader(lines(truth / "modes/sample_data_ehs_df20_history.csv.gz")):
        now = datetime.datetime.fromisoformat(f"{day}T{clock}+00:00").timestamp()
        data = bytes.fromhex(text)
        sighting = known.hear(data, now)
        out.put("address", sighting is not None and sighting.icao == address.lower(), text)
        words = said_then.split()
        label = next((word[3:] for word in words if word.startswith("BDS")), None)
        if sighting is None or sighting.comm_b is None or label is None:
            continue
        given = dict(zip(*[iter([word for word in words if not word.startswith("BDS")])] * 2, strict=False))
        register = sighting.comm_b.register
        ours = None if register is None else register.bds.replace(",", "")
        if label == _pymodes(data):
            reason = "too few points" if ours is None else _why_not(ours, label, data)
            out.put("Comm-B on which both agree, found", ours == label, text, reason)
        if ours is None:
            continue
        out.put("Comm-B register", ours == label, f"{text}: {ours} against {label}", _why_not(ours, label, data))
        if ours == label:
            _ehs_values(out, register, given, text)
    return out


def _why_not(ours: str, theirs: str, data: bytes) -> str | None:
    """Why a register can be ours and cannot be theirs."""
    mb = int.from_bytes(data[4:11], "big")
    if theirs == "40" and (mb >> 43 & 0xFFF) * 16 > 50_000:
        return "as 4,0 the selected altitude would be above 50,000 ft"
    if (ours, theirs) == ("40", "17"):
        return "a list of registers that no aircraft serves; as 4,0 a round altitude"
    if (ours, theirs) == ("60", "50"):
        if not fits_bds50(mb):
            return "5,0 is impossible: values in fields that are not valid, or speeds that do not exist"
        turn, heading = decode_bds50(mb), decode_bds60(mb)
        altitude = altitude_from_code_13((data[2] & 0x1F) << 8 | data[3])
        if altitude is not None and heading.mach is not None and heading.ias_kt is not None:
            off = calibrated_airspeed_kt(heading.mach, altitude) - heading.ias_kt
            if abs(off) < 2.0 and (turn.tas_kt is None or not _turns_as_it_banks(turn)):
                return "as 6,0 Mach number and airspeed agree within 2 kt; as 5,0 no airspeed, or a bank that does not fit the turn"
    return None


def _turns_as_it_banks(turn: TrackAndTurn) -> bool:
    if turn.roll_deg is None or turn.track_rate_deg_s is None or not turn.tas_kt:
        return True
    return abs(1091.0 * math.tan(math.radians(turn.roll_deg)) / turn.tas_kt - turn.track_rate_deg_s) < 0.5


def _cut(angle: float | None) -> int | None:
    """As the decoder of 2016 wrote angles: from -180 to 180, cut off towards 0, and then made positive."""
    return None if angle is None else int(angle if angle <= 180.0 else angle - 360.0) % 360


def _ehs_values(out: Comparison, register: Any, given: dict[str, str], where: str) -> None:
    pairs: list[tuple[str, str, float | str | None, float]] = []
    match register:
        case HeadingAndSpeed():
            mach = None if register.mach is None else register.mach * 1000
            pairs = [("IAS", "IAS", register.ias_kt, 0.6), ("Mach", "MACH", mach, 0.6),
                     ("heading", "HDG", _cut(register.mag_heading_deg), 0)]  # fmt: skip
        case TrackAndTurn():
            pairs = [("track", "TT", _cut(register.track_deg), 0), ("rate of turn", "TR", register.track_rate_deg_s, 0.01),
                     ("TAS", "TAS", register.tas_kt, 0.6), ("roll", "RA", register.roll_deg, 0.01)]  # fmt: skip
        case SelectedVerticalIntention():
            mcp, fms = register.altitude_mcp_ft, register.altitude_fms_ft
            pairs = [("selected altitude", "MCP", None if mcp is None else (mcp + 8) // 100, 0),
                     ("FMS altitude", "FMS", None if fms is None else (fms + 8) // 100, 1),
                     ("pressure setting", "QNH", register.qnh_hpa, 0.6)]  # fmt: skip
    for name, key, ours, tolerance in pairs:
        if key in given:
            unavailable = name == "rate of turn" and ours is None and float(given[key]) == -0.03125
            out.value(f"Comm-B {name}", ours, float(given[key]), where, tolerance,
                      "all ones, which is not available" if unavailable else None)  # fmt: skip
    if "CALLSIGN" in given:
        out.value("Comm-B call sign", getattr(register, "callsign", None), given["CALLSIGN"], where)


SOURCES: dict[str, Callable[[Path], Comparison]] = {
    "flight_393322": flight,
    "ulss7": ulss7,
    "pyModeS, ADS-B": adsb_sample,
    "pyModeS, Comm-B": comm_b_sample,
    "pyModeS, EHS of 2016": ehs_sample,
}


def main(argv: Iterable[str] | None = None) -> None:
    """Compare and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--truth", type=Path, default=Path("../shared/truth"))
    parser.add_argument("--disagreements", action="store_true", help="print every one that has no reason")
    arguments = parser.parse_args(None if argv is None else list(argv))
    for title, compare in SOURCES.items():
        print(f"\n| {title} | compared | agree | | differ, explained | without a reason |\n|---|---|---|---|---|---|")
        left = []
        for name, tally in compare(arguments.truth).tallies.items():
            reasons = "; ".join(f"{reason} {count:,}" for reason, count in tally.explained.items())
            print(
                f"| {name} | {tally.compared:,} | {tally.agreed:,} | {100 * tally.share:.2f} % | {reasons} | {len(tally.unexplained)} |"
            )
            left += [f"{name}: {what}" for what in tally.unexplained]
        if arguments.disagreements and left:
            print("\n" + "\n".join(left))


if __name__ == "__main__":
    main()
