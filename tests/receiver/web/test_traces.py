"""What tar1090's page asks for beside aircraft.json, out of a real history."""

from __future__ import annotations

import struct
from datetime import UTC, datetime
from pathlib import Path

import aiohttp

from receiver.history.day_file import IdentityRow, PositionRow, aircraft_number
from receiver.history.reader import HistoryReader
from receiver.history.store import HistoryStore
from receiver.history.traces import MAGIC
from tests.receiver.web.airs import START_S, air, serving, web_sink


def raw() -> aiohttp.ClientSession:
    return aiohttp.ClientSession()


NUMBER = aircraft_number("4840d6")


def stored(folder: Path) -> HistoryReader:
    store = HistoryStore(folder)
    rows = [
        PositionRow(
            round((START_S + at) * 1000), NUMBER, 52_000_000 + int(at), 4_500_000, 30_000, None, 4500, 900, 0, 0
        )
        for at in range(-3600, 0, 10)
    ]
    known = IdentityRow(round((START_S - 3600) * 1000), NUMBER, "adsb_icao", "KLM1023", "1000", "A3", None, None, None)
    store.append(rows, [known])
    store.close()
    return HistoryReader(folder)


async def test_tar1090_gets_traces_days_and_the_outline(tmp_path: Path) -> None:
    sink = web_sink(history=stored(tmp_path))
    sink.second(air(START_S))
    day = datetime.fromtimestamp(START_S - 1800, UTC)
    past = f"globe_history/{day:%Y/%m/%d}"
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "data/receiver.json") as answer:
            told = await answer.json()
            assert told["haveTraces"] is True
            assert told["outlineJson"] is True
        for path in ("data/traces/d6/trace_full_4840d6.json", f"{past}/traces/d6/trace_full_4840d6.json"):
            async with client.get(url + path) as answer:
                assert answer.status == 200
                whole = await answer.json()
                assert whole["trace"][0][8]["flight"] == "KLM1023 "
                assert len(whole["trace"]) > 100
        async with client.get(url + "data/traces/d6/trace_recent_4840d6.json") as answer:
            assert 50 < len((await answer.json())["trace"]) < 65
        number = day.hour * 2 + day.minute // 30
        async with client.get(url + f"{past}/heatmap/{number:02d}.bin.ttf") as answer:
            assert answer.status == 200
            data = await answer.read()
            first = struct.unpack_from("<i", data)[0]
            assert struct.unpack_from("<I", data, 16 * first)[0] == MAGIC
        async with client.get(url + "data/outline.json") as answer:
            assert "points" in (await answer.json())["actualRange"]["last24h"]
        for bad in (
            "data/traces/d7/trace_full_4840d6.json", "data/traces/d6/trace_full_..%2f.json", f"{past}/heatmap/48.bin.ttf",
            "globe_history/2026/02/31/heatmap/00.bin.ttf", "data/traces/01/trace_full_000001.json",
        ):  # fmt: skip
            async with client.get(url + bad) as answer:
                assert answer.status == 404, bad


async def test_without_a_history_nothing_is_promised() -> None:
    sink = web_sink()
    sink.second(air(START_S))
    async with serving(sink) as url, raw() as client:
        async with client.get(url + "data/receiver.json") as answer:
            assert "haveTraces" not in await answer.json()
        async with client.get(url + "data/traces/d6/trace_full_4840d6.json") as answer:
            assert answer.status == 404
