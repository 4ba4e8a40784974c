"""Files that are replaced as a whole: who reads one sees the old content or the new, never half of it."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path


def replace_file(path: Path, content: bytes, *, durable: bool = True, mode: int | None = None) -> None:
    """Replace a file, or make it.

    Parameters
    ----------
    durable
        It must be there after a power cut, too: waits for the disk, which takes up to seconds on an SD card.
    mode
        Permissions; None: as the process's mask has them.

    Raises
    ------
    OSError
        It could not be written; the old file is as it was, and nothing is left beside it.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with beside.open("wb") as stream:
            stream.write(content)
            stream.flush()
            if durable:
                os.fsync(stream.fileno())
        if mode is not None:
            beside.chmod(mode)
        os.replace(beside, path)
    except OSError:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    if durable:
        sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Wait until the names in a folder are on the disk. A file system that cannot do that is left alone."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
