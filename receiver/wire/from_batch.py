"""Where numpy ends: the demodulator's arrays become frames."""

from __future__ import annotations

from dsp.batch import Found, FrameBatch
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK
from receiver.wire.frame import Frame

FOUND = {Found.DIRECT: "direct", Found.REPAIRED: "repaired", Found.BENEATH: "beneath"}


def frames_from_batch(batch: FrameBatch, *, sample_rate_hz: float, start_utc_s: float, source: str) -> list[Frame]:
    """Frames of a batch, oldest first.

    Parameters
    ----------
    sample_rate_hz
        Complex samples a second.
    start_utc_s
        UTC of sample 0.
    source
        The source's kind, for statistics.
    """
    # .tolist() once per column: reading numpy scalars one by one costs ten times as much
    rows = zip(
        batch.sample.tolist(),
        [bytes(row) for row in batch.data],
        batch.n_bits.tolist(),
        batch.signal_dbfs.tolist(),
        batch.noise_dbfs.tolist(),
        batch.carrier_offset_hz.tolist(),
        batch.corrected_bits.tolist(),
        batch.found.tolist(),
        strict=True,
    )
    ticks_per_sample = COUNTER_HZ / sample_rate_hz
    return [
        Frame(
            data=data[: bits // 8],
            time_s=start_utc_s + sample / sample_rate_hz,
            counter_12mhz=(count := round(sample * ticks_per_sample)) & COUNTER_MASK,
            counter_fraction=sample * ticks_per_sample - count,
            # a clipped pulse's two numbers may add up to more than full scale; others read it as readsb tells it
            signal_dbfs=min(signal, 0.0),
            noise_dbfs=noise,
            carrier_offset_hz=carrier,
            corrected_bits=corrected,
            found=FOUND[Found(found)],
            source=source,
        )
        for sample, data, bits, signal, noise, carrier, corrected, found in rows
    ]
