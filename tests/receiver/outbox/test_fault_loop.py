"""Each call of the disk fails once, and once for good; the process is killed at any moment. Then it is started again.

Whatever comes, in the end: every alert on the bus, on the phone and in the log; none ended without having been raised; no
traceback; what a run has written, the next one can read.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from receiver.sinks.alert_log import Store
from tests.receiver.outbox.small_service import ALERTS

ROOT = Path(__file__).parents[3]
COMPILER = shutil.which("gcc") or shutil.which("cc")
pytestmark = pytest.mark.skipif(COMPILER is None, reason="a C compiler is missing (apt install gcc)")
ALL = {f"alert-{k:03d}" for k in range(ALERTS)}


class Small:
    """The server of `small_service`, with the shim."""

    def __init__(self, folder: Path) -> None:
        assert COMPILER is not None
        shim = folder / "shim.so"
        source = Path(__file__).with_name("fault_shim.c")
        subprocess.run([COMPILER, "-shared", "-fPIC", "-O1", "-o", str(shim), str(source), "-ldl"], check=True)
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.receiver.outbox.small_service"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
            env={**os.environ, "LD_PRELOAD": str(shim), "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        assert self._process.stdout is not None
        assert self._process.stdout.readline() == "ready\n"

    def run(self, place: Path, **job: Any) -> int:
        """One run over `place`; its status as waitpid has it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        place.mkdir(parents=True, exist_ok=True)
        files = {name: str(place.with_name(f"{place.name}.{name}")) for name in ("bus", "phone", "errors", "calls")}
        self._process.stdin.write(json.dumps({"folder": str(place), **files, **job}) + "\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())

    def close(self) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(20)
        assert self._process.stdout is not None
        self._process.stdout.close()


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Small]:
    server = Small(tmp_path_factory.mktemp("shim"))
    yield server
    server.close()


def beside(place: Path, name: str) -> str:
    path = place.with_name(f"{place.name}.{name}")
    return path.read_text() if path.exists() else ""


def check(place: Path, what: str) -> None:
    """Everybody has everything, in an order that makes sense."""
    assert "Traceback" not in beside(place, "errors"), f"{what}:\n{beside(place, 'errors')}"
    bus = [json.loads(line) for line in beside(place, "bus").splitlines()]
    assert {name for name, state in bus if state == "raised"} == ALL, what
    assert {name for name, state in bus if state == "ended"} == ALL, what
    for name in ALL:
        assert next(state for one, state in bus if one == name) == "raised", (
            f"{what}: {name} ended before it was raised"
        )
    assert set(map(json.loads, beside(place, "phone").splitlines())) == ALL, what
    logged = {alert.id: alert.states() for alert in Store(place / "alerts").alerts()}
    assert set(logged) == ALL, what
    for name, states in logged.items():
        assert states[0]["payload"]["state"] == "raised", f"{what}: {name}"
        assert states[-1]["payload"]["state"] == "ended", f"{what}: {name}"


def test_without_faults_everything_arrives_once(small: Small, tmp_path: Path) -> None:
    place = tmp_path / "run"
    assert small.run(place) == 0
    check(place, "no fault")
    assert len(beside(place, "phone").splitlines()) == ALERTS
    assert len(beside(place, "bus").splitlines()) == 2 * ALERTS
    assert small.run(place) == 0, "a second run has nothing to do"
    assert len(beside(place, "phone").splitlines()) == ALERTS


def loop(small: Small, tmp_path: Path, step: int) -> int:
    """Fail the n-th call for every n; how many there are."""
    place = tmp_path / "count"
    assert small.run(place, fail=1_000_000, sticky=0) == 0
    calls = int(beside(place, "calls"))
    for n in range(0, calls + 5, step):
        for sticky in (0, 1):
            place = tmp_path / f"fail-{n}-{sticky}"
            what = f"call {n} of {calls} fails{' and all after it' if sticky else ''}"
            assert small.run(place, fail=n, sticky=sticky) == 0, f"{what}:\n{beside(place, 'errors')}"
            assert small.run(place) == 0, what
            check(place, what)
            shutil.rmtree(place)
    return calls


def test_every_seventeenth_call_of_the_disk_fails(small: Small, tmp_path: Path) -> None:
    assert loop(small, tmp_path, 17) > 50


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_every_call_of_the_disk_fails(small: Small, tmp_path: Path) -> None:
    assert loop(small, tmp_path, 1) > 50


def kills(small: Small, tmp_path: Path, count: int, seed: int) -> None:
    rng = random.Random(seed)
    place = tmp_path / "killed"
    for k in range(count):
        small.run(place, kill_after_s=rng.uniform(0.0, 0.15))
        if rng.random() < 0.3:
            assert small.run(place) == 0
            check(place, f"kill {k}")
            place = tmp_path / f"killed-{k}"
    assert small.run(place) == 0
    check(place, f"after {count} kills")


def test_thirty_kills_lose_nothing(small: Small, tmp_path: Path) -> None:
    kills(small, tmp_path, 30, 1)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_nine_hundred_kills_lose_nothing(small: Small, tmp_path: Path) -> None:
    kills(small, tmp_path, 900, 2)
