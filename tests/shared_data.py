"""Where the real recordings and truth tables are. They are not ours to ship; every test that needs them says so.

They are looked for in `../shared` beside the checkout, or where SQUITTER_SHARED points. Absent, a test that needs them
fails with the path it wanted, because a suite that silently skips its only real input proves nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

ROOT = Path(os.environ.get("SQUITTER_SHARED", Path(__file__).resolve().parents[2] / "shared"))


def shared(name: str) -> Path:
    """Path of one file or folder of the shared data, e.g. `iq/modes1_2000k_uc8.bin`; raises FileNotFoundError."""
    path = ROOT / name
    if not path.exists():
        raise FileNotFoundError(f"real test data is missing: {path} (set SQUITTER_SHARED to the folder that has it)")
    return path
