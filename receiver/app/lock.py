"""Two stations on one machine have folders of their own, or each would repeat the other's alerts and mix up its history."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from config.folders import written_folders
from config.settings import Settings
from receiver.errors import UsageError

SHARED = ("recording.dir", "web.token_file", "metrics.textfile")  # file by file; nobody reads back what another wrote
LOCK = ".squitter-lock"


@contextlib.contextmanager
def locked_folders(settings: Settings) -> Iterator[None]:
    """Hold the folders that the service writes to, until it has ended; the kernel lets go when the process dies.

    A folder that cannot be made or written is passed over: who writes there says so.

    Raises
    ------
    UsageError
        Another station holds one; it is named.
    """
    held: list[int] = []
    folders: dict[Path, str] = {}
    for folder in written_folders(settings):
        if folder.setting not in SHARED:
            folders.setdefault(folder.path.absolute(), folder.setting)
    try:
        for path, setting in sorted(folders.items()):
            descriptor = _lock(path, setting, settings.station.name)
            if descriptor is not None:
                held.append(descriptor)
        yield
    finally:
        for descriptor in held:
            os.close(descriptor)


def _lock(folder: Path, setting: str, station: str) -> int | None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        other = os.read(descriptor, 200).decode(errors="replace").strip() or "another process"
        os.close(descriptor)
        raise UsageError(
            f"{setting}: {folder} is in use by {other}; give this station another name ([station] name) "
            f"or another folder, or stop the other one"
        ) from None
    except OSError:  # a file system without locks
        os.close(descriptor)
        return None
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"station {station}, process {os.getpid()}\n".encode())
    return descriptor
