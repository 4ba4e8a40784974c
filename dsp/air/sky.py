"""Skies to practise on: random traffic with known truth, as emissions for the modulator.

All formats are there, in about the shares that an airport's receiver counts; each aircraft keeps its address, altitude,
squawk, level and carrier, for a demodulator may hold a frame against what it knows.

Levels are signal-to-noise ratios: a pulse's power over the noise in 2.4 MHz, whatever the sample rate.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp.air.modulator import Emissions, Receiver
from dsp.crc import parity

REFERENCE_HZ = 2.4e6
NOISE_DBFS = -36.0  # in REFERENCE_HZ
SHARES = {0: 0.13, 4: 0.08, 5: 0.04, 11: 0.14, 16: 0.01, 17: 0.44, 20: 0.08, 21: 0.08}
LONG = (16, 17, 18, 20, 21)


def receiver_at(sample_rate_hz: float) -> Receiver:
    """A receiver whose noise is `NOISE_DBFS` in 2.4 MHz."""
    return Receiver(noise_dbfs=NOISE_DBFS + 10 * math.log10(sample_rate_hz / REFERENCE_HZ))


def sky(
    seconds: float,
    messages_per_s: float,
    *,
    aircraft: int = 40,
    snr_db: tuple[float, float] = (2.0, 26.0),
    seed: int = 1,
) -> Emissions:
    """Traffic at random times, overlapping as it happens.

    Parameters
    ----------
    seconds, messages_per_s
        How long, how busy.
    aircraft
        How many share it evenly; their levels are spread evenly over `snr_db`.
    """
    rng = np.random.default_rng(seed)
    n = round(seconds * messages_per_s)
    icao = rng.integers(0x100000, 0xEFFFFF, aircraft)
    altitude = rng.integers(0, 1640, aircraft)  # steps of 25 ft above −1000
    squawk = _squawk_codes(rng, aircraft)
    level = NOISE_DBFS + rng.permutation(np.linspace(*snr_db, aircraft))
    carrier = np.clip(rng.normal(0, 90e3, aircraft), -300e3, 300e3)
    who = rng.integers(0, aircraft, n)
    formats = rng.choice(list(SHARES), n, p=list(SHARES.values()))
    start_s = np.sort(rng.uniform(0.0, max(seconds - 130e-6, 0.0), n))
    frames = frames_of(rng, formats, icao[who], altitude[who], squawk[who])
    return Emissions.of(
        start_s,
        frames,
        level_dbfs=level[who] + rng.normal(0, 0.7, n),
        carrier_offset_hz=carrier[who] + rng.normal(0, 2e3, n),
        phase_rad=rng.uniform(0, 2 * math.pi, n),
        wander_hz=rng.normal(0, 3e3, n) * np.where(rng.random(n) < 0.03, 20.0, 1.0),
        jitter_s=12e-9,
        seed=rng.integers(0, 2**63, n).astype(np.uint64),
    )


def sweep(snr_db: NDArray[np.float64], frames_each: int, *, spacing_s: float = 4e-4, seed: int = 1) -> Emissions:
    """DF17 apart from each other, `frames_each` at each level, in the order of `snr_db`; 40 aircraft send them."""
    rng = np.random.default_rng(seed)
    n = len(snr_db) * frames_each
    icao = sweep_addresses(seed)[rng.integers(0, 40, n)]
    frames = frames_of(rng, np.full(n, 17), icao, np.full(n, 1000), np.zeros(n, np.int64))
    return Emissions.of(
        (np.arange(n) + rng.uniform(0.1, 0.6, n)) * spacing_s,
        frames,
        level_dbfs=NOISE_DBFS + np.repeat(snr_db, frames_each),
        carrier_offset_hz=np.clip(rng.normal(0, 90e3, n), -300e3, 300e3),
        phase_rad=rng.uniform(0, 2 * math.pi, n),
        wander_hz=rng.normal(0, 3e3, n),
        jitter_s=12e-9,
        seed=rng.integers(0, 2**63, n).astype(np.uint64),
    )


def sweep_addresses(seed: int = 1) -> NDArray[np.int64]:
    """The addresses that `sweep` uses: int64 (40,)."""
    return np.random.default_rng((seed, 40)).integers(0x100000, 0xEFFFFF, 40)


def frames_of(
    rng: np.random.Generator,
    formats: NDArray[np.int64],
    icao: NDArray[np.int64],
    altitude: NDArray[np.int64],
    squawk: NDArray[np.int64],
) -> list[bytes]:
    """Frames of given downlink formats with random content where nothing is known: seven or fourteen bytes each.

    `altitude` counts steps of 25 ft above −1000, `squawk` is the 13-bit identity code.
    """
    n = len(formats)
    code13 = (altitude >> 5) << 7 | (altitude & 0x10) << 1 | 0x10 | altitude & 0xF
    code12 = code13 >> 1 & 0xFC0 | code13 & 0x3F
    is_squitter = (formats == 17) | (formats == 18) | (formats == 11)
    field = np.where((formats == 5) | (formats == 21), squawk, code13)
    third = rng.integers(0, 6, n)  # flight status
    air_air = (formats == 0) | (formats == 16)
    head = np.where(
        is_squitter,
        formats << 27 | 5 << 24 | icao,
        formats << 27 | np.where(air_air, 0x2E18000, third % 2 << 25) | field,
    )
    body = rng.integers(0, 2**56, n)
    is_position = rng.random(n) < 0.45
    position = 11 << 51 | code12 << 36 | body & 0x3FFFFFFFF | body & 1 << 34
    velocity = 19 << 51 | 1 << 48 | 2 << 43 | body & 0x3FFFFF << 21 | 1 << 20 | 0x400 | 0x11
    body = np.where(formats == 17, np.where(is_position, position, velocity), body)
    overlay = np.where(is_squitter, 0, icao)
    is_long = np.isin(formats, LONG)
    frames: list[bytes] = [b""] * n
    for long in (False, True):
        rows = np.flatnonzero(is_long == long)
        if not len(rows):
            continue
        size = 14 if long else 7
        data = np.zeros((len(rows), size), np.uint8)
        data[:, :4] = head[rows].astype(">u4").view(np.uint8).reshape(-1, 4)
        if long:
            data[:, 4:11] = body[rows].astype(">u8").view(np.uint8).reshape(-1, 8)[:, 1:]
        left = parity(np.unpackbits(data, axis=1)).astype(np.int64) ^ overlay[rows]
        data[:, -3:] = left.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]
        for row, content in zip(rows.tolist(), data, strict=True):
            frames[row] = content.tobytes()
    return frames


def _squawk_codes(rng: np.random.Generator, count: int) -> NDArray[np.int64]:
    """Random 13-bit identity codes; the bit between A and B is 0."""
    return rng.integers(1, 0x1FFF, count) & ~np.int64(0x40)
