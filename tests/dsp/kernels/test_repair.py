"""Repair by independent weak bits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from numpy.typing import NDArray

from dsp.crc import bit_syndromes
from dsp.kernels.memory import Scratch
from tests.dsp.kernels.parts import floats, scratch, window
from tests.dsp.plain import kernel


def _solved(soft: NDArray[np.float32]) -> tuple[Scratch, int]:
    work = scratch(window())
    work.soft[:] = soft
    total = kernel.weakest(work.soft, 5, 112, work.order)
    return work, kernel.solve_basis(112, work.soft, total, work)


def test_any_syndrome_is_solved_by_independent_weak_bits() -> None:
    syndromes = bit_syndromes(112)
    rng = np.random.default_rng(4)
    work, others = _solved(floats(112))
    assert others == 107 - 24
    for syndrome in rng.integers(0, 1 << 24, 200).tolist():
        subset = int(kernel.solve(work.table, syndrome))
        bits = [int(work.chosen[k]) for k in range(24) if subset >> k & 1]
        value = 0
        for bit in bits:
            value ^= int(syndromes[bit])
        assert value == syndrome
        assert kernel.cost(work.weight, subset) == pytest.approx(sum(abs(work.soft[bits])), rel=1e-4)


def test_a_repair_is_no_dearer_than_any_of_few_weak_bits() -> None:
    """The twin tries all sets of up to three of the twenty weakest bits."""
    syndromes = bit_syndromes(112)
    for seed in range(6):
        work, others = _solved(floats(112, seed=seed))
        weak = work.order[:20].tolist()
        wrong = np.random.default_rng(seed).choice(weak, 3, replace=False)
        syndrome = int(np.bitwise_xor.reduce(syndromes[wrong]))
        best, subset, a, b = kernel.cheapest(syndrome, work.soft, others, 24, 1e9, work)
        cheapest = min(
            float(np.abs(work.soft[list(bits)]).sum())
            for count in (1, 2, 3)
            for bits in itertools.combinations(weak, count)
            if int(np.bitwise_xor.reduce(syndromes[list(bits)])) == syndrome
        )
        assert best <= cheapest + 1e-4
        work.hard[:] = 0
        number = kernel.flip(subset, a, b, work)
        flipped = np.flatnonzero(work.hard)
        assert len(flipped) == number
        assert int(np.bitwise_xor.reduce(syndromes[flipped])) == syndrome
        assert float(np.abs(work.soft[flipped]).sum()) == pytest.approx(best, rel=1e-4)
