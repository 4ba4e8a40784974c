"""Traces and half-hours, read back as tar1090's page reads them."""

from __future__ import annotations

import struct
from typing import Any

import pytest

from receiver.history.day_file import IdentityRow
from receiver.history.reader import Point
from receiver.history.traces import HALF_HOUR_S, MAGIC, SLICE_S, half_hour, trace

START_S = 1_764_115_200.0


def point(second: float, altitude: int | None = 10_000, geometric: int | None = None, ground: bool = False) -> Point:
    return Point(START_S + second, 50.0 + second / 1e4, -0.5, altitude, geometric, 450.5, 271.3, -640, ground)


def identity(second: float, callsign: str | None, squawk: str | None = "7421", kind: str = "adsb_icao") -> IdentityRow:
    return IdentityRow(round((START_S + second) * 1000), 1, kind, callsign, squawk, "A3", None, "PH-BXA", "B738")


def slices_of(data: bytes) -> list[tuple[float, dict[str, dict[str, Any]]]]:
    """As tar1090's `initReplay` and `replayStep` do: marks are looked for, entries are 16 bytes."""
    assert len(data) % 16 == 0
    out: list[tuple[float, dict[str, dict[str, Any]]]] = []
    for at in range(0, len(data), 16):
        first, latitude, longitude = struct.unpack_from("<Iii", data, at)
        altitude, speed = struct.unpack_from("<hh", data, at + 12)
        if first == MAGIC:
            ms = struct.unpack_from("<I", data, at + 8)[0] + (latitude << 32)
            assert struct.unpack_from("<H", data, at + 12)[0] == SLICE_S * 1000
            out.append((ms / 1000, {}))
            continue
        if not out:
            continue  # the index
        hex_ = ("~" if first & 1 << 24 else "") + f"{first & 0xFFFFFF:06x}"
        seen = out[-1][1].setdefault(hex_, {})
        if latitude >= 1 << 30:
            seen |= {"flight": data[at + 8 : at + 16].decode(), "squawk": f"{latitude & 0xFFFF:04d}"}
        else:
            seen |= {
                "lat": latitude / 1e6, "lon": longitude / 1e6, "type": first >> 27 & 31, "gs": speed / 10,
                "alt": "ground" if altitude == -123 else None if altitude == -124 else altitude * 25,
            }  # fmt: skip
    return out


def test_a_half_hour_reads_back() -> None:
    tracks = {
        "4840d6": [point(second) for second in range(-60, 1800, 10)],
        "~abcdef": [point(600, ground=True), point(610, altitude=None)],
    }
    known = {"4840d6": identity(0, "KLM1023"), "~abcdef": identity(0, None, None, "tisb_other")}
    data = half_hour(START_S, tracks, known)
    slices = slices_of(data)
    assert [at for at, _ in slices] == [START_S + SLICE_S * k for k in range(round(HALF_HOUR_S / SLICE_S))]
    one = slices[0][1]["4840d6"]
    assert (one["flight"], one["squawk"], one["alt"], one["gs"], one["type"]) == ("KLM1023 ", "7421", 10_000, 450.5, 0)
    assert (one["lat"], one["lon"]) == pytest.approx((50.002, -0.5))
    assert [at for at, seen in slices if "~abcdef" in seen] == [START_S + 600, START_S + 630]
    assert slices[20][1]["~abcdef"] | {"lat": 0, "lon": 0} == {
        "lat": 0, "lon": 0, "type": 11, "gs": 450.5, "alt": None, "flight": "\0" * 8, "squawk": "0000"
    }  # fmt: skip
    index = [struct.unpack_from("<i", data, 16 * k)[0] for k in range(len(slices))]
    assert all(struct.unpack_from("<I", data, 16 * place)[0] == MAGIC for place in index)


def test_a_trace_says_what_changed_and_where_legs_begin() -> None:
    points = [point(0), point(30, ground=True), point(60, altitude=None, geometric=900), point(4000)]
    told = trace("4840d6", points, [identity(0, "KLM1023"), identity(50, "KLM1024")])
    assert told is not None
    assert (told["icao"], told["timestamp"], told["r"], told["t"]) == ("4840d6", START_S, "PH-BXA", "B738")
    entries = told["trace"]
    assert [entry[0] for entry in entries] == [0, 30, 60, 4000]
    assert [entry[3] for entry in entries] == [10_000, "ground", 900, 10_000]
    assert [entry[6] for entry in entries] == [2, 0, 8, 3]
    assert [None if entry[8] is None else entry[8]["flight"] for entry in entries] == [
        "KLM1023 ",
        None,
        "KLM1024 ",
        None,
    ]
    assert {len(entry) for entry in entries} == {14}
    assert trace("4840d6", [], []) is None
    assert trace("4840d6", points, [])["trace"][0][8:10] == [None, None]  # type: ignore[index]
