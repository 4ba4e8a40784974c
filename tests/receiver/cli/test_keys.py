from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from receiver.cli.keys import names
from receiver.cli.live_table import SORTS, LiveTable

AIR: list[dict[str, Any]] = [
    {"hex": f"a0{k:04x}", "flight": f"AAL{k}", "t": "B738", "alt_baro": 1000 * k + 123, "gs": 412.0, "r_dst": 100.5 + k,
     "squawk": "1234", "messages": 123_456 + k, "seen": 12.0, "desc": "Boeing 737", "lat": 1.0, "lon": 2.0,
     "squitter": {"country": "US", "place": "12 km W of Valle de Bravo"}}
    for k in range(40)
]  # fmt: skip


def drawn(table: LiveTable, console: Console) -> str:
    with console.capture() as out:
        console.print(table.render(AIR, {"now": 1.7e9}, ["note"]))
    return out.get()


def test_a_terminal_sends_sequences_and_characters() -> None:
    assert names(b"\x1b[A\x1b[6~qs\r") == ["up", "page down", "q", "s", "enter"]
    assert names(b"\x1b[200~") == []
    assert names(b"\x1b") == ["escape"]


@given(st.binary(max_size=40))
def test_whatever_is_typed_is_a_name_or_nothing(data: bytes) -> None:
    assert all(name.isprintable() for name in names(data))


def test_the_table_scrolls_to_what_is_selected_and_opens_it() -> None:
    console = Console(width=120, height=20, force_terminal=True, color_system=None)
    table = LiveTable(console=console, sort="callsign")
    assert "AAL0 " in drawn(table, console)
    table.press("down")
    table.press("end")
    shown = drawn(table, console)
    assert "AAL9 " in shown
    assert "of 40" in shown
    assert "Boeing 737" not in shown
    table.press("enter")
    assert "model Boeing 737" in drawn(table, console)
    table.press("escape")
    assert "AAL0 " in drawn(table, console)


def test_s_and_r_change_the_order() -> None:
    console = Console(width=120, height=20, force_terminal=True, color_system=None)
    table = LiveTable(console=console, sort=SORTS[0])
    table.press("s")
    assert "40,123" not in drawn(table, console)
    assert "39,123" in drawn(table, console)
    table.press("r")
    assert " 123 " in drawn(table, console)


@pytest.mark.parametrize("width", [40, 50, 60, 72, 80, 100, 140])
def test_no_number_is_cut(width: int) -> None:
    console = Console(width=width, height=60, force_terminal=True, color_system=None)
    lines = drawn(LiveTable(console=console, sort="callsign"), console).splitlines()
    rows = [line for line in lines if line.startswith("AAL")]
    assert len(rows) == 40
    for row in rows:
        k = int(row.split()[0].removeprefix("AAL"))
        assert f"{1000 * k + 123:,}" in row
        assert f"{100.5 + k:.1f}" in row
        assert "…" not in row.partition("Valle")[0] or width >= 74
