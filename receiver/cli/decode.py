"""`squitter decode FILE…`: recordings to frames or messages on standard output, a summary on standard error."""

from __future__ import annotations

import argparse
import csv
import io
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from receiver.cli.archive import add_archive_arguments, run_archive
from receiver.cli.decode_summary import Summary, why_silent, why_undecodable
from receiver.cli.sample_options import number_format_named, parse_rate
from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.decode import Decoder, Message
from receiver.errors import UsageError
from receiver.sources.files.frame_file import FrameFile, is_frame_file
from receiver.sources.files.iq_reader import Recording
from receiver.sources.files.opening import open_recording
from receiver.tracking.limits import Station, TrackingLimits
from receiver.tracking.sighting import Sighting
from receiver.tracking.tracker import Tracker
from receiver.views.message_object import message_object
from receiver.views.sbs_message import sbs_message
from receiver.wire.avr import frame_to_avr
from receiver.wire.beast import frame_to_beast
from receiver.wire.frame import Frame
from receiver.wire.sbs import format_sbs

OUTPUTS = ("avr", "beast", "json", "jsonl", "csv", "sbs")
CSV_COLUMNS = (
    "t", "hex", "df", "frame", "type", "flight", "category", "squawk", "alt_baro", "alt_geom", "gs", "track", "baro_rate",
    "geom_rate", "lat", "lon", "ias", "tas", "mach", "mag_heading", "true_heading", "roll", "track_rate", "rssi",
)  # fmt: skip
TEXT_COLUMNS = ("hex", "frame", "type", "flight", "category", "squawk")
COLUMN_TYPES = {"file": "string", "at": "double"} | {
    column: "string" if column in TEXT_COLUMNS else "int64" if column == "df" else "double" for column in CSV_COLUMNS
}

_JSON = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False).encode
COMPILES = "compiling the demodulator for this processor: once, half a minute on a PC, minutes on a Raspberry Pi"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, what they are, and what to write."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="IQ (cu8, cs8, cs16, cf32, WAV, SigMF; .gz, .zst; - for standard "
        "input) or frames (.beast, .avr, .txt)",
    )  # fmt: skip
    add_recording_arguments(parser)
    add_archive_arguments(parser)
    add_settings_arguments(parser)
    parser.add_argument("--output", choices=OUTPUTS, default="avr", help="what to write (default: avr)")
    parser.add_argument("--mlat-time", action="store_true", help="avr: put the 12 MHz counter before each frame")
    parser.add_argument("--effort", choices=("lean", "normal", "thorough"), default="thorough",
                        help="how hard the demodulator tries (default: thorough)")  # fmt: skip
    parser.add_argument("-q", "--quiet", action="store_true", help="no progress bar and no summary")


def add_recording_arguments(parser: argparse.ArgumentParser) -> None:
    """What a recording without a header is; shared with `replay`."""
    parser.add_argument("--rate", metavar="R", help="samples a second, e.g. 2400000 or 2.4M")
    parser.add_argument("--format", metavar="F", help="cu8, cs8, cs16, cf32 and others")
    parser.add_argument("--frequency", metavar="F", help="what it was tuned to, e.g. 1090M")
    parser.add_argument("--rate-hint", metavar="N", help="frames a second, for files of frames without times")
    parser.add_argument("--start-time", metavar="T", help="UTC of the first sample, e.g. 2026-01-31T12:00:00Z")


def open_source(path: str, arguments: argparse.Namespace) -> Recording | FrameFile:
    """The file as `add_recording_arguments`' options describe it."""
    start = parse_time(arguments.start_time) if arguments.start_time else None
    if is_frame_file(path):
        return FrameFile(path, start, _positive(arguments.rate_hint, "--rate-hint") if arguments.rate_hint else None)
    return open_recording(
        path,
        rate_hz=parse_rate(arguments.rate) if arguments.rate else None,
        number_format=number_format_named(arguments.format) if arguments.format else None,
        start_utc_s=start,
        frequency_hz=parse_rate(arguments.frequency, "--frequency") if arguments.frequency else None,
    )


def _positive(text: str, option: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0.0 < value < 1e6:
        raise UsageError(f"{option}: got {text!r}, expected a number above 0")
    return value


def parse_time(text: str) -> float:
    """UTC seconds of an ISO time; without a zone it is UTC."""
    from datetime import UTC, datetime

    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--start-time: got {text!r}, expected a time such as 2026-01-31T12:00:00Z") from None
    return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()


def run(arguments: argparse.Namespace) -> int:
    """Decode one file after the other; exit status 0, 1 when a recording holds nothing or a file of frames no message."""
    if arguments.workers is not None:
        station = load_settings(arguments).settings.station
        asked = repr((arguments.rate, arguments.format, arguments.start_time, arguments.effort, station))
        work = partial(messages_in, arguments=arguments, place=station.working_location())
        return run_archive(arguments, arguments.files, "messages", asked, COLUMN_TYPES, work)
    console = Console(stderr=True)
    sources = [open_source(path, arguments) for path in arguments.files]  # all mistakes before any output
    settings = load_settings(arguments).settings
    station = settings.station
    place = (
        Station(station.latitude, station.longitude)
        if station.latitude is not None and station.longitude is not None
        else None
    )
    out = sys.stdout.buffer
    summary = Summary()
    silent: list[Recording] = []
    undecodable: list[str] = []
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[found]:,} frames"),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        disable=arguments.quiet or not console.is_terminal,
    ) as progress:
        for source in sources:
            size = source.size_bytes
            task = progress.add_task(source.name.rsplit("/", 1)[-1], total=size, found=0)
            writer = Writer(arguments.output, arguments.mlat_time, source.start_utc_s, out)
            decoder, tracker = Decoder(), Tracker(place, TrackingLimits(max_range_nmi=settings.tracking.max_range_nmi))
            on_slow = None if progress.disable else partial(progress.console.print, COMPILES)
            for note in getattr(source, "notes", ()):
                summary.note(f"{source.name}: {note}")
            before = summary.frames
            for frames in frames_of(source, arguments.effort, summary, on_slow):
                for frame in frames:
                    message = decoder.decode(frame)
                    sighting = tracker.update(message) if message is not None else None
                    summary.add(frame, message, sighting)
                    writer.write(frame, message, sighting)
                progress.update(task, completed=source.position_bytes(), found=summary.frames)
            writer.close()
            if isinstance(source, FrameFile):
                summary.copies += source.copies
                summary.untimed += source.times.untimed
                if not decoder.statistics.messages and (
                    why := why_undecodable(source.name, decoder.statistics.rejected)
                ):
                    undecodable.append(why)
            elif summary.frames == before:
                silent.append(source)
            if (hint := tracker.place_hint()) is not None:
                summary.note(hint)
    out.flush()
    if not arguments.quiet:
        summary.show(console)
    for recording in silent:
        console.print(why_silent(recording, summary.level_dbfs), style="bold", highlight=False, soft_wrap=True)
    for why in undecodable:
        console.print(why, style="bold", highlight=False, soft_wrap=True)
    return 1 if silent or undecodable else 0


def messages_in(path: str, arguments: argparse.Namespace, place: tuple[float, float] | None) -> list[dict[str, Any]]:
    """The decoded messages of one recording, as rows; `at` is UTC (s)."""
    source = open_source(path, arguments)
    decoder, tracker = Decoder(), Tracker(None if place is None else Station(*place))
    rows = []
    for frames in frames_of(source, arguments.effort, Summary()):
        for frame in frames:
            message = decoder.decode(frame)
            if message is None:
                continue
            told = message_object(message, tracker.update(message), source.start_utc_s)
            if told.get("alt_baro") == "ground":
                del told["alt_baro"]
            rows.append({**told, "at": frame.time_s, "file": path})
    return rows


def frames_of(
    source: Recording | FrameFile, effort: str, summary: Summary, on_slow: Callable[[], None] | None = None
) -> Iterator[list[Frame]]:
    """Lists of frames of a recording or a file of frames. `on_slow` is told when kernels are compiled first."""
    before_s = summary.signal_s

    def heard_until(time_s: float) -> None:
        summary.signal_s = max(summary.signal_s, before_s + time_s - source.start_utc_s)

    if isinstance(source, FrameFile):
        summary.start()
        for frames in source.frames():
            if frames:
                heard_until(frames[-1].time_s)
            yield frames
        return
    # numba takes a moment to import: not for files of frames
    from dsp.effort import Effort
    from dsp.warm_up import warm_up
    from receiver.pipeline.feeds import sample_feed

    summary.demodulated = True
    warm_up(source.sample_rate_hz, source.sample_format, (Effort(effort),), on_slow=on_slow)
    summary.start()
    for heard in sample_feed(source, Effort(effort), on_slow=None):
        heard_until(heard.now)
        if heard.reception is not None and heard.reception.demodulator is not None:
            summary.level_dbfs = heard.reception.demodulator.noise_dbfs
        yield heard.frames


class Writer:
    """Writes one kind of output."""

    def __init__(self, output: str, with_counter: bool, start_utc_s: float, out: BinaryIO) -> None:
        self._start_utc_s = start_utc_s
        self._out = out
        self._with_counter = with_counter
        self._first = True
        self._write: Callable[[Frame, Message | None, Sighting | None], bytes] = {
            "avr": self._avr,
            "beast": lambda frame, _message, _sighting: frame_to_beast(frame),
            "jsonl": self._jsonl,
            "json": self._json,
            "csv": self._csv,
            "sbs": self._sbs,
        }[output]
        self._output = output
        if output == "json":
            out.write(b"[")
        elif output == "csv":
            out.write(csv_line(CSV_COLUMNS))

    def write(self, frame: Frame, message: Message | None, sighting: Sighting | None) -> None:
        """Write what there is to write of one frame."""
        self._out.write(self._write(frame, message, sighting))

    def close(self) -> None:
        """Write what belongs after the last frame."""
        if self._output == "json":
            self._out.write(b"\n]\n")

    def _avr(self, frame: Frame, _message: Message | None, _sighting: Sighting | None) -> bytes:
        return (frame_to_avr(frame, with_counter=self._with_counter) + "\n").encode()

    def _object(self, message: Message | None, sighting: Sighting | None) -> dict[str, Any] | None:
        return None if message is None else message_object(message, sighting, self._start_utc_s)

    def _jsonl(self, _frame: Frame, message: Message | None, sighting: Sighting | None) -> bytes:
        told = self._object(message, sighting)
        return b"" if told is None else (_JSON(told) + "\n").encode()

    def _json(self, frame: Frame, message: Message | None, sighting: Sighting | None) -> bytes:
        line = self._jsonl(frame, message, sighting).rstrip(b"\n")
        if not line:
            return b""
        before, self._first = (b"\n" if self._first else b",\n"), False
        return before + line

    def _csv(self, _frame: Frame, message: Message | None, sighting: Sighting | None) -> bytes:
        told = self._object(message, sighting)
        return b"" if told is None else csv_line([told.get(column, "") for column in CSV_COLUMNS])

    @staticmethod
    def _sbs(_frame: Frame, message: Message | None, sighting: Sighting | None) -> bytes:
        if message is None or sighting is None:
            return b""
        line = sbs_message(message, sighting)
        return b"" if line is None else (format_sbs(line) + "\r\n").encode()


def csv_line(cells: Iterable[Any]) -> bytes:
    """One line. A text that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO()
    csv.writer(text).writerow(
        f"'{cell}" if isinstance(cell, str) and cell[:1] in ("=", "+", "-", "@", "\t", "\r") else cell for cell in cells
    )
    return text.getvalue().encode()
