"""The README on a package index: relative links would lead nowhere there."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
URL = "https://forge.example.org/owner/squitter"


@pytest.fixture
def hook(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The build hook, whose framework the tests' environment has not."""
    for name, interface in (("builders.hooks", "BuildHookInterface"), ("metadata", "MetadataHookInterface")):
        framework = ModuleType("interface")
        setattr(framework, interface, type(interface, (), {}))
        monkeypatch.setitem(sys.modules, f"hatchling.{name}.plugin.interface", framework)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pictures_and_pages_lead_to_the_forge(hook: ModuleType) -> None:
    text = hook.with_absolute_links((ROOT / "README.md").read_text(), URL, "v1")
    targets = re.findall(r"\]\(([^)\s]+)\)", text)
    assert len(targets) > 20
    assert all(re.match(r"https?://|#", target) for target in targets)
    assert f"![The map]({URL}/raw/v1/docs/pictures/map.png)" in text
    assert hook.with_absolute_links("[a](https://b) [c](#d) [e](docs/f.md)", URL, "v1") == (
        f"[a](https://b) [c](#d) [e]({URL}/blob/v1/docs/f.md)"
    )


@pytest.mark.parametrize("url", ["", URL])
def test_the_metadata_hold_the_readme(hook: ModuleType, url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SQUITTER_PROJECT_URL", url)
    made = hook.CustomMetadataHook()
    made.root = str(ROOT)
    metadata: dict[str, dict[str, str]] = {}
    made.update(metadata)
    assert metadata["readme"]["content-type"] == "text/markdown"
    assert ("](docs/pictures/map.png)" in metadata["readme"]["text"]) == (not url)
