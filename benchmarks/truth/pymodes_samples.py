"""Three samples of pyModeS: addresses and type codes, registers, values of registers."""

from __future__ import annotations

import csv
import datetime
import math
from pathlib import Path
from typing import Any

from benchmarks.fuzzed_frames import with_parity
from benchmarks.truth.tally import Comparison, lines, pymodes_register
from receiver.decode import Decoder
from receiver.decode.altitude import altitude_from_code_13
from receiver.decode.registers.bds40 import SelectedVerticalIntention
from receiver.decode.registers.bds50 import TrackAndTurn, decode_bds50, fits_bds50
from receiver.decode.registers.bds60 import HeadingAndSpeed, decode_bds60
from receiver.tracking import Sighting, Tracker
from receiver.tracking.air_data import calibrated_airspeed_kt
from receiver.wire.frame import Frame


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
        theirs = pymodes_register(data)
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
        if label == pymodes_register(data):
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
