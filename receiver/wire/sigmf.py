"""SigMF: IQ in one file, JSON that describes it in another. What we read of it, and what we write.

Gaps are told by the standard's own means: each uninterrupted run is a capture with `core:sample_start` (its place in
the file) and `core:global_index` (its place in the stream), or else its `core:datetime`. Other programs' files of
samples are described, too: `core:dataset` names them, `core:header_bytes` and `core:trailing_bytes` say what in them is
no sample.

Source: SigMF specification 1.2, sections on the global and capture objects.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dsp.samples import SampleFormat
from receiver.wire.numbers import SIGMF, NumberFormat

NAMES = {
    SampleFormat.CU8: "cu8",
    SampleFormat.CS8: "ci8",
    SampleFormat.CS16: "ci16_le",
    SampleFormat.CF32: "cf32_le",
}


_GAP_S = 0.05


class SigmfError(ValueError):
    """The metadata cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class SigmfRun:
    """An uninterrupted run: where it begins in the file and in the stream, both in complex samples, how many bytes of
    something else stand before it, and what it was tuned to (None: not said)."""

    sample_start: int
    global_index: int
    header_bytes: int = 0
    frequency_hz: float | None = None


@dataclass(frozen=True, slots=True)
class SigmfMeta:
    """What the metadata say.

    Attributes
    ----------
    runs
        At least one, ascending.
    start_utc_s
        Of stream index 0 by the first capture's `core:datetime`; None when it has none.
    dataset
        Name of the file with the samples where it is not the usual one.
    trailing_bytes
        At the end of that file, which are no samples.
    channels
        Of which the samples are interleaved.
    """

    number_format: NumberFormat
    sample_rate_hz: float
    runs: tuple[SigmfRun, ...]
    start_utc_s: float | None
    dataset: str | None = None
    trailing_bytes: int = 0
    channels: int = 1

    @property
    def frequency_hz(self) -> float | None:
        """What the first run was tuned to."""
        return self.runs[0].frequency_hz


def parse_sigmf(text: str | bytes) -> SigmfMeta:
    """Metadata from the text of a `.sigmf-meta` file.

    Raises
    ------
    SigmfError
        Not JSON, cut short, or without what is needed.
    """
    meta = _json(text)
    if not isinstance(meta, dict) or not isinstance(meta.get("global"), dict):
        raise SigmfError("no `global` object")
    described: dict[str, Any] = meta["global"]
    if described.get("core:metadata_only") is True:
        raise SigmfError("core:metadata_only: it says that there are no samples")
    datatype = described.get("core:datatype")
    if not isinstance(datatype, str) or datatype not in SIGMF:
        raise SigmfError(f"core:datatype: got {datatype!r}, expected one of {', '.join(SIGMF)}")
    rate = described.get("core:sample_rate")
    if isinstance(rate, bool) or not isinstance(rate, int | float) or not 0 < rate < 1e12:
        raise SigmfError(f"core:sample_rate: got {rate!r}, expected samples a second")
    channels = _whole(described, "core:num_channels", 1)
    if not 1 <= channels <= 64:
        raise SigmfError(f"core:num_channels: got {channels}, expected 1 to 64")
    dataset = described.get("core:dataset")
    if dataset is not None and (not isinstance(dataset, str) or not dataset or any(c in dataset for c in "/\\\0")):
        raise SigmfError(f"core:dataset: got {dataset!r}, expected the name of a file beside this one")
    captures = meta.get("captures") or [{}]
    if not isinstance(captures, list) or not all(isinstance(capture, dict) for capture in captures):
        raise SigmfError("captures: expected a list of objects")
    runs, start_utc_s = _runs(captures, float(rate), _whole(described, "core:offset", 0))
    return SigmfMeta(
        number_format=SIGMF[datatype],
        sample_rate_hz=float(rate),
        runs=runs,
        start_utc_s=start_utc_s,
        dataset=dataset,
        trailing_bytes=_whole(described, "core:trailing_bytes", 0),
        channels=channels,
    )


def _json(text: str | bytes) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:  # also: not UTF-8, a number of thousands of digits, a pit of brackets
        raise SigmfError(f"not valid JSON ({str(error)[:100]}): is the file cut short?") from None


def parse_collection(text: str | bytes) -> tuple[str, ...]:
    """Names of the recordings (without `.sigmf-meta`) from the text of a `.sigmf-collection` file.

    Raises
    ------
    SigmfError
        Not JSON, cut short, or without the names of files beside it.
    """
    described = _json(text)
    collection = described.get("collection") if isinstance(described, dict) else None
    streams = collection.get("core:streams") if isinstance(collection, dict) else None
    if isinstance(streams, dict):  # before version 1.2, name and hash of each
        names = [name for pair in streams.values() if isinstance(pair, list) for name in pair[:1]]
    else:
        names = [one.get("name") for one in streams or () if isinstance(one, dict)] if isinstance(streams, list) else []
    if not names or not all(isinstance(name, str) and name and not any(c in name for c in "/\\\0") for name in names):
        raise SigmfError("core:streams: expected the names of recordings beside this file")
    return tuple(name.removesuffix(".sigmf-meta") for name in names)


def _whole(described: dict[str, Any], key: str, default: int) -> int:
    value = described.get(key, default)
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 62:
        raise SigmfError(f"{key}: got {value!r}, expected a whole number from 0")
    return value


def _runs(captures: list[dict[str, Any]], rate_hz: float, offset: int) -> tuple[tuple[SigmfRun, ...], float | None]:
    """The runs, and UTC of stream index 0. `offset` is the index of the file's first sample: all others count from the
    same zero. Where a capture says when it began, and not at which index, the time tells the index."""
    runs: list[SigmfRun] = []
    first_utc_s: float | None = None
    for capture in captures:
        start = _whole(capture, "core:sample_start", offset)
        place = start - offset if start >= offset else start
        utc_s = _time(capture.get("core:datetime"))
        follows = runs[-1].global_index + place - runs[-1].sample_start if runs else start
        if "core:global_index" in capture:
            index = _whole(capture, "core:global_index", start)
        elif utc_s is not None and first_utc_s is not None:
            # clocks of computers are off by some ms: no gap is made of that
            index = runs[0].global_index + round((utc_s - first_utc_s) * rate_hz)
            index = index if index - follows > _GAP_S * rate_hz else follows
        else:
            index = follows
        if runs and (place <= runs[-1].sample_start or index < runs[-1].global_index):
            raise SigmfError("captures: core:sample_start must rise from one to the next")
        if not runs:
            first_utc_s = utc_s
        frequency = capture.get("core:frequency")
        if isinstance(frequency, int | float) and not abs(frequency) < 1e15:
            raise SigmfError(f"core:frequency: got {frequency!r}, expected Hz")
        runs.append(
            SigmfRun(
                place,
                index,
                _whole(capture, "core:header_bytes", 0),
                float(frequency) if isinstance(frequency, int | float) and not isinstance(frequency, bool) else None,
            )
        )
    return tuple(runs), None if first_utc_s is None else first_utc_s - runs[0].global_index / rate_hz


def _time(text: object) -> float | None:
    if text is None:
        return None
    try:
        at = datetime.fromisoformat(str(text))
        utc_s = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        utc_s = -1.0
    if utc_s < 0.0:
        raise SigmfError(f"core:datetime: got {str(text)[:40]!r}, expected a time such as 2026-01-31T12:00:00Z")
    return utc_s


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
