"""Recordings that the project makes itself, out of its scenes: the same on each machine, and there on a plain clone.

Tests of what any recording must do take both kinds (`@pytest.mark.parametrize("kind", KINDS)`); what only a real
recording can show (counts that other programs agree on) is tested on the real ones alone.
"""

from __future__ import annotations

import functools
from pathlib import Path

from receiver.sources.files.frame_file import FrameFile
from receiver.sources.scene import open_scene
from receiver.wire.beast import frame_to_beast
from receiver.wire.frame import Frame
from tests.shared_data import shared

KINDS = ("made", "real")
SCENE = "busy-sky"
MADE_S = 45.0  # of the scene's minute
MADE_IQ_S = 0.4
RATE_HZ = 2.4e6
ULSS7 = "truth/beast/ulss7_1522782148.beast"  # Pulkovo, 13,954 frames
STATIONS = {"made": (19.29, -99.65), "real": (59.81234, 30.31234)}
STARTS_S = {"made": 1_754_762_400.0, "real": 1_522_782_148.0}


@functools.cache
def made_beast() -> bytes:
    """Forty-odd aircraft around a station, as Beast."""
    frames = open_scene(SCENE).frames(0.0, MADE_S)
    return b"".join(frame_to_beast(frame) for chunk in frames for frame in chunk)


@functools.cache
def made_iq() -> bytes:
    """The same sky as samples: cu8, 2.4 million a second, a stretch of it with some hundred frames."""
    blocks = open_scene(SCENE).source(10.0, 10.0 + MADE_IQ_S, RATE_HZ).blocks()
    return b"".join(block.iq.tobytes() for block in blocks)


class Made:
    """The recordings as files, written when they are first asked for."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @functools.cached_property
    def beast(self) -> Path:
        """A Beast recording."""
        path = self._folder / "made.beast"
        path.write_bytes(made_beast())
        return path

    @functools.cached_property
    def iq(self) -> Path:
        """Samples whose file's name says what they are."""
        path = self._folder / "made_2400k.cu8"
        path.write_bytes(made_iq())
        return path


def beast_bytes_of(kind: str) -> bytes:
    """A Beast recording of one of the `KINDS`."""
    return made_beast() if kind == "made" else shared(ULSS7).read_bytes()


def frames_of(kind: str, folder: Path) -> list[Frame]:
    """The frames of a recording of one of the `KINDS`, by way of a file in `folder`."""
    path = folder / f"{kind}.beast"
    path.write_bytes(beast_bytes_of(kind))
    return [frame for frames in FrameFile(str(path), STARTS_S[kind]).frames() for frame in frames]
