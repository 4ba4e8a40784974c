"""An alert in one file, to keep or to pass on: a zip archive that replays to the same alert.

It holds what the alert's folder holds, and the frames once more as `frames.beast` for other programs. It holds what
the aircraft sent and what was made of it, and nothing of the station: signal levels are left out. Whoever wants to may
add IQ samples, `iq.sigmf-meta` and `iq.sigmf-data`; those hold whatever was on the air. A replay leaves them alone.
"""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from receiver.errors import SquitterError
from receiver.sinks.alert_log.store import LoggedAlert, frame_line
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK, frame_to_beast

MAX_BYTES = 400_000_000  # unpacked, without samples
MAX_IQ_BYTES = 600_000_000  # two minutes at 2.4 MS/s
IQ_META, IQ_DATA = "iq.sigmf-meta", "iq.sigmf-data"
_NAMES = frozenset({"states.jsonl", "context.json", "trail.json", "picture.png", "frames.jsonl"})


def write_bundle(
    alert: LoggedAlert, path: Path, more: Mapping[str, str] | None = None, samples: Path | None = None
) -> None:
    """Write a bundle; the old file stays until the new one is whole.

    Parameters
    ----------
    more
        Further files of text by name; with `samples`, their metadata among them as `IQ_META`.
    samples
        IQ samples to add as `IQ_DATA`.

    Raises
    ------
    SquitterError
        The samples take more than `MAX_IQ_BYTES`.
    OSError
        A file cannot be read or written.
    """
    if samples is not None and samples.stat().st_size > MAX_IQ_BYTES:
        raise SquitterError(
            f"{samples}: {samples.stat().st_size / 1e6:,.0f} MB, and a bundle takes {MAX_IQ_BYTES // 1_000_000} MB of "
            "samples; pass the recording on separately"
        )
    frames = [replace(frame, signal_dbfs=None) for frame in alert.frames()]
    files: dict[str, bytes] = {
        "states.jsonl": (alert.folder / "states.jsonl").read_bytes(),
        "context.json": (alert.folder / "context.json").read_bytes(),
        "trail.json": json.dumps(alert.trail(), separators=(",", ":")).encode(),
        "frames.jsonl": "".join(json.dumps(frame_line(f), separators=(",", ":")) + "\n" for f in frames).encode(),
    }
    picture = alert.picture()
    if picture is not None:
        files["picture.png"] = picture
    if frames:
        start = frames[0].time_s
        files["frames.beast"] = b"".join(
            frame_to_beast(replace(f, counter_12mhz=round((f.time_s - start) * COUNTER_HZ) & COUNTER_MASK))
            for f in frames
        )
    for name, text in (more or {}).items():
        files[name] = text.encode()
    temporary = path.parent / f".{path.name}.new"
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in files.items():
                archive.writestr(_entry(name), content, zipfile.ZIP_DEFLATED)
            if samples is not None:
                with samples.open("rb") as data, archive.open(_entry(IQ_DATA), "w") as packed:
                    shutil.copyfileobj(data, packed, 1_000_000)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def _entry(name: str) -> zipfile.ZipInfo:
    """With a fixed date: the same alert gives the same file."""
    entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
    entry.compress_type = zipfile.ZIP_DEFLATED
    return entry


def iq_bytes(path: Path) -> int:
    """How many bytes of samples a bundle says that it has; none are unpacked."""
    with zipfile.ZipFile(path) as archive:
        return archive.getinfo(IQ_DATA).file_size if IQ_DATA in archive.namelist() else 0


def read_bundle(path: Path, folder: Path) -> LoggedAlert:
    """Unpack the files of a bundle that are known by name into a new folder.

    Raises
    ------
    SquitterError
        It is no bundle, or unpacks to more than `MAX_BYTES`.
    """
    target = folder / "bundle"
    target.mkdir()
    left = MAX_BYTES
    try:
        with zipfile.ZipFile(path) as archive:
            for name in sorted(_NAMES & set(archive.namelist())):
                with archive.open(name) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise SquitterError(f"{path}: larger than {MAX_BYTES // 1_000_000} MB when unpacked")
                (target / name).write_bytes(content)
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError) as error:
        raise SquitterError(f"{path}: not an alert bundle: {error}") from None
    alert = LoggedAlert(target)
    _check(alert, path)
    return alert


def _check(alert: LoggedAlert, path: Path) -> None:
    try:
        states: list[dict[str, Any]] = alert.states()
        context = alert.context()
        good = bool(states) and "id" in states[0]["payload"] and isinstance(context["rules"], list)
    except (OSError, ValueError, KeyError, TypeError, SquitterError):
        good = False
    if not good:
        raise SquitterError(f"{path}: not an alert bundle: states.jsonl or context.json is missing or broken")
