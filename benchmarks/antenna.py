"""What it costs to hear: CPU and memory of the dongle source, and how old a frame is when it comes out.

    python -m benchmarks.antenna [--seconds 60] [--minutes 10]

The dongle is the tests' librtlsdr, driven by the real pyrtlsdr in the source's own process; it plays a scene with known
frames at 2.4 MS/s in real time. Needs gcc. Verified while it is timed: no sample is lost, and the frames come out.
"""

from __future__ import annotations

import argparse
import gc
import os
import sys
import tempfile
import threading
import time
from collections import deque
from pathlib import Path

import numpy as np

from dsp.air.modulator import Emissions, Modulator
from dsp.demodulator import Demodulator
from dsp.effort import Effort
from dsp.samples import SampleBlock, SampleFormat
from receiver.decode.parity import remainder
from receiver.sources.dongle.rtlsdr import DongleSettings, RtlSdrSource
from tests.receiver.sources.dongle.fake_dongle import FakeDongle

RATE_HZ = 2_400_000
SCENE_S = 4
FRAMES_PER_S = 300


class Watched(RtlSdrSource):
    """Remembers when the callback had each buffer."""

    arrivals: deque[tuple[int, int, float]]

    def _place(self, data: memoryview, at_s: float, overrun: int = 0) -> SampleBlock:
        block = super()._place(data, at_s, overrun)
        self.arrivals.append((block.first_sample, block.first_sample + block.n_samples, at_s))
        return block


def cpu_s(pid: int) -> float:
    """User and system time of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_mb(pid: int) -> float:
    """Memory of a process."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]) / 1024


def scene(path: Path) -> int:
    """Write the scene; the result is how many frames it has. They do not overlap: this is about time, not reception."""
    chance = np.random.default_rng(1)
    count = SCENE_S * FRAMES_PER_S
    start_s = (np.arange(count) + chance.uniform(0.1, 0.9, count) * 0.9) / FRAMES_PER_S
    frames = []
    for index in range(count):
        data = bytes([0x8D, *(0x400000 + index % 40).to_bytes(3, "big"), *chance.bytes(7)])
        frames.append(data + remainder(data + bytes(3)).to_bytes(3, "big"))
    emissions = Emissions.of(start_s, frames, level_dbfs=-12.0, carrier_offset_hz=chance.uniform(-5e4, 5e4, count))
    modulator = Modulator(RATE_HZ, SampleFormat.CU8)
    with path.open("wb") as file:
        for second in range(SCENE_S):
            file.write(modulator.block(emissions, second * RATE_HZ, RATE_HZ).tobytes())
    return count


def source_alone(seconds: float) -> None:
    """CPU of the source without anything behind it."""
    source = Watched(DongleSettings())
    source.arrivals = deque(maxlen=10)
    blocks = source.blocks()
    while next(blocks).n_samples == 0:
        pass
    child = source._child
    assert child is not None
    began, ours, theirs = time.monotonic(), time.thread_time(), cpu_s(child.pid)
    first = source._next_sample
    for block in blocks:
        if block.n_samples and time.monotonic() - began >= seconds:
            break
    took = time.monotonic() - began
    ours, theirs = time.thread_time() - ours, cpu_s(child.pid) - theirs
    heard = (source._next_sample - first) / RATE_HZ
    source.close()
    blocks.close()  # type: ignore[attr-defined]
    health = source.health
    assert abs(heard - took) < 0.5, (heard, took)
    assert health.samples_lost == health.samples_overrun == 0, health
    print(f"source alone, {took:.0f} s at 2.4 MS/s: {100 * (ours + theirs) / took:.2f} % of a core")
    print(f"  the service's side {100 * ours / took:.2f} %, the dongle's process {100 * theirs / took:.2f} %")
    print("  (with it what the test library does in place of USB: reading the scene, sleeping)")


def with_demodulator(minutes: float, frames_in_scene: int) -> None:
    """Latency from callback to frame, and memory over time."""
    source = Watched(DongleSettings())
    source.arrivals = deque(maxlen=64)
    demodulator = Demodulator(RATE_HZ, SampleFormat.CU8, effort=Effort.NORMAL)
    late_ms: list[np.ndarray] = []
    blocks = source.blocks()
    began = time.monotonic()
    next_look = began + 30.0
    looks: list[tuple[float, float, float]] = []
    found = samples = 0
    lag_s = 0.0
    for block in blocks:
        batch = demodulator.feed(block)
        now = time.monotonic()
        samples += block.n_samples
        if block.n_samples:
            lag_s = max(lag_s, now - source.arrivals[-1][2]) if now - began > 10 else 0.0
        if len(batch) and now - began > 10:
            ends = batch.sample + (8 + batch.n_bits) * 2.4
            starts = np.array([start for start, _, _ in source.arrivals])
            came = np.array([at for _, _, at in source.arrivals])
            late_ms.append(1e3 * (now - came[np.searchsorted(starts, ends, side="right") - 1]))
        found += len(batch)
        if now >= next_look:
            gc.collect()
            assert source._child is not None
            looks.append((now - began, resident_mb(os.getpid()), resident_mb(source._child.pid)))
            next_look = now + 30.0
        if now - began >= 60 * minutes:
            break
    source.close()
    blocks.close()  # type: ignore[attr-defined]
    health = source.health
    expected = samples / RATE_HZ / SCENE_S * frames_in_scene
    late = np.concatenate(late_ms)
    print(f"with the demodulator, {minutes:g} min, {found:,} of {expected:,.0f} frames:")
    low, middle, high, most = np.percentile(late, [1, 50, 99, 100])
    print(
        f"  callback to frame: {low:.0f} ms (1 %), {middle:.0f} ms (median), {high:.0f} ms (99 %), {most:.0f} ms (most)"
    )
    print(f"  callback to end of block, most: {1e3 * lag_s:.0f} ms")
    if looks:
        ours = [look[1] for look in looks]
        theirs = [look[2] for look in looks]
        print(f"  memory at {looks[0][0]:.0f} s and at {looks[-1][0]:.0f} s: {ours[0]:.1f} and {ours[-1]:.1f} MiB (least "
              f"{min(ours):.1f}, most {max(ours):.1f}); dongle's process {theirs[0]:.1f} and {theirs[-1]:.1f} MiB")  # fmt: skip
    print(f"  lost {health.samples_lost:,}, overrun {health.samples_overrun:,} of {samples:,} samples", flush=True)
    assert health.restarts == 0, health
    assert health.samples_lost == 0, health
    if health.samples_overrun:
        print("  the machine was too busy: the latency above is its own, not ours")
    else:
        assert found > 0.98 * expected, (found, expected)


def main() -> int:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0, help="of the source alone")
    parser.add_argument("--minutes", type=float, default=2.0, help="with the demodulator behind it")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "scene.cu8"
        frames = scene(path)
        environment: dict[str, str] = {}
        FakeDongle(Path(folder), environment, path)
        os.environ.update(environment)
        source_alone(arguments.seconds)
        with_demodulator(arguments.minutes, frames)
    assert threading.active_count() == 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
