"""Skies to practise on hold what they promise."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest

from dsp.air.sky import NOISE_DBFS, SHARES, receiver_at, sky, sweep, sweep_addresses
from receiver.decode.parity import remainder
from receiver.sources.scene import encode


def test_a_sky_has_its_rate_its_shares_and_the_levels_of_its_aircraft() -> None:
    emissions = sky(20.0, 300.0, seed=3)
    assert len(emissions) == 6000
    assert np.all(np.diff(emissions.start_s) >= 0)
    assert emissions.start_s[0] >= 0
    assert emissions.start_s[-1] < 20.0
    formats = Counter((emissions.data[:, 0] >> 3).tolist())
    for df, share in SHARES.items():
        assert formats[df] == pytest.approx(6000 * share, abs=5 * np.sqrt(6000 * share))
    snr = emissions.level_dbfs - NOISE_DBFS
    assert snr.mean() == pytest.approx(14.0, abs=1.0)
    assert snr.min() > -2
    assert snr.max() < 30


def test_each_frame_has_its_parity_and_each_aircraft_its_words() -> None:
    emissions = sky(10.0, 300.0, aircraft=10, seed=4)
    altitudes: defaultdict[int, set[int]] = defaultdict(set)
    squawks: defaultdict[int, set[int]] = defaultdict(set)
    addresses = set()
    for row, bits in zip(emissions.data, emissions.n_bits, strict=True):
        data = bytes(row[: bits // 8])
        df = data[0] >> 3
        left = remainder(data)
        if df in (11, 17):
            assert left == 0
            addresses.add(int.from_bytes(data[1:4], "big"))
        else:
            addresses.add(left)
            code = int.from_bytes(data[2:4], "big") & 0x1FFF
            (squawks if df in (5, 21) else altitudes)[left].add(code)
    assert len(addresses) == 10
    assert all(len(codes) == 1 for codes in [*altitudes.values(), *squawks.values()])
    assert altitudes.keys() == squawks.keys() == addresses
    assert encode.altitude_code(25 * 777 - 1000) == 24 << 7 | 0 << 5 | 1 << 4 | 9


def test_the_same_seed_gives_the_same_sky() -> None:
    one, two, three = (sky(1.0, 300.0, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.data, two.data)
    np.testing.assert_array_equal(one.start_s, two.start_s)
    assert not np.array_equal(one.data, three.data)


def test_a_sweep_has_its_levels_in_order_apart_from_each_other() -> None:
    emissions = sweep(np.array([3.0, 9.0]), 50)
    np.testing.assert_allclose(emissions.level_dbfs, np.repeat([3.0, 9.0], 50) + NOISE_DBFS, atol=1e-4)
    assert np.diff(emissions.start_s).min() > 120e-6
    assert {int.from_bytes(row[1:4].tobytes(), "big") for row in emissions.data} <= set(sweep_addresses().tolist())


def test_noise_is_told_in_the_same_band_at_every_rate() -> None:
    assert receiver_at(2.4e6).noise_dbfs == NOISE_DBFS
    assert receiver_at(9.6e6).noise_dbfs == pytest.approx(NOISE_DBFS + 6.02, abs=0.01)
