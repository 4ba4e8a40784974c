"""What modulating costs: CPU seconds for a second of signal, noise and quantisation included.

    python -m benchmarks.modulator [--seconds 4]

Verifies while it times: the same samples come out in blocks of another length, their noise has its power, and the
demodulator finds what was modulated at 2.4 MS/s.
"""

from __future__ import annotations

import argparse
import time

import numpy as np

from dsp.air.modulator import Emissions, Modulator, Receiver
from dsp.air.sky import NOISE_DBFS, REFERENCE_HZ, receiver_at, sky
from dsp.demodulator import Demodulator
from dsp.samples import SampleBlock, SampleFormat
from receiver.sources.scene import open_scene

RATES = (2.0e6, 2.4e6, 6.0e6, 10.0e6, 20.0e6)
BUSY = (0.0, 300.0, 1500.0)


def main() -> None:
    """Print one line a rate and one for scenes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=4.0)
    seconds = parser.parse_args().seconds
    print(f"{'MS/s':>6}" + "".join(f"{f'{busy:.0f}/s':>10}" for busy in BUSY) + "   CPU s per s of signal, cu8")
    for rate_hz in RATES:
        row = []
        for busy in BUSY:
            emissions = sky(seconds, busy, seed=2) if busy else Emissions.of([], [])
            modulator = Modulator(rate_hz, SampleFormat.CU8, receiver_at(rate_hz))
            modulator.block(emissions, 0, 4096)
            samples, spent = modulated(modulator, emissions, seconds, rate_hz, 131_072)
            again, _ = modulated(modulator, emissions, seconds, rate_hz, 100_003)
            assert np.array_equal(samples, again), "another cut gave other samples"
            row.append(spent / seconds)
            if busy == 0.0:
                check_noise(rate_hz)
            if (rate_hz, busy) == (2.4e6, 300.0):
                check_frames(samples, emissions)
        print(f"{rate_hz / 1e6:6g}" + "".join(f"{share:10.4f}" for share in row))
    scene = open_scene("busy-sky")
    began_s = time.process_time()
    source = scene.source(0.0, min(10.0 * seconds / 4.0, 60.0))
    count = sum(len(sent) for _, sent in source.blocks_and_sent())
    spent = time.process_time() - began_s
    print(f"busy-sky, all of it (fly, encode, modulate): {spent / source.duration_s:.4f} at "
          f"{count / source.duration_s:.0f} frames/s")  # fmt: skip


def modulated(
    modulator: Modulator, emissions: Emissions, seconds: float, rate_hz: float, block: int
) -> tuple[np.ndarray, float]:
    """Samples, and the CPU seconds that they took."""
    n = round(seconds * rate_hz)
    began_s = time.process_time()
    parts = [modulator.block(emissions, first, min(block, n - first)) for first in range(0, n, block)]
    return np.concatenate(parts), time.process_time() - began_s


def check_noise(rate_hz: float) -> None:
    """Raise AssertionError unless the noise has the power that it should."""
    wanted = NOISE_DBFS + 10 * np.log10(rate_hz / REFERENCE_HZ)
    iq = Modulator(rate_hz, SampleFormat.CF32, Receiver(noise_dbfs=wanted)).block(Emissions.of([], []), 0, 200_000)
    power = 10 * np.log10(2 * np.mean(np.square(iq.astype(np.float64))))
    assert abs(power - wanted) < 0.1, (power, wanted)


def check_frames(samples: np.ndarray, emissions: Emissions) -> None:
    """Raise AssertionError unless most strong squitters are found."""
    demodulator = Demodulator(2.4e6, SampleFormat.CU8)
    batches = [demodulator.feed(SampleBlock(samples, 0)), demodulator.flush()]
    found = {bytes(row) for batch in batches for row in batch.data}
    strong = {
        bytes(row)
        for row, level in zip(emissions.data, emissions.level_dbfs, strict=True)
        if row[0] >> 3 == 17 and level > NOISE_DBFS + 14
    }
    assert len(strong & found) > 0.8 * len(strong), (len(strong & found), len(strong))


if __name__ == "__main__":
    main()
