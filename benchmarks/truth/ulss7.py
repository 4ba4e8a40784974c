"""`ulss7`: a dense minute near an airport, decoded by dump1090 (text and SBS)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.truth.tally import Comparison, apart_m, lines, said
from receiver.decode import Decoder
from receiver.sources.files.frame_file import FrameFile
from receiver.tracking import Sighting, Station, Tracker
from receiver.wire.copies import Copies
from receiver.wire.frame import Frame

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
