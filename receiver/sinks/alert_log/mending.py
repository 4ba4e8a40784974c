"""What is damaged in past alerts is put aside under a name that tells so: `….damaged` beside where it was.

A power cut tears the last line of a file; a failing card, or a hand, does worse. What can be read is left and goes on;
what cannot is kept for whoever wants to look at it, and is not met again at every start.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from receiver.atomic_file import replace_file, sync_folder
from receiver.sinks.alert_log.store import LoggedAlert, frame_of, is_payload

TAIL_BYTES = 65_536  # of the frames only the end is looked at: they are hundreds of MB in all


def mend(alerts: Iterable[LoggedAlert]) -> list[str]:
    """Put aside what is damaged; what it was and where it is now, one text each. Raises OSError."""
    said: list[str] = []
    for alert in alerts:
        folder = alert.folder
        said += _mend_states(folder)
        if not folder.exists():
            continue
        said += _mend_frames(folder / "frames.jsonl")
        for name, is_good in (("context.json", _is_context), ("trail.json", _is_list)):
            path = folder / name
            if path.exists() and not _reads(path.read_bytes(), is_good):
                aside = path.with_name(f"{name}.damaged")
                path.replace(aside)
                said.append(f"{aside}: the whole file")
    return said


def _mend_states(folder: Path) -> list[str]:
    path = folder / "states.jsonl"
    good, bad = _sorted(path.read_bytes(), _is_state)
    if not bad:
        return []
    if not good:
        aside = folder.with_name(f"{folder.name}.damaged")
        if not aside.exists():
            folder.replace(aside)
            sync_folder(aside.parent)
            return [f"{aside}: the whole alert"]
    told = path.stat()
    said = _put_aside(path, bad)
    replace_file(path, b"".join(line + b"\n" for line in good))
    os.utime(path, ns=(told.st_atime_ns, told.st_mtime_ns))  # the order of alerts is that in which they were told
    return said


def _mend_frames(path: Path) -> list[str]:
    """The last lines, where a power cut has torn them."""
    if not path.exists():
        return []
    size = path.stat().st_size
    with path.open("rb") as stream:
        stream.seek(max(0, size - TAIL_BYTES))
        tail = stream.read()
    begin = 0 if size <= TAIL_BYTES else tail.find(b"\n") + 1
    good, bad = _sorted(tail[begin:], lambda line: frame_of(line) is not None)
    if not bad:
        return []
    said = _put_aside(path, bad)
    with path.open("r+b") as stream:
        stream.truncate(size - len(tail) + begin)
        stream.seek(0, 2)
        stream.write(b"".join(line + b"\n" for line in good))
        stream.flush()
        os.fsync(stream.fileno())
    return said


def _put_aside(path: Path, lines: list[bytes]) -> list[str]:
    """Before the file itself is touched: who is killed in between has them twice."""
    aside = path.with_name(f"{path.name}.damaged")
    with aside.open("ab") as stream:
        stream.write(b"".join(line + b"\n" for line in lines))
        stream.flush()
        os.fsync(stream.fileno())
    return [f"{aside}: lines={len(lines)}"]


def _sorted(content: bytes, is_good: Callable[[object], bool]) -> tuple[list[bytes], list[bytes]]:
    good: list[bytes] = []
    bad: list[bytes] = []
    for line in content.split(b"\n"):
        if line:
            (good if _reads(line, is_good) else bad).append(line)
    return good, bad


def _reads(content: bytes, is_good: Callable[[object], bool]) -> bool:
    try:
        return is_good(json.loads(content))
    except (ValueError, RecursionError):
        return False


def _is_state(line: object) -> bool:
    return isinstance(line, dict) and is_payload(line.get("payload"))


def _is_context(loaded: object) -> bool:
    return isinstance(loaded, dict) and isinstance(loaded.get("rules"), list)


def _is_list(loaded: object) -> bool:
    return isinstance(loaded, list)
