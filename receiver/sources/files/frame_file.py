"""Files of frames: Beast (`.beast`) and AVR (`.avr`, `.txt`), with their own times where they have any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from receiver.errors import SquitterError
from receiver.sources.files.frame_times import READ_AHEAD, FrameTimes, Moment, Stamp
from receiver.sources.files.packed import PACKED, UNPACK_ERRORS, unpacked
from receiver.wire.avr import AvrFrame, AvrReader
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK, BeastFrame, BeastReader
from receiver.wire.copies import Copies, Ways
from receiver.wire.counter import MLAT_COUNTER
from receiver.wire.frame import ANY_RECEIVER, Frame

SUFFIXES = (".beast", ".avr", ".txt")
CHUNK = 65_536


def is_frame_file(path: str) -> bool:
    """Whether a file holds frames rather than samples, by its name."""
    return plain_name(path).endswith(SUFFIXES)


def plain_name(path: str) -> str:
    """The name in lower case, without what says how it is packed."""
    return PACKED.sub("", path.lower())


class FrameFile:
    """The frames of a file, oldest first.

    Parameters
    ----------
    path
        By its suffix Beast or AVR.
    start_utc_s
        UTC of the first frame. None: what the lines of a log say, else 0.
    rate_hint_hz
        Frames a second, for files without times; None: their order is all that is known.
    keep_copies
        Give exact copies, too.

    Attributes
    ----------
    copies
        Frames that were dropped because the same, with the same counter, came before.
    times
        What is known of the times; see `FrameTimes`.
    """

    kind = "frames"

    def __init__(
        self,
        path: str,
        start_utc_s: float | None = None,
        rate_hint_hz: float | None = None,
        keep_copies: bool = False,
    ) -> None:
        self.name = path
        self._keep_copies = keep_copies
        file = Path(path)
        if file.is_dir():
            raise SquitterError(f"{path}: is a directory, expected a file of frames")
        try:
            self.size_bytes = file.stat().st_size
            self._raw: BinaryIO = file.open("rb")
        except OSError as error:
            raise SquitterError(f"{path}: {error.strerror}") from None
        self._stream = unpacked(self._raw, path.lower())
        self.times = FrameTimes(rate_hint_hz)
        self._copies = Copies()
        self._ways = Ways()
        self._reader: BeastReader | AvrReader = BeastReader() if plain_name(path).endswith(".beast") else AvrReader()
        self.copies = 0
        self._head: list[tuple[BeastFrame | AvrFrame, Stamp]] = []
        self._first_utc_s = self._logged_start()
        self.start_utc_s = start_utc_s if start_utc_s is not None else (self._first_utc_s or 0.0)

    def position_bytes(self) -> int:
        """How much has been read, for a progress bar."""
        return self._raw.tell() if not self._raw.closed else self.size_bytes

    def frames(self) -> Iterator[list[Frame]]:
        """Yield lists of frames.

        Raises
        ------
        SquitterError
            There is not a single frame in the file, or it cannot be unpacked.
        """
        count = 0
        with self._raw, self._stream as stream:
            waiting, self._head = self._head, []
            try:
                while data := stream.read(CHUNK):
                    waiting += self._read(data)
                    if len(waiting) > READ_AHEAD:
                        yield self._frames(waiting[:-READ_AHEAD], waiting[-READ_AHEAD:])
                        count += len(waiting) - READ_AHEAD
                        waiting = waiting[-READ_AHEAD:]
            except UNPACK_ERRORS as error:
                raise SquitterError(f"{self.name}: cannot be unpacked to its end: {error}") from None
            except OSError as error:
                raise SquitterError(f"{self.name}: {error.strerror or error}") from None
            if isinstance(self._reader, AvrReader):
                waiting += self._read(b"\n")  # the last line may have no end
            count += len(waiting)
            yield self._frames(waiting, ())
        if not count:
            raise SquitterError(f"{self.name}: no frames in it, expected {self._expected()}")

    def _expected(self) -> str:
        if isinstance(self._reader, BeastReader):
            return f"Beast by its suffix; {self._reader.skipped_bytes:,} bytes belong to none (AVR files end in .avr or .txt)"
        return f"AVR by its suffix, as *8D4840D6202CC371C32CE0576098; {self._reader.skipped_lines:,} lines are none"

    def _logged_start(self) -> float | None:
        """The time on the first line of a log that has times."""
        if isinstance(self._reader, BeastReader):
            return None
        try:
            self._head = self._read(self._stream.read(CHUNK))
        except (OSError, *UNPACK_ERRORS):
            return None  # `frames` says so
        return next((stamp.utc_s for _, stamp in self._head if stamp.utc_s is not None), None)

    def _read(self, data: bytes) -> list[tuple[BeastFrame | AvrFrame, Stamp]]:
        is_copy = self._copies.is_copy
        return [
            (
                one,
                Stamp(
                    one.counter,
                    one.receiver_id,
                    one.utc_s if isinstance(one, AvrFrame) else None,
                    is_copy(one.data, one.counter),
                ),
            )
            for one in self._reader.feed(data)
        ]

    def _frames(
        self,
        found: Sequence[tuple[BeastFrame | AvrFrame, Stamp]],
        ahead: Sequence[tuple[BeastFrame | AvrFrame, Stamp]],
    ) -> list[Frame]:
        moments = self.times.of([stamp for _, stamp in found], [stamp for _, stamp in ahead])
        frames = []
        for (one, stamp), moment in zip(found, moments, strict=True):
            if stamp.again and moment.timed:
                self.copies += 1
                if not self._keep_copies:
                    continue
            frames.append(self._frame(one, moment))
        return frames

    def _frame(self, one: BeastFrame | AvrFrame, moment: Moment) -> Frame:
        since_s = moment.time_s - (self._first_utc_s or 0.0)
        several = one.receiver_id is None and moment.timed and self._ways.are_several(one.data, moment.time_s)
        return Frame(
            one.data,
            self.start_utc_s + since_s,
            round(since_s * COUNTER_HZ) & COUNTER_MASK if one.counter is None else one.counter,
            one.signal_dbfs,
            found="mlat" if one.counter == MLAT_COUNTER else "network",
            source=self.kind,
            receiver=ANY_RECEIVER if several else moment.receiver,
            epoch=moment.epoch,
            timed=moment.timed,
        )
