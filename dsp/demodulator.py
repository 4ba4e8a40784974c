"""The demodulator: blocks of samples in, batches of frames out."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dsp.batch import Found, FrameBatch
from dsp.decimate import Decimator, factor_for
from dsp.effort import SETTINGS, Effort
from dsp.filters import solve_filters
from dsp.front_end import BLOCK, PULSES_US, QUIET_US, block_power, candidates, onsets, preambles, pulse_energy, to_float
from dsp.kernels.memory import Samples, output, scratch
from dsp.kernels.places import POWER_US, power_blocks
from dsp.kernels.window import demodulate
from dsp.samples import SampleBlock, SampleFormat
from dsp.trust import BelievedAddresses

WINDOW = 65_536  # samples that are worked on at a time: 27 ms at 2.4 MS/s
FRAMES_MOST = 4096  # of one window; the air carries 1,000 in 65,536 samples at most

REASONS = ("candidates", "gate", "tried", "unrepaired", "unbelieved", "doubtful", "implausible", "accepted")


@dataclass(frozen=True, slots=True)
class DemodulatorStatistics:
    """Counters since the start, and levels of the last window.

    Attributes
    ----------
    samples_processed, samples_lost
        Complex samples worked on; samples that gaps said were missing.
    candidates, gate, tried, unrepaired, unbelieved, doubtful, implausible
        Places that looked like a preamble, passed the gate, were demodulated (once for each timing); and why tries gave
        no frame: no repair cheap enough, address not believed, too noisy to be believed, altitude or squawk against
        what is known.
    accepted, repaired, beneath
        Frames handed out; of these repaired, and found beneath another.
    by_df
        Frames handed out by downlink format.
    strong
        Frames above −3 dBFS.
    clipped_samples
        Samples at the ends of the number format.
    noise_dbfs, signal_dbfs
        Median noise floor of the last window; mean level of its frames (None without any).
    effort
        The level in force.
    """

    samples_processed: int = 0
    samples_lost: int = 0
    candidates: int = 0
    gate: int = 0
    tried: int = 0
    unrepaired: int = 0
    unbelieved: int = 0
    doubtful: int = 0
    implausible: int = 0
    accepted: int = 0
    repaired: int = 0
    beneath: int = 0
    by_df: dict[int, int] = field(default_factory=dict)
    strong: int = 0
    clipped_samples: int = 0
    noise_dbfs: float | None = None
    signal_dbfs: float | None = None
    effort: str = Effort.THOROUGH.value


class Demodulator:
    """Finds Mode S frames in a stream of samples.

    The stream is worked on in windows that begin at fixed sample numbers, so how it is cut into blocks makes no
    difference to what is found.

    Parameters
    ----------
    sample_rate_hz
        2.0 to 20 million complex samples a second.
    sample_format
        Of the blocks' numbers.
    effort
        AUTO begins with the most thorough level; `set_effort` changes it between windows.
    believed
        Addresses that are believed already; shared and kept up to date.

    Raises
    ------
    ValueError
        The rate is below 2 MS/s or above 40.
    """

    def __init__(
        self,
        sample_rate_hz: float,
        sample_format: SampleFormat,
        *,
        effort: Effort = Effort.AUTO,
        believed: BelievedAddresses | None = None,
    ) -> None:
        if not 2e6 <= sample_rate_hz <= 40.1e6:
            raise ValueError(f"sample_rate_hz: got {sample_rate_hz:g}, expected 2000000 to 40000000")
        self.sample_rate_hz = sample_rate_hz
        self.sample_format = sample_format
        self.believed = believed if believed is not None else BelievedAddresses()
        # From here on all samples and places are counted after decimation
        self._factor = factor_for(sample_rate_hz)
        self._decimator = Decimator(self._factor) if self._factor > 1 else None
        self._rate = sample_rate_hz * 1e-6 / self._factor  # samples per µs
        self._bank = solve_filters(sample_rate_hz / self._factor)
        self._pulses = np.array([round(2 * self._rate * t) for t in PULSES_US], np.int64)
        self._quiet = np.array([round(2 * self._rate * t) for t in QUIET_US], np.int64)
        # A frame that begins in this window may end here, with what the filters reach beyond
        self._ahead = math.ceil(121.5 * self._rate) + self._bank.s.shape[1] + 4
        self._back = self._bank.before + 8
        size = self._back + WINDOW + self._ahead
        self._re, self._im = np.zeros(size, np.float32), np.zeros(size, np.float32)
        self._filled = 0  # samples in the buffers
        self._origin = 0  # stream index of buffer sample 0
        self._start = 0  # first buffer sample that has not been searched yet
        self._next_sample: int | None = None
        self._resume = 0  # stream half-sample place before which everything is dealt with
        self._energy = np.zeros((2, size), np.float32)
        self._metric = np.zeros((2, size), np.float32)
        self._power = np.zeros(size // BLOCK + 1, np.float32)
        self._span = power_blocks(self._rate)
        self._places = np.zeros(WINDOW, np.int64)
        self._bare = np.zeros(1024, np.int64)
        self._work = scratch(self._rate, self._bank.s.shape[1])
        self._out = output(FRAMES_MOST)
        self._counters = np.zeros(len(REASONS), np.int64)
        self._counts: Counter[str] = Counter()  # of the statistics, by their names
        self._by_df: Counter[int] = Counter()
        self._levels: tuple[float | None, float | None] = (None, None)
        self.set_effort(effort)

    @property
    def statistics(self) -> DemodulatorStatistics:
        """A picture of the counters as they are now."""
        counts = {name: int(self._counters[index]) for index, name in enumerate(REASONS)}
        counts.update(self._counts)
        noise_dbfs, signal_dbfs = self._levels
        return DemodulatorStatistics(
            **counts, by_df=dict(self._by_df), noise_dbfs=noise_dbfs, signal_dbfs=signal_dbfs, effort=self._effort.value
        )

    def set_effort(self, effort: Effort) -> None:
        """Use another level from the next window on."""
        self._effort = Effort.THOROUGH if effort is Effort.AUTO else effort
        self._settings = SETTINGS[self._effort]

    def feed(self, block: SampleBlock) -> FrameBatch:
        """Frames that have become complete with this block, in order of time."""
        batches: list[FrameBatch] = []
        if self._next_sample is None or block.first_sample != self._next_sample:
            batches += self._finish_run()
            self._begin_run(block.first_sample)
        self._counts["samples_lost"] += block.gap_before
        self._next_sample = block.first_sample + block.n_samples
        for first in range(0, block.n_samples, WINDOW):
            piece = block.iq[2 * first : 2 * (first + WINDOW)]
            self._counts["samples_processed"] += len(piece) // 2
            if self._decimator is None:
                batches += self._take_numbers(piece)
                continue
            re, im = (np.empty(len(piece) // 2, np.float32), np.empty(len(piece) // 2, np.float32))
            self._counts["clipped_samples"] += to_float(piece, self.sample_format, re, im)
            batches += self._take(*self._decimator.feed(re, im))
        return _joined(batches)

    def flush(self) -> FrameBatch:
        """The frames of the last, incomplete window: the stream has ended."""
        batches = self._finish_run()
        self._next_sample = None
        return _joined(batches)

    def _take(self, re: NDArray[np.float32], im: NDArray[np.float32]) -> list[FrameBatch]:
        batches = []
        taken = 0
        while taken < len(re):
            count = min(len(re) - taken, len(self._re) - self._filled)
            self._re[self._filled : self._filled + count] = re[taken : taken + count]
            self._im[self._filled : self._filled + count] = im[taken : taken + count]
            taken += count
            batches += self._filled_by(count)
        return batches

    def _take_numbers(self, iq: NDArray[np.generic]) -> list[FrameBatch]:
        """The same from interleaved numbers as they came, which become floats where they belong."""
        batches = []
        taken = 0
        while taken < len(iq) // 2:
            count = min(len(iq) // 2 - taken, len(self._re) - self._filled)
            room = slice(self._filled, self._filled + count)
            self._counts["clipped_samples"] += to_float(
                iq[2 * taken : 2 * (taken + count)], self.sample_format, self._re[room], self._im[room]
            )
            taken += count
            batches += self._filled_by(count)
        return batches

    def _filled_by(self, count: int) -> list[FrameBatch]:
        """So many samples more are in the buffers: the frames of a window that is full with them."""
        self._filled += count
        if self._filled < len(self._re):
            return []
        batch = self._window(WINDOW)
        self._shift(WINDOW)
        return [batch]

    def _begin_run(self, first_sample: int) -> None:
        # Windows begin at multiples of WINDOW, and nothing of before the run is in the buffer
        self._re[:] = 0.0
        self._im[:] = 0.0
        self._work.failed[:] = self._work.doubted[:] = -1e9
        if self._decimator is not None:
            first_sample = self._decimator.reset(first_sample)
        into = first_sample % WINDOW
        self._start = self._back + into
        self._filled = self._back + into
        self._origin = first_sample - into - self._back
        self._resume = 2 * first_sample

    def _finish_run(self) -> list[FrameBatch]:
        if self._next_sample is None:
            return []
        batches = self._take(*self._decimator.flush()) if self._decimator is not None else []
        if self._filled <= self._start:
            return batches
        left = self._filled - self._back  # samples that may begin a frame
        self._re[self._filled :] = 0.0
        self._im[self._filled :] = 0.0
        batches.append(self._window(min(WINDOW, left)))
        if left > WINDOW:
            self._shift(WINDOW)
            self._re[self._filled :] = 0.0
            self._im[self._filled :] = 0.0
            batches.append(self._window(self._filled - self._back))
        return batches

    def _shift(self, count: int) -> None:
        keep = self._filled - count
        self._re[:keep] = self._re[count : self._filled].copy()
        self._im[:keep] = self._im[count : self._filled].copy()
        self._filled = keep
        self._origin += count
        self._start = self._back

    def _window(self, count: int) -> FrameBatch:
        """Search the places in the first `count` samples after the look-back."""
        first, end = self._start, self._back + count
        bank = self._bank
        # What the search of the last place looks at: its preamble, and the data behind it
        last = end + math.ceil((8 + POWER_US) * self._rate) + 2 * BLOCK
        re, im = self._re, self._im
        for half in range(2):
            pulse_energy(re[: last + 8], im[: last + 8], bank.pulse[half], self._energy[half, : last + 8])
        noise = max(noise_level(self._energy[0, first:end], self._rate), 1e-10)
        limits = self._settings
        # The power of the first data bits, from the block that is nearest to their begin
        block_power(self._energy[0], last // BLOCK, self._span, self._power)
        behind, least = int(8 * self._rate) + BLOCK // 2, limits.power * noise
        ahead = int(8 * self._rate) if limits.broken else 0
        preambles(
            self._energy, end + 2, self._pulses, self._quiet, limits.factor, limits.floor, noise, self._power, behind,
            least, ahead, self._metric,
        )  # fmt: skip
        n_places = candidates(self._metric[0], self._metric[1], end + 1, self._power, behind, least, self._places)
        places = self._places[:n_places]
        places = places[places >= 2 * first]
        n_bare = 0
        if limits.broken:
            n_bare = onsets(self._energy[0], self._energy[1], end, self._power, noise, self._metric, ahead, self._bare)
        noise_dbfs = 10 * math.log10(noise)
        if not len(places) and not n_bare:  # noise, mostly
            self._resume = max(self._resume, 2 * (end + self._origin))
            self._levels = noise_dbfs, None
            return FrameBatch.empty()
        self.believed.expire((self._origin + first) / (self._rate * 1e6))
        samples = Samples(
            re, im, self._energy, self._origin, self._rate, noise, bank.s, bank.d, bank.e, bank.leak, bank.far, bank.far_leak, bank.early, bank.late, bank.place, bank.before, bank.pulse,
            bank.shape, bank.shape_edge, bank.fine, self._pulses, self._quiet,
        )  # fmt: skip
        out = self._out
        found, resume = demodulate(
            samples, places, self._bare[:n_bare], limits, self.believed.rows(), self._work, out, 2 * first, 2 * end,
            self._resume - 2 * self._origin, self._counters,
        )  # fmt: skip
        self._resume = resume + 2 * self._origin
        order = np.argsort(out.start[:found], kind="stable")
        flips = out.flips[order]
        how = np.where(flips > 0, Found.REPAIRED, Found.DIRECT)
        batch = FrameBatch(
            sample=out.start[order] * self._factor,
            data=out.data[order],
            n_bits=out.bits[order],
            signal_dbfs=out.signal[order],
            noise_dbfs=np.full(found, noise_dbfs, np.float32),
            carrier_offset_hz=(out.turn[order] * np.float32(1e6 / (2 * math.pi))).astype(np.float32),
            corrected_bits=flips,
            found=np.where(out.beneath[order] > 0, Found.BENEATH, how).astype(np.uint8),
        )
        self._count(batch, noise_dbfs)
        return batch

    def _count(self, batch: FrameBatch, noise_dbfs: float) -> None:
        self._levels = (noise_dbfs, float(batch.signal_dbfs.mean()) if len(batch) else None)
        if not len(batch):
            return
        self._by_df.update((batch.data[:, 0] >> 3).tolist())
        self._counts["accepted"] += len(batch)
        self._counts["repaired"] += int(np.count_nonzero(batch.found == Found.REPAIRED))
        self._counts["beneath"] += int(np.count_nonzero(batch.found == Found.BENEATH))
        self._counts["strong"] += int(np.count_nonzero(batch.signal_dbfs > -3.0))


def noise_level(energy: NDArray[np.float32], rate: float) -> float:
    """Mean of the noise's pulse energies: their median over ln 2, as noise is most of what is heard.

    A piece of less than two milliseconds may be frame for the most part, and its tenth lowest part is taken instead.
    Energies of noise are distributed exponentially: a share q of them lies below −ln(1 − q) times their mean.
    """
    if len(energy) >= 2000 * rate:
        some = energy[::32].copy()  # their median, in a quarter of the time that numpy's takes
        low, high = (len(some) - 1) // 2, len(some) // 2
        some.partition((low, high))
        return 0.5 * (float(some[low]) + float(some[high])) / math.log(2.0)
    return float(np.quantile(energy, 0.1)) / -math.log(0.9) if len(energy) else 0.0


def _joined(batches: list[FrameBatch]) -> FrameBatch:
    batches = [batch for batch in batches if len(batch)]
    if not batches:
        return FrameBatch.empty()
    if len(batches) == 1:
        return batches[0]
    names = FrameBatch.__slots__
    return FrameBatch(**{name: np.concatenate([getattr(batch, name) for batch in batches]) for name in names})
