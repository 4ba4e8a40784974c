"""A station's samples: frames lie where its clock says, lost samples are cut out."""

from __future__ import annotations

import numpy as np

from dsp.demodulator import Demodulator
from dsp.samples import SampleBlock, SampleFormat
from receiver.sources.scene.stations.samples import Heard, StationSamples
from tests.receiver.sources.scene.stations.scenes import NORTH, SOUTH, scene_of

RATE_HZ = 2.4e6


def read(stations: list[dict[str, object]], number: int, seconds: float = 0.6) -> tuple[np.ndarray, list[Heard]]:  # type: ignore[type-arg]
    scene = scene_of(stations, radio={"level_at_100_km_dbfs": -12, "jitter_ns": 0})
    samples = StationSamples(scene.stations, number, 3.0, 3.0 + seconds, RATE_HZ, SampleFormat.CU8)
    return np.concatenate(list(samples.blocks())), samples.heard


def test_the_demodulator_finds_frames_where_the_truth_has_them() -> None:
    for number in (0, 1):
        iq, heard = read([NORTH, SOUTH | {"ppm": 40.0}], number, 0.8)
        assert len(heard) > 15
        sky = scene_of([NORTH, SOUTH]).stations.sky.transmissions(3.0, 3.8)
        assert all(sky.frame(one.sent) == one.data for one in heard if one.sent >= 0)
        assert all(0.0 <= one.sample < len(iq) // 2 for one in heard)
        demodulator = Demodulator(RATE_HZ, SampleFormat.CU8)
        found: dict[bytes, list[float]] = {}
        for batch in (demodulator.feed(SampleBlock(iq, 0)), demodulator.flush()):
            for data, bits, sample in zip(batch.data, batch.n_bits.tolist(), batch.sample.tolist(), strict=True):
                found.setdefault(data[: bits // 8].tobytes(), []).append(sample)
        # An all-call reply has the same bytes each time
        off = [min((at - one.sample for at in found[one.data]), key=abs) for one in heard if one.data in found]
        off = [samples for samples in off if abs(samples) < 1000.0]
        assert len(off) > 8
        assert np.std(off) < 0.3  # samples; 40 ppm over a second would be 96
        assert abs(np.mean(off)) < 0.5


def test_lost_samples_are_missing_and_all_after_them_is_earlier() -> None:
    lost = NORTH | {"lost_samples": [(3.3, 1000)]}
    whole, at = read([NORTH], 0)
    holed, earlier = read([lost], 0)
    assert len(whole) - len(holed) == 2 * 1000
    cut = round(0.3 * RATE_HZ) + 2  # the clock's ppm are less
    assert np.array_equal(whole[: 2 * (cut - 10)], holed[: 2 * (cut - 10)])
    assert np.array_equal(whole[-1000:], holed[-1000:])
    sample = {one.sent: one.sample for one in at}
    moved = {round(sample[one.sent] - one.sample) for one in earlier if one.sample < cut - 10}
    assert moved == {0}
    assert {round(sample[one.sent] - one.sample) for one in earlier if one.sample > cut + 10} == {1000}


def test_noise_differs_from_station_to_station() -> None:
    iq = [read([NORTH, SOUTH], number, 0.1)[0].astype(np.float64) - 127.5 for number in (0, 1)]
    assert abs(np.corrcoef(iq[0][:20_000], iq[1][:20_000])[0, 1]) < 0.05
