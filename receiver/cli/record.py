"""`squitter record OUT`: samples from the dongle into SigMF."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from pathlib import Path

from config.load import Loaded
from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError, UsageError

SILENT_S = 15.0  # no sample for so long: there is nothing to record


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to, how long, and the settings."""
    parser.add_argument("out", type=Path, metavar="OUT", help="the recording: OUT.sigmf-meta and OUT.sigmf-data")
    parser.add_argument("--seconds", type=float, metavar="N", help="stop after N seconds; default: on Ctrl-C")
    add_settings_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Record until it is long enough, Ctrl-C, or the disk has no more to spare (then the exit status is 1)."""
    if arguments.seconds is not None and not arguments.seconds > 0:
        raise UsageError(f"--seconds: got {arguments.seconds:g}, expected more than 0")
    return record(arguments.out, arguments.seconds, load_settings(arguments))


def record(out: Path, seconds: float | None, loaded: Loaded) -> int:
    """Record and say what was recorded."""
    from receiver.sources.dongle.hardware import open_hardware
    from receiver.sources.files.iq_writer import MB, DiskLimitError, IqFile
    from receiver.sources.files.tap import hardware_of

    receiver, limits = loaded.settings.receiver, loaded.settings.recording
    source = open_hardware(receiver)
    wanted = None if seconds is None else round(seconds * source.sample_rate_hz)
    file: IqFile | None = None
    stopped: DiskLimitError | None = None
    before = {number: signal.signal(number, lambda *_: source.close()) for number in (signal.SIGINT, signal.SIGTERM)}
    silent_since_s = time.monotonic()
    first = 0
    blocks = source.blocks()
    try:
        for block in blocks:
            if block.n_samples == 0:
                starting_s = source.patience.start_s if source.health.state == "starting" else 0.0
                if time.monotonic() - silent_since_s > SILENT_S + starting_s:
                    raise SquitterError(f"no samples: {source.health.text or source.health.state}")
                continue
            silent_since_s = time.monotonic()
            if file is None:
                file = IqFile(
                    out,
                    source.sample_format,
                    source.sample_rate_hz,
                    receiver.frequency_hz,
                    source.start_utc_s,
                    hardware=hardware_of(source),
                    free_bytes=limits.free_mb * MB,
                )
                first = block.first_sample
            if wanted is not None:
                left = first + wanted - block.first_sample
                if left < block.n_samples:
                    block = type(block)(block.iq[: 2 * max(0, left)], block.first_sample, block.gap_before)
            file.write(block, source.health.gain_db)
            if wanted is not None and block.first_sample + block.n_samples >= first + wanted:
                break
    except DiskLimitError as error:
        stopped = error
    finally:
        source.close()
        blocks.close()  # type: ignore[attr-defined]
        if file is not None:
            file.close()
        for number, handler in before.items():
            signal.signal(number, handler)
    if file is None or file.samples == 0:
        raise stopped or SquitterError(f"no samples: {source.health.text or 'stopped before the first one'}")
    gaps = f", {file.gaps} gaps ({file.samples_missing:,} samples)" if file.gaps else ", no gaps"
    size_mb = file.data_path.stat().st_size / MB
    print(f"{file.data_path}: {file.seconds:.2f} s, {size_mb:,.1f} MB{gaps}", file=sys.stderr)
    if stopped is not None:
        raise stopped
    return 0
