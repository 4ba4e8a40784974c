"""`squitter synth` of a scene with several stations: samples or frames of each of them, and what is true about all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, TextIO

from rich.console import Console
from rich.progress import Progress

from dsp.samples import SampleFormat
from receiver.errors import SquitterError, UsageError
from receiver.sources.scene import Scene
from receiver.sources.scene.stations import Receptions, Stations
from receiver.sources.scene.stations.samples import StationSamples
from receiver.sources.scene.stations.truth import clock_lines, heard_lines, sample_lines, sent_lines
from receiver.wire.beast import beast_bytes, signal_byte

FRAMES = (".beast", ".jsonl")
SPARE_BYTES = 256_000_000
_BYTES_PER_SECOND = 600_000  # of a frame scene's files, at most: a guess for the disk's sake
_CHUNK_S = 10.0
_NS = 1_000_000_000


def run(
    scene: Scene, out: Path, start_s: float, end_s: float, rate_hz: float, kind: SampleFormat | None,
    *, quiet: bool,
) -> int:  # fmt: skip
    """Write samples of a format, or frames (None); exit status 0."""
    if out.name.lower().endswith((".sigmf-meta", ".sigmf-data")):
        raise UsageError(
            f"{out.name}: scenes with stations are written raw (sky_2400k.cu8) or as frames (.beast, .jsonl)"
        )
    stations = scene.stations
    seconds = end_s - start_s
    per_second = rate_hz * kind.bytes_per_sample if kind is not None else _BYTES_PER_SECOND / 6
    _check_room(out, seconds * per_second * len(stations.names))
    console = Console(stderr=True, quiet=quiet, highlight=False)
    truth = out.with_name(out.name + ".truth.jsonl")
    with Progress(console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task(out.name, total=seconds)
        with _Files() as files:
            if kind is not None:
                steps = _samples(stations, out, files, (start_s, end_s), rate_hz, kind)
            else:
                steps = _frames(stations, out, files, (start_s, end_s))
            for done_s in steps:
                progress.update(task, completed=done_s)
            names = ", ".join(path.name for path in files.paths if path != truth)
    console.print(
        f"{seconds:g} s, {len(stations.names)} stations: {names}; the truth is in {truth.name}.", soft_wrap=True
    )
    return 0


def station_path(out: Path, name: str) -> Path:
    """Where the part of one station goes: sky_2400k.cu8 → sky_2400k_north.cu8."""
    return out.with_name(f"{out.stem}_{name}{out.suffix}")


class _Files:
    """Files that appear under their names when all of them are complete."""

    def __init__(self) -> None:
        self.paths: list[Path] = []
        self._stack = ExitStack()

    def __enter__(self) -> _Files:
        return self

    def text(self, path: Path) -> TextIO:
        return self._stack.enter_context(self._part(path).open("w", encoding="utf-8"))

    def binary(self, path: Path) -> BinaryIO:
        return self._stack.enter_context(self._part(path).open("wb"))

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        self._stack.close()
        parts = [(path.with_name(path.name + ".part"), path) for path in self.paths]
        for part, path in parts:
            if error is None:
                os.replace(part, path)
            else:
                part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise SquitterError(f"{self.paths[0] if self.paths else 'output'}: {error.strerror}") from None

    def _part(self, path: Path) -> Path:
        self.paths.append(path)
        return path.with_name(path.name + ".part")


def _frames(stations: Stations, out: Path, files: _Files, part: tuple[float, float]) -> Iterator[float]:
    truth = files.text(out.with_name(out.name + ".truth.jsonl"))
    lines = files.text(out) if out.suffix == ".jsonl" else None
    beasts = [] if lines else [files.binary(station_path(out, name)) for name in stations.names]
    begin_s = part[0]
    for chunk in stations.chunks(*part, _CHUNK_S):
        end_s = min(begin_s + _CHUNK_S, part[1])
        truth.writelines(sent_lines(stations, chunk))
        truth.writelines(clock_lines(stations, begin_s, end_s))
        if lines:
            lines.writelines(heard_lines(stations, chunk.heard))
        else:
            truth.writelines(heard_lines(stations, chunk.heard))
            for number, beast in enumerate(beasts):
                beast.write(beast_of(chunk.heard, number, is_gps=stations.clocks[number].is_gps))
        begin_s = end_s
        yield end_s - part[0]


def beast_of(heard: Receptions, station: int, *, is_gps: bool) -> bytes:
    """What one station sends as Beast.

    Its counter has whole ticks of 12 MHz; that of a station with GPS is a Radarcape's: the second of the day in the upper
    18 bits, its nanoseconds in the lower 30.
    """
    mine = heard[heard.station == station]
    counters = mine.ticks.tolist()
    if is_gps:
        seconds, rest = mine.ticks // 12_000_000, mine.ticks % 12_000_000
        nanoseconds = ((rest + mine.fraction) * (1000.0 / 12.0)).astype("int64")
        counters = (seconds << 30 | nanoseconds.clip(0, _NS - 1)).tolist()
    rows = zip(mine.frames(), counters, mine.level_dbfs.tolist(), strict=True)
    return b"".join(beast_bytes(data, counter, signal_byte(min(level, 0.0))) for data, counter, level in rows)


def _samples(
    stations: Stations, out: Path, files: _Files, part: tuple[float, float], rate_hz: float, kind: SampleFormat
) -> Iterator[float]:
    truth = files.text(out.with_name(out.name + ".truth.jsonl"))
    begin_s = part[0]
    for chunk in stations.chunks(*part, _CHUNK_S):
        end_s = min(begin_s + _CHUNK_S, part[1])
        truth.writelines(sent_lines(stations, chunk))
        truth.writelines(clock_lines(stations, begin_s, end_s))
        begin_s = end_s
    for number, name in enumerate(stations.names):
        samples = StationSamples(stations, number, *part, rate_hz, kind)
        written = 0
        iq = files.binary(station_path(out, name))
        for block in samples.blocks():
            iq.write(block.data)
            written += block.nbytes // kind.bytes_per_sample
            truth.writelines(sample_lines(name, samples.heard))
            samples.heard.clear()
            yield (number + written / rate_hz / (part[1] - part[0])) / len(stations.names) * (part[1] - part[0])


def _check_room(out: Path, needed: float) -> None:
    """Raise SquitterError unless the disk has room for it and something to spare."""
    if not out.parent.is_dir():
        raise UsageError(f"{out.parent}: no such directory")
    free = shutil.disk_usage(out.parent).free
    if needed + SPARE_BYTES > free:
        raise SquitterError(
            f"{out}: needs about {needed / 1e9:,.1f} GB, {free / 1e9:,.1f} GB are free and {SPARE_BYTES / 1e9:g} GB stay "
            "so; take less with --seconds"
        )
