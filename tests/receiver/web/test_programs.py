"""Programs of others against our `/data/`: they run as they are, where they are installed.

`dump1090exporter` pins versions that contradict ours: give it an environment of its own and put its `bin` on the `PATH`.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import shutil
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from receiver.history.reader import HistoryReader
from tests.receiver.network import free_port
from tests.receiver.web.airs import START_S, air, serving, web_sink

EXPORTER = shutil.which("dump1090exporter")
FINISHED_S = 60.0


async def metrics_of(exporter: str, url: str) -> str:
    """What the exporter tells Prometheus, once it has taken in statistics, aircraft and receiver."""
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        exporter, "--resource-path", f"{url}data", "--host", "127.0.0.1", "--port", str(port), "--log-level", "debug",
        "--aircraft-interval", "1", "--stats-interval", "1", "--receiver-interval", "1",
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    try:
        async with asyncio.timeout(FINISHED_S), aiohttp.ClientSession() as client:
            while True:
                with contextlib.suppress(aiohttp.ClientError):
                    async with client.get(f"http://127.0.0.1:{port}/metrics") as answer:
                        text = await answer.text()
                        if all(
                            f"\ndump1090_{name}" in text
                            for name in ("stats_messages_total", "recent_aircraft_observed")
                        ):
                            return text
                await asyncio.sleep(0.2)
    finally:
        process.terminate()
        _, said = await process.communicate()
        assert b"Traceback" not in said, said.decode()


@pytest.mark.slow
@pytest.mark.skipif(EXPORTER is None, reason="dump1090exporter (PyPI) is not on the PATH")
async def test_dump1090exporter_reads_all_that_it_asks_for(tmp_path: Path) -> None:
    assert EXPORTER is not None
    sink = web_sink(history=HistoryReader(tmp_path))
    for second in range(100):
        inputs = {"bytes": 2000 * second, "copies": 0}
        one = air(START_S + second, 7, remote={"messages": 90 * second}, inputs=inputs)
        objects = {
            icao: {**said, "seen_pos": 1.2} for icao, said in one.objects.items()
        }  # it counts none that is just 0
        sink.second(replace(one, objects=objects))
    async with serving(sink) as url:
        told = await metrics_of(EXPORTER, url)
    numbers = {
        re.sub(r'"', "", name): float(value)
        for name, value in re.findall(r"^(dump1090_\S+) (\S+)$", told, re.MULTILINE)
    }
    assert numbers["dump1090_recent_aircraft_observed{time_period=latest}"] == 7
    assert numbers["dump1090_recent_aircraft_with_position{time_period=latest}"] == 7
    assert numbers["dump1090_stats_remote_accepted{time_period=last1min}"] > 1000
