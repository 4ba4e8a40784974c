"""Where the real recordings and truth tables are. They are not ours to ship, and a plain clone has none of them.

They are looked for in `../shared` beside the project, or where SQUITTER_SHARED points. Without them, a test that needs
them is skipped, and the end of the run says in one line how many were (`tests/conftest.py`). Under CI they are
required: there a suite that silently skips its only real input would prove nothing. What a plain clone can test without
them it tests on scenes that the project makes itself (`tests/recordings.py`).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(os.environ.get("SQUITTER_SHARED") or Path(__file__).resolve().parents[2] / "shared")
ABSENT = "real recordings are not here"


def shared(name: str) -> Path:
    """Path of one file or folder of the real data, e.g. `iq/modes1_2000k_uc8.bin`.

    Where there is no such folder at all, the calling test is skipped; under CI, and where the folder is there but not
    this file in it, the test fails.
    """
    path = ROOT / name
    if path.exists():
        return path
    told = f"{ABSENT}: {path} (set SQUITTER_SHARED to the folder that has them)"
    if ROOT.exists() or required():
        pytest.fail(told, pytrace=False)
    pytest.skip(told)


def required() -> bool:
    """Whether a run without the real data is a failure: the variable CI is set, as every build service does."""
    return os.environ.get("CI", "").lower() not in ("", "0", "false")


def summary(skipped: int) -> str:
    """The one line at the end of a run in which tests were skipped for lack of real data."""
    return (
        f"{skipped} tests skipped: {ABSENT}. They would be in {ROOT} "
        "(SQUITTER_SHARED, or ../shared beside the project); CI=1 makes them required."
    )
