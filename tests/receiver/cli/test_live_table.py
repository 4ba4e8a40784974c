from __future__ import annotations

import io
from typing import Any

from rich.console import Console

from receiver.cli.live_table import LiveTable

DRONE = {
    "hex": "ae4bd7",
    "flight": "TROY701 ",
    "t": "Q9",
    "alt_baro": 19000,
    "gs": 180.2,
    "lat": 19.2,
    "lon": -100.1,
    "messages": 3,
    "seen": 0.4,
    "squitter": {"confidence": "confirmed", "watch": ["drone"], "pattern": "orbit", "place": "12 km W of Valle"},
}
AIRLINER = {"hex": "0d0a1b", "flight": "AMX123  ", "alt_baro": 34000, "messages": 900, "seen": 1, "squitter": {}}


def drawn(objects: list[dict[str, Any]], height: int = 30, **more: Any) -> str:
    console = Console(file=io.StringIO(), width=160, height=height, force_terminal=True, color_system=None)
    table = LiveTable(console=console, **more)
    console.print(table.render(objects, {"now": 1764060000.0, "messages_per_s": 812.4}, ["map: http://127.0.0.1:8080"]))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def test_an_aircraft_is_a_line_with_what_it_does_and_where() -> None:
    text = drawn([DRONE])
    line = next(line for line in text.splitlines() if "TROY701" in line)
    for part in ("ae4bd7", "Q9", "19,000", "180", "orbit", "12 km W of Valle"):
        assert part in line
    assert "812 messages/s" in text
    assert "1 with position" in text
    assert "http://127.0.0.1:8080" in text


def test_what_is_watched_comes_first_whatever_the_order() -> None:
    text = drawn([AIRLINER, DRONE])
    assert text.index("TROY701") < text.index("AMX123")


def test_an_emergency_comes_before_what_is_watched() -> None:
    text = drawn([DRONE, {**AIRLINER, "squawk": "7700"}])
    assert text.index("AMX123") < text.index("TROY701")


def test_markup_and_escape_sequences_from_the_air_stay_text() -> None:
    evil = {**AIRLINER, "t": "[red]", "ownOp": "\x1b]0;owned\x07", "flight": "[bold]#", "squawk": "\x1b[2J"}
    text = drawn([evil])
    assert "[bold]#" in text
    assert "[red]" in text
    assert "\x1b" not in text
    assert "\x07" not in text


def test_more_aircraft_than_the_terminal_has_lines_are_counted() -> None:
    many = [{**AIRLINER, "hex": f"{k:06x}"} for k in range(100)]
    text = drawn(many, height=20)
    assert "more" in text
    assert len(text.splitlines()) <= 20


def test_where_there_is_no_terminal_a_line_is_printed_each_minute_of_signal() -> None:
    console = Console(file=io.StringIO(), width=160)
    with LiveTable(console=console, line_every_s=0) as table:
        for second in range(130):
            table.update([DRONE], {"now": 1764060000.0 + second}, ["map: here"])
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().count("1 aircraft") == 3
    assert console.file.getvalue().count("map: here") == 1, "a note is news once"


def test_minutes_that_pass_in_seconds_do_not_flood_a_log() -> None:
    console = Console(file=io.StringIO(), width=160)
    with LiveTable(console=console) as table:
        for minute in range(100):
            table.update([DRONE], {"now": 1764060000.0 + 60 * minute})
    assert isinstance(console.file, io.StringIO)
    assert console.file.getvalue().count("1 aircraft") == 1


def test_a_note_that_changes_does_not_repeat_the_others_in_a_log() -> None:
    console = Console(file=io.StringIO(), width=20)
    with LiveTable(console=console, line_every_s=0) as table:
        for minute in range(3):
            table.update([DRONE], {"now": 1764060000.0 + 60 * minute}, [f"! circles for {minute} min", "map: here"])
    assert isinstance(console.file, io.StringIO)
    lines = console.file.getvalue().splitlines()
    assert [line for line in lines if "aircraft" not in line] == [
        "! circles for 0 min", "map: here", "! circles for 1 min", "! circles for 2 min"
    ]  # fmt: skip
    assert len(lines) == 7, "a summary is one line, however long"


def test_a_terminal_of_80_characters_has_fewer_columns_all_of_them_readable() -> None:
    console = Console(file=io.StringIO(), width=80, height=30, force_terminal=True)
    with LiveTable(console=console) as table:
        table.print_once([DRONE], {"now": 1.0})
    assert isinstance(console.file, io.StringIO)
    shown = console.file.getvalue()
    assert all(name in shown for name in ("call sign", "alt ft", "squawk", "seen", "what and where"))
    assert "dBFS" not in shown


def test_a_terminal_is_redrawn_in_place() -> None:
    console = Console(file=io.StringIO(), width=160, height=30, force_terminal=True)
    with LiveTable(console=console) as table:
        table.update([DRONE], {"now": 1.0}, [])
        table.update([AIRLINER], {"now": 2.0}, [])
    assert isinstance(console.file, io.StringIO)
    assert "AMX123" in console.file.getvalue()
