"""Named tuples by their address: a stage sees what they hold, and writes into their arrays."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np
import pytest
from numba import types
from numpy.typing import NDArray

from dsp.compiled import STAGES, helper, stage
from dsp.references import Reference


class Things(NamedTuple):
    row: Annotated[NDArray[np.float32], 1]
    table: Annotated[NDArray[np.int64], 2]
    factor: float
    sure: bool


@helper()
def third(things: Things) -> int:
    return things.table[1, 2]


@stage()
def scaled(things: Things, first: int) -> float:
    total = 0.0
    for index in range(first, things.row.shape[0]):
        things.row[index] *= things.factor
        total += things.row[index]
    return total if things.sure else -total


@stage()
def both(things: Things) -> float:
    # One that is made here is handed on like one that was handed in
    other = Things(things.row, things.table, 10.0, False)
    return scaled(things, 0) + scaled(other, 1) + third(things)


@stage(entry=True)
def entered(things: Things) -> float:
    return both(things)


@pytest.mark.parametrize("sure", [False, True])
def test_a_stage_reads_a_tuple_and_writes_into_its_arrays(sure: bool) -> None:
    things = Things(np.arange(1, 5, dtype=np.float32), np.arange(12).reshape(2, 6), 2.0, sure)
    first = (2 + 4 + 6 + 8) * (1 if sure else -1)
    assert entered(things) == first - (40 + 60 + 80) + 8
    assert things.row.tolist() == [2, 40, 60, 80]


def test_only_what_python_calls_takes_tuples_themselves() -> None:
    taken = {
        one.symbol.rpartition(".")[2]: one.arguments[0] for one in STAGES if one.symbol.startswith("squitter.tests")
    }
    assert isinstance(taken["both"], Reference)
    assert isinstance(taken["entered"], types.NamedTuple)
    assert taken["both"].to == taken["entered"]
