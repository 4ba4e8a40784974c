"""Files of frames: Beast (`.beast`) and AVR (`.avr`, `.txt`), with their own times where they have any."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from receiver.errors import SquitterError
from receiver.sources.files.iq_reader import UNPACK_ERRORS, unpacked
from receiver.wire.avr import AvrReader
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK, BeastReader
from receiver.wire.frame import Frame

SUFFIXES = (".beast", ".avr", ".txt")
CHUNK = 65_536
UNTIMED_STEP_S = 0.001  # frames without a counter are taken to be a millisecond apart


def is_frame_file(path: str) -> bool:
    """Whether a file holds frames rather than samples, by its name."""
    return plain_name(path).endswith(SUFFIXES)


def plain_name(path: str) -> str:
    """The name in lower case, without what says how it is packed."""
    return path.lower().removesuffix(".gz").removesuffix(".zst")


class CounterClock:
    """Turns a 12 MHz counter of 48 bits, which wraps every 271 days and may be reset, into seconds that do not jump."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._seconds = 0.0

    def seconds(self, counter: int) -> float:
        """Seconds since the first counter that was given."""
        if self._last is None:
            self._last = counter
        step = (counter - self._last) & COUNTER_MASK
        if step > COUNTER_MASK // 2:  # back in time: a frame or two out of order, or a reset
            step -= COUNTER_MASK + 1
            if step < -COUNTER_HZ:
                step = 0
        elif step > 3600 * COUNTER_HZ:
            step = 0
        self._last = counter
        self._seconds += step / COUNTER_HZ
        return self._seconds


class FrameFile:
    """The frames of a file, oldest first.

    Parameters
    ----------
    path
        By its suffix Beast or AVR.
    start_utc_s
        UTC of the first frame.
    """

    kind = "frames"

    def __init__(self, path: str, start_utc_s: float | None = None) -> None:
        self.name = path
        self.start_utc_s = start_utc_s or 0.0
        file = Path(path)
        if file.is_dir():
            raise SquitterError(f"{path}: is a directory, expected a file of frames")
        try:
            self.size_bytes = file.stat().st_size
            self._raw: BinaryIO = file.open("rb")
        except OSError as error:
            raise SquitterError(f"{path}: {error.strerror}") from None
        self._stream = unpacked(self._raw, path.lower())

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
            read = self._beast if plain_name(self.name).endswith(".beast") else self._avr
            try:
                for frames in read(stream):
                    count += len(frames)
                    yield frames
            except UNPACK_ERRORS as error:
                raise SquitterError(f"{self.name}: cannot be unpacked to its end: {error}") from None
        if not count:
            raise SquitterError(f"{self.name}: no frames in it, expected Beast or AVR by its suffix")

    def _beast(self, stream: BinaryIO) -> Iterator[list[Frame]]:
        reader, clock = BeastReader(), CounterClock()
        while data := stream.read(CHUNK):
            yield [
                Frame(
                    found.data,
                    self.start_utc_s + clock.seconds(found.counter),
                    found.counter,
                    found.signal_dbfs,
                    found="network",
                    source=self.kind,
                )
                for found in reader.feed(data)
            ]

    def _avr(self, stream: BinaryIO) -> Iterator[list[Frame]]:
        reader, clock = AvrReader(), CounterClock()
        untimed = 0
        while data := stream.read(CHUNK):
            frames = []
            for found in reader.feed(data):
                if found.counter is None:
                    time_s = self.start_utc_s + untimed * UNTIMED_STEP_S
                    counter = round(untimed * UNTIMED_STEP_S * COUNTER_HZ)
                    untimed += 1
                else:
                    time_s, counter = self.start_utc_s + clock.seconds(found.counter), found.counter
                frames.append(Frame(found.data, time_s, counter, found="network", source=self.kind))
            yield frames
