"""`squitter synth SCENARIO OUT`: a described scene as samples, and beside them what is true about them."""

from __future__ import annotations

import argparse
import json
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, TextIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from dsp.samples import SampleFormat
from receiver.cli import synth_stations
from receiver.cli.sample_options import number_format_named, parse_rate
from receiver.errors import SquitterError, UsageError
from receiver.sources.files.names import format_in_name, rate_in_name
from receiver.sources.scene import Scene, SceneSource, Sent, open_scene
from receiver.wire.numbers import NATIVE
from receiver.wire.sigmf import SigmfRun, format_sigmf

FREQUENCY_HZ = 1_090_000_000
SPARE_BYTES = 256_000_000  # what the disk keeps free
TRUTH_BYTES_PER_FRAME = 110


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Scene, result, and which part of it in which form."""
    parser.add_argument("scenario", metavar="SCENARIO", help="a scenario file, or the name of a built-in scene")
    parser.add_argument(
        "out", type=Path, metavar="OUT",
        help="samples, raw (busy_2400k.cu8) or SigMF (OUT ends in .sigmf-meta); of a scene with stations a file for each "
        "of them, or frames: Beast files (OUT ends in .beast), or all in one (.jsonl); the truth goes to OUT.truth.jsonl",
    )  # fmt: skip
    parser.add_argument("--rate", metavar="R", help="samples a second, 2M–20M (default: as OUT's name says, else 2.4M)")
    parser.add_argument("--format", metavar="F", help="cu8, cs8, cs16 or cf32 (default: as OUT's name says, else cu8)")
    parser.add_argument("--start", type=float, default=0.0, metavar="S", help="begin S seconds into the scene")
    parser.add_argument("--seconds", type=float, metavar="N", help="how much (default: to the scene's end)")
    parser.add_argument("--seed", type=int, metavar="N", help="another seed than the scenario's")
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no summary")


def run(arguments: argparse.Namespace) -> int:
    """Write samples and truth; exit status 0."""
    scene = open_scene(arguments.scenario)
    if arguments.seed is not None:
        if not 0 <= arguments.seed <= 2**62:
            raise UsageError(f"--seed: got {arguments.seed}, expected 0 or more")
        scene = Scene(scene.scenario.model_copy(update={"seed": arguments.seed}))
    out: Path = arguments.out
    name = out.name.lower()
    is_sigmf = name.endswith((".sigmf-meta", ".sigmf-data"))
    rate_hz = parse_rate(arguments.rate) if arguments.rate else rate_in_name(name) or 2.4e6
    named = format_in_name(name)
    wanted = number_format_named(arguments.format) if arguments.format else named or NATIVE[SampleFormat.CU8]
    sample_format = wanted.sample_format
    if NATIVE[sample_format] is not wanted:
        raise UsageError(f"--format: got {wanted.name}, expected one of {', '.join(NATIVE)}")
    end_s = _end(arguments.start, arguments.seconds, scene.duration_s)
    if scene.scenario.stations:
        is_frames = out.suffix in synth_stations.FRAMES
        return synth_stations.run(
            scene, out, arguments.start, end_s, rate_hz, None if is_frames else sample_format, quiet=arguments.quiet
        )
    if out.suffix in synth_stations.FRAMES:
        raise UsageError(f"{out.name}: frames are written of scenes with [[stations]]; this one has none")
    try:
        source = scene.source(arguments.start, end_s, rate_hz, sample_format)
    except ValueError as error:
        raise UsageError(f"--rate: {error}") from None
    data = out.with_name(out.name[: -len(".sigmf-meta")] + ".sigmf-data") if is_sigmf else out
    truth = out.with_name(out.name + ".truth.jsonl")
    _check_room(data, source)
    console = Console(stderr=True, quiet=arguments.quiet, highlight=False)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=arguments.quiet or not console.is_terminal,
    ) as progress:
        task = progress.add_task(data.name, total=source.n_samples)
        count = 0
        for done, frames in write(source, data, truth):
            count += frames
            progress.update(task, completed=done)
    if is_sigmf:
        meta = data.with_name(data.name[: -len(".sigmf-data")] + ".sigmf-meta")
        text = format_sigmf(
            sample_format, rate_hz, FREQUENCY_HZ, source.start_utc_s, [SigmfRun(0, 0)],
            hardware="none: modulated", description=f"{scene.title}; made by squitter synth, not received",
        )  # fmt: skip
        _replace(meta, text)
    console.print(
        f"{data}: {source.duration_s:g} s at {rate_hz / 1e6:g} MS/s {sample_format}, "
        f"{data.stat().st_size / 1e6:,.1f} MB; {count:,} frames in {truth.name}.",
        soft_wrap=True,
    )
    if not is_sigmf and (rate_in_name(name) != rate_hz or named is not wanted):
        console.print(
            f"To read it: --rate {rate_hz:.0f} --format {sample_format} (the file's name does not say so).",
            soft_wrap=True,
        )
    return 0


def write(source: SceneSource, data: Path, truth: Path) -> Iterator[tuple[int, int]]:
    """Write samples and truth; yields (samples written so far, frames of the last block).

    Both files appear under their names when they are complete.
    """
    parts = [path.with_name(path.name + ".part") for path in (data, truth)]
    try:
        with parts[0].open("wb") as iq, parts[1].open("w") as lines:
            yield from _write(source, iq, lines)
        os.replace(parts[0], data)
        os.replace(parts[1], truth)
    except OSError as error:
        raise SquitterError(f"{data}: {error.strerror}") from None
    finally:
        for part in parts:
            part.unlink(missing_ok=True)


def _write(source: SceneSource, iq: BinaryIO, lines: TextIO) -> Iterator[tuple[int, int]]:
    for block, sent in source.blocks_and_sent():
        iq.write(block.iq.data)
        lines.writelines(truth_lines(sent))
        yield block.first_sample + block.n_samples, len(sent)


def truth_lines(frames: list[Sent]) -> list[str]:
    """One JSON object a frame: `t` (s after sample 0), `frame` (hex), `level_dbfs`, `carrier_offset_hz`, and in real air more."""
    return [
        json.dumps(
            {
                "t": round(sent.time_s, 9),
                "frame": sent.data.hex().upper(),
                "level_dbfs": round(sent.level_dbfs, 2),
                "carrier_offset_hz": round(sent.carrier_offset_hz),
                **sent.more,
            },
            separators=(",", ":"),
        )
        + "\n"
        for sent in frames
    ]


def _end(start_s: float, seconds: float | None, duration_s: float) -> float:
    if not (math.isfinite(start_s) and 0.0 <= start_s < duration_s):
        raise UsageError(f"--start: got {start_s:g}, expected 0 to less than {duration_s:g}, the scene's length")
    if seconds is None:
        return duration_s
    if not (math.isfinite(seconds) and seconds > 0.0):
        raise UsageError(f"--seconds: got {seconds:g}, expected more than 0")
    return min(start_s + seconds, duration_s)


def _check_room(data: Path, source: SceneSource) -> None:
    """Raise SquitterError unless the disk has room for it all and something to spare."""
    folder = data.parent
    if not folder.is_dir():
        raise UsageError(f"{folder}: no such directory")
    needed = source.n_samples * source.sample_format.bytes_per_sample
    needed += round(source.duration_s * 500 * TRUTH_BYTES_PER_FRAME)
    free = shutil.disk_usage(folder).free
    if needed + SPARE_BYTES > free:
        raise SquitterError(
            f"{data}: needs {needed / 1e9:,.1f} GB, {free / 1e9:,.1f} GB are free and "
            f"{SPARE_BYTES / 1e9:g} GB stay so; take less with --seconds or a lower --rate"
        )


def _replace(path: Path, text: str) -> None:
    part = path.with_name(path.name + ".part")
    part.write_text(text, "utf-8")
    os.replace(part, path)
