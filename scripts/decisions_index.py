"""Write docs/decisions/README.md: every decision under its part, by number. Run it after adding one."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "decisions"
HEAD = """\
# Decisions, by part

Whatever was argued or measured: context, options with figures, choice, consequences. One file per decision, numbered by part
(the tens; when they are full, a hundred more). Each begins with its status and date: accepted, or replaced and by which. A new one: copy the shape of any of these, take
the next free number of the part, run `python scripts/decisions_index.py`, which writes this page.
"""
PARTS = {
    0: "The whole program",
    1: "Demodulator (`dsp/`)",
    2: "Modulator and scenes (`dsp/air`, `receiver/sources/scene`)",
    3: "Dongle and recordings (`receiver/sources`), doctor",
    4: "Frames and history (`receiver/sources/frames`, `receiver/decode`, `receiver/sinks`, `receiver/history`)",
    5: "MQTT and Home Assistant (`receiver/sinks`)",
    6: "Places and aircraft lists (`receiver/atlas`, `receiver/registry`)",
    7: "Watch, pictures, notifications (`receiver/watch`)",
    8: "Map (`receiver/web`)",
    9: "Installing and packaging (`scripts`, `packaging`)",
    11: "Many stations (`receiver/fleet`, `receiver/mlat`)",
}


def index() -> str:
    """The page."""
    out = [HEAD]
    for part, title in PARTS.items():
        rows = [
            f"- [{path.name[:4]}]({path.name}) {title_of(path)}"
            for path in sorted(FOLDER.glob("[0-9]*.md"))
            if int(path.name[:4]) // 10 % 10 == part
        ]
        if rows:
            out.append("\n".join([f"## {title}", "", *rows, ""]))
    return "\n".join(out)


def title_of(path: Path) -> str:
    """Its heading without the number."""
    return re.sub(r"^#\s+(\d{4}|\d+\.)?\s*", "", path.read_text().splitlines()[0])


if __name__ == "__main__":
    (FOLDER / "README.md").write_text(index())
