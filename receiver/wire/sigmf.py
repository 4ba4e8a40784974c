"""SigMF: IQ in one file, JSON that describes it in another. What we read of it, and what we write.

Gaps are told by the standard's own means: each uninterrupted run is a capture with `core:sample_start` (its place in
the file) and `core:global_index` (its place in the stream).

Source: SigMF specification 1.2, sections on the global and capture objects.
"""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dsp.samples import SampleFormat

DATATYPES = {
    "cu8": SampleFormat.CU8,
    "ci8": SampleFormat.CS8,
    "ci16_le": SampleFormat.CS16,
    "ci16": SampleFormat.CS16,
    "cf32_le": SampleFormat.CF32,
    "cf32": SampleFormat.CF32,
}
NAMES = {
    SampleFormat.CU8: "cu8",
    SampleFormat.CS8: "ci8",
    SampleFormat.CS16: "ci16_le",
    SampleFormat.CF32: "cf32_le",
}


class SigmfError(ValueError):
    """The metadata cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class SigmfRun:
    """An uninterrupted run: where it begins in the file and in the stream, both in complex samples."""

    sample_start: int
    global_index: int


@dataclass(frozen=True, slots=True)
class SigmfMeta:
    """What the metadata say.

    Attributes
    ----------
    runs
        At least one, ascending.
    start_utc_s
        Of stream index 0 by the first capture's `core:datetime`; None when it has none.
    """

    sample_format: SampleFormat
    sample_rate_hz: float
    runs: tuple[SigmfRun, ...]
    start_utc_s: float | None
    frequency_hz: float | None = None


def parse_sigmf(text: str | bytes) -> SigmfMeta:
    """Metadata from the text of a `.sigmf-meta` file.

    Raises
    ------
    SigmfError
        Not JSON, cut short, or without what is needed.
    """
    try:
        meta = json.loads(text)
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise SigmfError(f"not valid JSON ({error}): is the file cut short?") from None
    if not isinstance(meta, dict) or not isinstance(meta.get("global"), dict):
        raise SigmfError("no `global` object")
    described: dict[str, Any] = meta["global"]
    datatype = described.get("core:datatype")
    if datatype not in DATATYPES:
        raise SigmfError(f"core:datatype: got {datatype!r}, expected one of {', '.join(DATATYPES)}")
    rate = described.get("core:sample_rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not rate > 0:
        raise SigmfError(f"core:sample_rate: got {rate!r}, expected samples a second")
    captures = meta.get("captures") or [{}]
    if not isinstance(captures, list) or not all(isinstance(capture, dict) for capture in captures):
        raise SigmfError("captures: expected a list of objects")
    runs = []
    for capture in captures:
        start = capture.get("core:sample_start", 0)
        index = capture.get("core:global_index", start)
        if not isinstance(start, int) or not isinstance(index, int) or start < 0 or index < 0:
            raise SigmfError(f"captures: got start {start!r} and index {index!r}, expected whole numbers from 0")
        runs.append(SigmfRun(start, index))
    if any(b.sample_start <= a.sample_start or b.global_index < a.global_index for a, b in itertools.pairwise(runs)):
        raise SigmfError("captures: core:sample_start must rise from one to the next")
    utc = _time(captures[0].get("core:datetime"))
    frequency = captures[0].get("core:frequency")
    return SigmfMeta(
        sample_format=DATATYPES[datatype],
        sample_rate_hz=float(rate),
        runs=tuple(runs),
        start_utc_s=None if utc is None else utc - runs[0].global_index / float(rate),
        frequency_hz=float(frequency) if isinstance(frequency, int | float) else None,
    )


def _time(text: object) -> float | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        raise SigmfError(f"core:datetime: got {text!r}, expected a time such as 2026-01-31T12:00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def format_sigmf(
    sample_format: SampleFormat,
    sample_rate_hz: float,
    frequency_hz: float,
    start_utc_s: float,
    runs: list[SigmfRun],
    *,
    author: str = "",
    hardware: str = "",
    description: str = "",
    annotations: list[dict[str, Any]] | None = None,
) -> str:
    """The text of a `.sigmf-meta` file."""
    described: dict[str, Any] = {
        "core:datatype": NAMES[sample_format],
        "core:sample_rate": sample_rate_hz,
        "core:version": "1.2.0",
        "core:recorder": "Squitter",
        "core:num_channels": 1,
    }
    optional = {"core:author": author, "core:hw": hardware, "core:description": description}
    described |= {key: value for key, value in optional.items() if value}
    captures = [
        {
            "core:sample_start": run.sample_start,
            "core:global_index": run.global_index,
            "core:frequency": frequency_hz,
            "core:datetime": datetime.fromtimestamp(start_utc_s + run.global_index / sample_rate_hz, UTC)
            .isoformat(timespec="microseconds")
            .replace("+00:00", "Z"),
        }
        for run in runs
    ]
    return json.dumps({"global": described, "captures": captures, "annotations": annotations or []}, indent=2) + "\n"
