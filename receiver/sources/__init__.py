"""Where samples or frames come from: `dongle` (hardware), `files` (recordings), `frames` (other receivers), `scene`.

A source of samples gives `SampleBlock`s from a thread of its own; a source of frames gives lists of `Frame`s on the event
loop. Each package's first page says how another one is added; `receiver/app/building.py` builds the one that the settings name.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:  # numpy would come along, and the dongle's process must be up again within a fraction of a second
    from dsp.samples import SampleBlock, SampleFormat
    from receiver.sources.dongle.live import ReceiverHealth
    from receiver.wire.frame import Frame


class SampleSource(Protocol):
    """Something with an antenna, or a memory of one. Runs in a thread of its own; blocks while it waits."""

    kind: str  # "rtlsdr", "rtl_tcp", "recording", "scene"
    sample_rate_hz: float
    sample_format: SampleFormat
    start_utc_s: float  # UTC (seconds since 1970) of sample 0; hardware corrects it by some ms now and then

    def blocks(self) -> Iterator[SampleBlock]:
        """Yield blocks until the source ends (a recording) or `close` is called (a dongle)."""
        ...

    def close(self) -> None:
        """Stop `blocks` from any thread, soon, and free the device. May be called twice."""
        ...


class FrameSource(Protocol):
    """Something that already speaks frames: Beast or AVR from the network. Lives on the event loop."""

    kind: str
    health: ReceiverHealth

    def frames(self) -> AsyncIterator[list[Frame]]:
        """Yield lists of frames as they arrive, oldest first."""
        ...
