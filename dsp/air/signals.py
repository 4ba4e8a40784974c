"""What is on the air at 1090 MHz, one row a transmission: Mode S, Mode A/C replies, DME pairs.

A row says all that is needed to draw a transmission: when, what, how strong, and how well its transmitter keeps to the
standard. Rows are independent of each other; a transmission that is received over two paths is still one row.

Sources: ICAO Annex 10 volume IV, 3.1.1.6 (Mode A/C reply: 0.45 ± 0.1 µs pulses on a grid of 1.45 µs, SPI 4.35 µs after
F2), 3.1.2.1.5 and 3.1.2.2 (Mode S reply: preamble, pulse positions; adjoining pulses are one pulse of 1.0 µs);
volume I, 3.5.4 (DME: Gaussian pulses of 3.5 µs, 12, 30 or 36 µs apart).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

MODE_S, MODE_AC, DME = 0, 1, 2
STEADY, WALK, INDEPENDENT = 0, 1, 2
PHASE_KINDS = ("steady", "walk", "independent")

GRID_US = 1.45
SPI = 17  # its place on the grid
F1, F2 = 0, 14
LONGEST_US = {MODE_S: 120.0, MODE_AC: 25.2, DME: 48.0}
DME_PULSE_US = 3.5

TRANSMITTER = [
    ("carrier_hz", np.float32),  # against the tuned frequency
    ("phase_kind", np.uint8),  # STEADY, WALK, INDEPENDENT
    ("phase_step_rad", np.float32),  # σ: WALK from one pulse to the next, INDEPENDENT of each pulse; 0 there: any phase
    ("chirp_hz", np.float32),  # what the carrier is off at the begin of each pulse; gone with chirp_s
    ("chirp_s", np.float32),
    ("droop_db", np.float32),  # what the pulses have lost after 120 µs of a transmission
    ("rise_s", np.float32),  # 10 to 90 % of the amplitude
    ("fall_s", np.float32),
    ("width_s", np.float32),  # of a single pulse, between the halves of its amplitude
    ("jitter_s", np.float32),  # each edge is anywhere within ± this
    ("echo_s", np.float32),  # delay of the second path
    ("echo_db", np.float32),  # its power against the first; −inf: none
]
"""How a transmitter (and the path from it) is: fields of a structured dtype."""

SIGNAL = np.dtype(
    [
        ("start_s", np.float64),  # rising edge of the first pulse, after sample 0
        ("kind", np.uint8),
        ("n_bits", np.uint8),  # 56 or 112; Mode A/C: places of the grid; DME: distance of the two pulses, µs
        ("data", np.uint8, (14,)),  # Mode A/C: a bit for each place of the grid, F1 first
        ("level_dbfs", np.float32),  # power of a pulse
        ("phase_rad", np.float32),  # of the carrier at the start
        ("drift_hz", np.float32),  # what the carrier gains, evenly, over 120 µs
        ("echo_phase_rad", np.float32),
        ("who", np.int32),  # number of the aircraft; −1: nobody's
        ("seed", np.uint64),  # of what differs from pulse to pulse
        *TRANSMITTER,
    ]
)
"""One transmission. `NDArray[SIGNAL]` is kept in order of `start_s`."""

Signals = NDArray[np.void]

_DEFAULTS = {
    "chirp_s": 80e-9,
    "rise_s": 75e-9,
    "fall_s": 75e-9,
    "width_s": 0.5e-6,
    "echo_db": -np.inf,
    "who": -1,
}


def blank(n: int) -> Signals:
    """Rows of perfect transmitters: a steady carrier on the tuned frequency, edges of 75 ns, one path."""
    rows = np.zeros(n, SIGNAL)
    for name, value in _DEFAULTS.items():
        rows[name] = value
    rows["seed"] = np.arange(n)
    return rows


def mode_s(start_s: NDArray[np.float64] | list[float], frames: list[bytes], **columns: object) -> Signals:
    """Mode S frames of 7 or 14 bytes; further columns by their names, a number or one a row. In order of time."""
    rows = blank(len(frames))
    rows["kind"] = MODE_S
    rows["start_s"] = start_s
    rows["n_bits"] = [8 * len(frame) for frame in frames]
    joined = b"".join(frame.ljust(14, b"\0") for frame in frames)
    rows["data"] = np.frombuffer(joined, np.uint8).reshape(-1, 14)
    return _with(rows, columns)


def mode_ac(
    start_s: NDArray[np.float64] | list[float], codes: NDArray[np.int64] | list[int], *, spi: bool = False,
    **columns: object,
) -> Signals:  # fmt: skip
    """Mode A/C replies.

    Parameters
    ----------
    codes
        13 bits in the order of transmission, C1 A1 C2 A2 C4 A4 X B1 D1 B2 D2 B4 D4, the first one highest.
    spi
        With the special position identification pulse.
    """
    rows = blank(len(codes))
    rows["kind"] = MODE_AC
    rows["start_s"] = start_s
    rows["n_bits"] = SPI + 1
    word = 1 << 23 | np.asarray(codes, np.int64) << 10 | 1 << 9 | (1 << 6 if spi else 0)
    rows["data"][:, :3] = word.astype(">u4").view(np.uint8).reshape(-1, 4)[:, 1:]
    rows["width_s"] = 0.45e-6
    return _with(rows, columns)


def dme(start_s: NDArray[np.float64] | list[float], spacing_us: int = 12, **columns: object) -> Signals:
    """Pairs of DME pulses, 12, 30 or 36 µs apart."""
    rows = blank(len(start_s))
    rows["kind"] = DME
    rows["start_s"] = start_s
    rows["n_bits"] = spacing_us
    return _with(rows, columns)


def joined(parts: list[Signals]) -> Signals:
    """All rows in order of time."""
    rows = np.concatenate([blank(0), *parts])
    return rows[np.argsort(rows["start_s"], kind="stable")]


def durations_s(signals: Signals) -> NDArray[np.float64]:
    """From the first pulse's begin to the last one's end, the echo included; float64 (n,)."""
    kind = signals["kind"]
    bits = signals["n_bits"].astype(np.float64)
    last_place = np.where(signals["data"][:, 2] & (1 << 6), SPI, F2)
    duration = np.where(kind == MODE_S, 8e-6 + bits * 1e-6, last_place * GRID_US * 1e-6 + signals["width_s"])
    duration = np.where(kind == DME, (bits + 2 * DME_PULSE_US) * 1e-6, duration)
    return duration + np.where(np.isfinite(signals["echo_db"]), signals["echo_s"], 0.0)


def _with(rows: Signals, columns: dict[str, object]) -> Signals:
    for name, value in columns.items():
        rows[name] = value
    return rows[np.argsort(rows["start_s"], kind="stable")]
