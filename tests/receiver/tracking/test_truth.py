"""Real messages against what other decoders say of them: the tables of `python -m benchmarks.decode_truth`."""

from __future__ import annotations

from functools import lru_cache

import pytest

from benchmarks.decode_truth import COMM_B_GOAL, GOAL, SOURCES
from benchmarks.truth.tally import Comparison
from tests.shared_data import shared

# Where the other decoder is known to be wrong or to say it otherwise; docs/decisions/0045-the-second-decoder.md
OTHERWISE = {
    "speed on the ground", "Comm-B vertical rate", "Comm-B inertial rate", "Comm-B rate of turn", "Comm-B register",
    "Comm-B register against pyModeS",
}  # fmt: skip
ENOUGH = {
    "flight_393322": {"position": 8_000, "altitude": 35_000, "squawk": 13_000, "ground speed": 6_000, "call sign": 800,
                      "Comm-B register": 19_000},
    "ulss7": {"position": 700, "altitude": 1_250, "ground speed": 700, "squawk": 200, "SBS position": 700},
    "pyModeS, ADS-B": {"address": 2_000},
    "pyModeS, Comm-B": {"address": 5_000, "Comm-B register against pyModeS": 4_800},
    "pyModeS, EHS of 2016": {"address": 2_000, "Comm-B register": 1_800},
}  # fmt: skip


@lru_cache
def compared(source: str) -> Comparison:
    shared("truth/flight_393322.jsonl.gz")
    return SOURCES[source](shared("truth"))


@pytest.mark.parametrize("source", list(SOURCES))
def test_no_disagreement_is_left_without_a_reason(source: str) -> None:
    left = {name: tally.unexplained for name, tally in compared(source).tallies.items() if tally.unexplained}
    assert not left


@pytest.mark.parametrize("source", list(SOURCES))
def test_enough_was_compared_for_the_shares_to_mean_something(source: str) -> None:
    tallies = compared(source).tallies
    for name, least in ENOUGH[source].items():
        assert tallies[name].compared >= least, name


@pytest.mark.parametrize("source", list(SOURCES))
def test_what_is_compared_agrees_in_999_of_1000_messages(source: str) -> None:
    for name, tally in compared(source).tallies.items():
        if name not in OTHERWISE and "both agree" not in name:
            # that an address is not believed the first time is no disagreement; where fewer than a thousand were compared,
            # one may differ
            differ = tally.compared - tally.agreed - tally.explained["the address is not believed yet"]
            assert differ <= max(1, (1 - GOAL) * tally.compared), name


@pytest.mark.parametrize("source", ["flight_393322", "pyModeS, EHS of 2016"])
def test_of_the_registers_on_which_two_others_agree_nearly_all_are_found(source: str) -> None:
    assert compared(source).tallies["Comm-B on which both agree, found"].share >= COMM_B_GOAL


@pytest.mark.parametrize("source", ["flight_393322", "pyModeS, Comm-B", "pyModeS, EHS of 2016"])
def test_no_register_is_accepted_that_the_truth_shows_to_be_another(source: str) -> None:
    for name, tally in compared(source).tallies.items():
        if name.startswith("Comm-B register"):
            assert tally.agreed + sum(tally.explained.values()) == tally.compared, name
