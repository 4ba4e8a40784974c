"""AVR: a frame a line in hex, `*8D4840D6202CC371C32CE0576098;`, or `@`, 12 digits of a 12 MHz counter and the frame.

A log may have put the time of arrival before it, with a space, a comma or a tab between: UTC in seconds (also in
thousandths or millionths) since 1970, or as ISO 8601 (`2026-01-31T12:00:00.250Z *8D…;`). Some write nothing but the hex
digits, without the marks around them.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from receiver.record import record
from receiver.wire.beast import level_dbfs
from receiver.wire.frame import Frame, own_bytes

LINE_LIMIT = 256
# dump1090 and readsb also know `<` (counter, signal byte, frame) and `%`, `:` for the same things
_TIME = rb"\s*(?:([-0-9T:.+Z ]{8,40}?)[ ,\t]+)?"
_LINE = re.compile(_TIME + rb"(?:[*:]|@([0-9A-Fa-f]{12})|%([0-9A-Fa-f]{12})|<([0-9A-Fa-f]{12})([0-9A-Fa-f]{2}))"
                   rb"([0-9A-Fa-f]{28}|[0-9A-Fa-f]{14}|[0-9A-Fa-f]{4});\s*\Z")  # fmt: skip
_BARE_LINE = re.compile(_TIME + rb"()()()()([0-9A-Fa-f]{28}|[0-9A-Fa-f]{14})\s*\Z")


@record
class AvrFrame:
    """One line. `counter` is None when it has none, `signal` (0–255) and `utc_s`, the time of a log, likewise."""

    data: bytes
    counter: int | None
    signal: int | None = None
    utc_s: float | None = None
    receiver_id: int | None = None  # as `BeastFrame` has it; AVR has none

    @property
    def signal_dbfs(self) -> float | None:
        """Power, or None when it is not known."""
        return level_dbfs(self.signal)


def parse_avr_line(line: bytes) -> AvrFrame | None:
    """The frame of a line, or None when the line is none."""
    match = _LINE.match(line) or _BARE_LINE.match(line)
    if match is None:
        return None
    utc_s = None if match[1] is None else _utc(match[1].decode())
    if match[1] is not None and utc_s is None:
        return None
    counter = match[2] or match[3] or match[4]
    return AvrFrame(
        own_bytes(bytes.fromhex(match[6].decode())),
        int(counter, 16) if counter else None,
        int(match[5], 16) if match[5] else None,
        utc_s,
    )


def _utc(text: str) -> float | None:
    """A time of a log: seconds since 1970, thousandths or millionths of them (told apart by their size, for the years
    1973 to 5138), or ISO 8601, without a zone UTC."""
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        return next((number / unit for unit in (1.0, 1e3, 1e6, 1e9) if 0.0 <= number < 1e11 * unit), None)
    try:
        at = datetime.fromisoformat(text.strip())
        utc_s = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):  # the second: a zone that leads out of the years 1 to 9999
        return None
    return utc_s if utc_s >= 0.0 else None


class AvrReader:
    """Takes a stream of bytes in pieces of any size and gives the frames in it.

    Attributes
    ----------
    skipped_lines
        Lines that were no frame, and what was too long to be one.
    """

    def __init__(self) -> None:
        self.skipped_lines = 0
        self._buffer = b""

    def feed(self, data: bytes) -> list[AvrFrame]:
        """Frames that are complete now, oldest first."""
        *lines, self._buffer = re.split(rb"(?<=;)|\n", self._buffer + data)
        if len(self._buffer) > LINE_LIMIT:
            self._buffer = b""
            self.skipped_lines += 1
        found = []
        for line in lines:
            if not line.strip():
                continue
            frame = parse_avr_line(line)
            if frame is None:
                self.skipped_lines += 1
            else:
                found.append(frame)
        return found


def frame_to_avr(frame: Frame, *, with_counter: bool = False) -> str:
    """A frame as a line without its end."""
    if with_counter:
        return f"@{frame.counter_12mhz:012X}{frame.hex};"
    return f"*{frame.hex};"
