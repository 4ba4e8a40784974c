"""Recordings on disk (SigMF) by the time that they hold: which of them has a given moment."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import SquitterError
from receiver.sources.files.iq_writer import base_path
from receiver.wire.sigmf import SigmfError, parse_sigmf

MOST_META_BYTES = 4_000_000
_OF_THE_STATION = ("core:hw", "core:author", "core:geolocation")


@dataclass(frozen=True, slots=True)
class SavedRecording:
    """A recording and the UTC seconds that it begins and ends at.

    Attributes
    ----------
    description
        The text of its metadata, without what tells of the station: hardware with its serial number, author, place.
    data_bytes
        Length of the samples.
    """

    data_path: Path
    data_bytes: int
    description: str
    start_s: float
    end_s: float

    def holds(self, start_s: float, end_s: float) -> bool:
        """Whether it has anything of that time."""
        return self.start_s <= end_s and self.end_s >= start_s


def saved_recording(path: Path) -> SavedRecording:
    """The recording of that name, with or without SigMF's suffixes.

    Raises
    ------
    SquitterError
        A file is missing, or the metadata are damaged or have no time.
    """
    base = base_path(path)
    meta_path, data_path = (base.with_name(base.name + suffix) for suffix in (".sigmf-meta", ".sigmf-data"))
    try:
        with meta_path.open("rb") as stream:
            text = stream.read(MOST_META_BYTES + 1)
        with data_path.open("rb") as stream:
            data_bytes = stream.seek(0, 2)
    except OSError as error:
        raise SquitterError(
            f"{error.filename}: {error.strerror}; a recording is a .sigmf-meta and a .sigmf-data"
        ) from None
    try:
        if len(text) > MOST_META_BYTES:
            raise SigmfError(f"more than {MOST_META_BYTES // 1_000_000} MB")
        meta = parse_sigmf(text)
        if meta.start_utc_s is None:
            raise SigmfError("core:datetime: is missing, so that nobody knows when this was")
        first, last = meta.runs[0], meta.runs[-1]
        after = data_bytes // meta.number_format.bytes_per_sample - last.sample_start
        start_s = meta.start_utc_s + first.global_index / meta.sample_rate_hz
        end_s = meta.start_utc_s + (last.global_index + after) / meta.sample_rate_hz
        if after < 0 or not 0.0 <= start_s <= end_s < 1e11:
            raise SigmfError("does not fit its samples: is the recording cut short?")
        described = json.loads(text)
    except (ValueError, OverflowError, RecursionError) as error:
        raise SquitterError(f"{meta_path}: {error}") from None
    for part in (described["global"], *(described.get("captures") or ())):
        for key in _OF_THE_STATION:
            part.pop(key, None)
    return SavedRecording(data_path, data_bytes, json.dumps(described, indent=2) + "\n", start_s, end_s)


def recordings_at(folder: Path, start_s: float, end_s: float) -> list[SavedRecording]:
    """Those in the folder that have anything of that time, by name. What cannot be read is left out."""
    found = []
    for path in sorted(folder.glob("*.sigmf-meta")):
        try:
            one = saved_recording(path)
        except SquitterError:
            continue
        if one.holds(start_s, end_s):
            found.append(one)
    return found
