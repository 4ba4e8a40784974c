"""Room and permission in every folder that is written to."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import dsp
from config.folders import existing_part, written_folders
from config.settings import Settings
from receiver.doctor.finding import Finding, good, problem, warning
from receiver.doctor.machine import Machine

MB = 1_000_000
FULL_MB = 50
TIGHT_MB = 500


def check_disk(machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Each folder once; and the place where numba keeps what it has compiled."""
    seen: set[Path] = set()
    sound = True
    for written in written_folders(settings):
        key, folder = "[{}] {}".format(*written.setting.split(".")), written.path
        existing = existing_part(folder)
        if not existing.is_dir():
            sound = False
            yield problem(
                "folder-is-file",
                f"{existing} is no folder, but {key} needs one there: {written.loss}.",
                f"Change {key}.",
            )
        elif not machine.may_write(existing):
            sound = False
            yield problem(
                "folder-denied",
                f"This user may not write to {existing} ({key}): {written.loss}.",
                f"sudo mkdir -p {folder} && sudo chown {_user()} {folder}; or change {key}.",
            )
        if existing in seen:
            continue
        seen.add(existing)
        free = machine.free_bytes(existing)
        if free is not None and free < FULL_MB * MB:
            sound = False
            yield problem("disk-full", f"Only {free / MB:.0f} MB are free at {existing} ({key}).", "Delete something.")
        elif free is not None and free < TIGHT_MB * MB:
            sound = False
            yield warning(
                "disk-tight",
                f"Only {free / MB:.0f} MB are free at {existing} ({key}).",
                "Delete something, or lower [history] max_size_mb.",
            )
    if sound and seen:
        yield good("disk", "There is free space in every folder that is written to.")
    cache = machine.environ.get("NUMBA_CACHE_DIR")
    place = Path(cache) if cache else Path(dsp.__file__).parent / "__pycache__"
    if not machine.may_write(existing_part(place)) and not any(place.glob("**/*.nbi")):
        yield warning(
            "compile-cache",
            f"What numba compiles cannot be kept in {place}, so every start takes half a minute longer.",
            "Set NUMBA_CACHE_DIR to a folder that this user may write to.",
        )


def _user() -> str:
    return os.environ.get("USER") or str(os.getuid())
