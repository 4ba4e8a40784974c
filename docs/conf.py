"""The documentation site: `make docs` builds it offline into build/docs. Reference pages are rendered from the code."""

from __future__ import annotations

import re
import sys
from pathlib import Path

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS.parent))
sys.path.insert(0, str(DOCS))

from generate import write_reference  # noqa: E402

from receiver import __version__  # noqa: E402

project = "Squitter"
author = "the Squitter authors"
release = version = __version__
extensions = ["myst_parser"]
myst_enable_extensions = ["deflist", "attrs_block"]
myst_heading_anchors = 3
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
smartquotes = False  # values stand in quotes that are typed
man_pages = [("commands", "squitter", "Mode S and ADS-B receiver for 1090 MHz that publishes to MQTT", [author], 1)]
html_theme = "furo"
html_title = "Squitter"
html_copy_source = False
html_show_sphinx = False
templates_path: list[str] = []

_LINK = re.compile(r"!?\[([^\]]*)\]\(([^):\s#]+)(?:#[^)]*)?\)")


def files_outside_the_site(app: object, name: str, text: list[str]) -> None:
    """Turn links to folders, and to files of the repository that are no pages, into plain text: the site stands alone."""
    here = (DOCS / name).parent

    def plain(found: re.Match[str]) -> str:
        target = (here / found[2]).resolve()
        if (target.is_file() and target.is_relative_to(DOCS)) or not target.exists():
            return found[0]
        return f"{found[1]} (`{found[2].removeprefix('../').removeprefix('../')}` in the repository)"

    text[0] = _LINK.sub(plain, text[0])


def setup(app: object) -> dict[str, bool]:
    write_reference(DOCS / "reference")
    app.connect("source-read", files_outside_the_site)  # type: ignore[attr-defined]
    return {"parallel_read_safe": True, "parallel_write_safe": True}
