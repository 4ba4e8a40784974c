"""A made-up sky: one aircraft that says all that matters, or a busy one to measure speed on."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np

from dsp.air.modulator import Emissions, Modulator
from dsp.samples import SampleBlock, SampleFormat
from receiver.decode.parity import remainder

BLOCK = 131_072
ADDRESS = 0xF0D0C5
CALL_SIGN = "SQUITTER"
LATITUDE, LONGITUDE = 52.25720, 3.91937
# An airborne position as an even and an odd frame carry it, 38,000 ft: the pair that textbooks decode
EVEN, ODD = bytes.fromhex("58c382d690c8ac"), bytes.fromhex("58c386435cc412")


def squitter(address: int, content: bytes) -> bytes:
    """An extended squitter (DF17) of seven bytes of content."""
    data = bytes([0x8D]) + address.to_bytes(3, "big") + content
    return data + remainder(data + bytes(3)).to_bytes(3, "big")


def identification(call_sign: str) -> bytes:
    """Content that says the call sign: eight letters."""
    bits = 0
    for letter in call_sign:
        bits = bits << 6 | ord(letter) - ord("A") + 1
    return bytes([4 << 3]) + bits.to_bytes(6, "big")


class Scene:
    """A `SampleSource` of made-up signal, as fast as it is made."""

    kind = "scene"
    sample_format = SampleFormat.CU8

    def __init__(self, sample_rate_hz: float, emissions: Emissions, seconds: float) -> None:
        self.sample_rate_hz = sample_rate_hz
        self.start_utc_s = time.time()
        self._emissions = emissions
        self._samples = int(seconds * sample_rate_hz)
        self._modulator = Modulator(sample_rate_hz, self.sample_format)

    def blocks(self) -> Iterator[SampleBlock]:
        """All of it."""
        for first in range(0, self._samples, BLOCK):
            count = min(BLOCK, self._samples - first)
            yield SampleBlock(self._modulator.block(self._emissions, first, count), first)

    def close(self) -> None:
        """Nothing to free."""


def one_aircraft(sample_rate_hz: float) -> Scene:
    """Two seconds with an aircraft that tells who and where it is."""
    said = [identification(CALL_SIGN), ODD, EVEN, identification(CALL_SIGN)]
    frames = [squitter(ADDRESS, content) for content in said]
    start_s = [0.2 + 0.4 * index for index in range(len(frames))]
    return Scene(sample_rate_hz, Emissions.of(start_s, frames, level_dbfs=-10.0), 2.0)


def busy_sky(sample_rate_hz: float, seconds: float = 1.0, frames_per_s: int = 400) -> Scene:
    """Frames of forty aircraft at all levels, on noise."""
    chance = np.random.default_rng(1)
    count = int(seconds * frames_per_s)
    frames = [squitter(0xF00000 + index % 40, chance.bytes(7)) for index in range(count)]
    return Scene(
        sample_rate_hz,
        Emissions.of(
            chance.uniform(0, seconds, count),
            frames,
            level_dbfs=chance.uniform(-32, -6, count),
            carrier_offset_hz=chance.uniform(-1e5, 1e5, count),
        ),
        seconds,
    )
