"""Log lines: for a person, for the journal, as JSON."""

from __future__ import annotations

import json
import logging
import os
import re
import subprocess
import sys

import pytest

from receiver.app.log_lines import JournalLines, JsonLines, TextLines, split_values

PROGRAM = """
import logging, os, sys
from config.log import LogSettings
from receiver.app.log_lines import set_up_logging
here = os.fstat(2)
if sys.argv[1] == "journal":
    os.environ["JOURNAL_STREAM"] = f"{here.st_dev}:{here.st_ino}"
elif sys.argv[1] == "elsewhere":
    os.environ["JOURNAL_STREAM"] = "1:1"
set_up_logging(LogSettings())
logging.getLogger("part").warning("Disk full: path=/x free=0")
"""


def record(message: str, level: int = logging.INFO, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("receiver.part", level, "part.py", 1, message, (), exc_info)  # type: ignore[arg-type]


def failure() -> object:
    try:
        raise OSError("no\nroom")
    except OSError:
        return sys.exc_info()


def test_a_person_reads_iso_time_with_its_zone() -> None:
    line = TextLines().format(record("Connected: host=a"))
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}[+-]\d\d:\d\d INFO receiver\.part: Connected: host=a", line
    )


def test_each_line_for_the_journal_has_a_priority_and_no_time() -> None:
    lines = JournalLines().format(record("It failed", logging.ERROR, failure())).splitlines()
    assert lines[0] == "<3>receiver.part: It failed"
    assert len(lines) > 3
    assert all(line.startswith("<3>") for line in lines)


def test_json_is_one_object_per_line_with_values_of_their_own() -> None:
    line = JsonLines().format(record('Connected: host=127.0.0.1 port=1883 reason="not now"', exc_info=failure()))
    assert "\n" not in line
    read = json.loads(line)
    assert read["message"] == "Connected"
    assert read["values"] == {"host": "127.0.0.1", "port": "1883", "reason": "not now"}
    assert read["level"] == "info"
    assert "OSError" in read["exception"]


@pytest.mark.parametrize(
    ("message", "sentence", "values"),
    [
        ("Shutting down", "Shutting down", {}),
        ("a=b", "", {"a": "b"}),
        ("x = y is no pair", "x = y is no pair", {}),
        ("set web.open=true in the settings", "set web.open=true in the settings", {}),
        ("Stopped reason=", "Stopped", {"reason": ""}),
        ("path C=1 stays; n=2", "path C=1 stays", {"n": "2"}),
    ],
)
def test_only_a_tail_of_pairs_counts(message: str, sentence: str, values: dict[str, str]) -> None:
    assert split_values(message) == (sentence, values)


@pytest.mark.parametrize(("where", "journal"), [("journal", True), ("elsewhere", False), ("terminal", False)])
def test_the_journal_is_recognised_by_its_socket(where: str, journal: bool) -> None:
    environment = {key: value for key, value in os.environ.items() if key != "JOURNAL_STREAM"}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, where],
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
        check=True,
        timeout=60,
    )
    if journal:
        assert done.stderr == "<4>part: Disk full: path=/x free=0\n"
    else:
        assert re.match(r"\d{4}-", done.stderr)
