"""What all tests share: made-up input is the same on each machine, so that a red run can be run again."""

from __future__ import annotations

import pytest
from hypothesis import settings

from tests import shared_data
from tests.recordings import Made

# Searching for new input is for `make test-slow` and for a developer's own run (`pytest --hypothesis-profile=search`)
settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("same")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tells in one line how many tests had no real data."""
    skipped = [
        report
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple) and shared_data.ABSENT in report.longrepr[2]
    ]
    if skipped:
        terminalreporter.write_line(shared_data.summary(len(skipped)), yellow=True)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """Recordings of the project's own scenes, for what a plain clone tests without the real ones."""
    return Made(tmp_path_factory.mktemp("made"))
