"""`squitter bench`: how fast this machine demodulates, and how much it hears."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from receiver.errors import SquitterError, UsageError

if TYPE_CHECKING:
    from receiver.cli.bench_measure import Results


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """How much, and in which form."""
    parser.add_argument(
        "--quick",
        action="store_true",
        help="a quarter of the signal and one sample rate: about a quarter minute on a PC",
    )
    parser.add_argument("--json", action="store_true", help="the figures as JSON on standard output")
    parser.add_argument("--plot", type=Path, metavar="OUT.png", help="draw detection against signal-to-noise ratio")


def run(arguments: argparse.Namespace) -> int:
    """Measure and print; exit status 1 when the output was wrong."""
    plot_file: Path | None = arguments.plot
    if plot_file is not None and not plot_file.parent.is_dir():
        raise UsageError(f"--plot: no such directory: {plot_file.parent}")
    quiet = Console(stderr=True, highlight=False)
    with quiet.status("loading …") as status:
        from dsp.effort import LEVELS
        from dsp.warm_up import warm_up
        from receiver.cli.bench_measure import measure

        warm_up(efforts=LEVELS, on_slow=lambda: status.update("compiling the demodulator for this processor …"))
        results = measure(arguments.quick, lambda what: status.update(f"{what} …"))
    if plot_file is not None:
        from receiver.cli.bench_plot import plot

        machine = results.machine
        try:
            plot_file.write_bytes(plot(results.sweeps, f"squitter {machine['squitter']}, {machine['processor']}"))
        except OSError as error:
            raise SquitterError(f"--plot: {plot_file}: {error.strerror}") from None
    if arguments.json:
        json.dump(results.as_json(), sys.stdout, indent=2)
        print()
    else:
        show(results, Console(highlight=False))
    if plot_file is not None:
        quiet.print(f"{plot_file} written.", soft_wrap=True)
    return 0


def show(results: Results, console: Console) -> None:
    """The figures as tables."""
    machine = results.machine
    console.print(
        f"{machine['processor']} ({machine['architecture']}), {machine['cores']} cores; Python {machine['python']}, "
        f"numpy {machine['numpy']}, numba {machine['numba']}, squitter {machine['squitter']}",
        soft_wrap=True,
    )
    speed = Table(title="Demodulating 2.4 MS/s", title_justify="left")
    for name in ("effort", "messages/s", "CPU of a core", "× real time", "sent", "found", "false"):
        speed.add_column(name, justify="left" if name == "effort" else "right")
    for row in results.speed:
        speed.add_row(
            row.effort,
            f"{row.messages_per_s:.0f}",
            f"{row.cpu_share:.1%}",
            f"{1 / max(row.cpu_share, 1e-9):.1f}",
            f"{row.sent:,}",
            f"{row.found:,} ({row.found / row.sent:.1%})",
            str(row.false),
        )
    console.print(speed)
    stages = Table(title="Where the time goes: thorough, 300 messages/s", title_justify="left")
    stages.add_column("stage")
    stages.add_column("CPU of a core", justify="right")
    stages.add_column("× real time", justify="right")
    for stage in results.stages:
        stages.add_row(stage.name, f"{stage.cpu_share:.2%}", f"{1 / max(stage.cpu_share, 1e-9):,.0f}")
    console.print(stages)
    detection = Table(title="DF17 frames found, by signal over the noise in 2.4 MHz", title_justify="left")
    for name in ("sample rate", "half of them", "90 %", "frames"):
        detection.add_column(name, justify="right")
    for sweep in results.sweeps:
        half, most = (("nowhere" if at is None else f"{at:.1f} dB") for at in (sweep.half_db, sweep.most_db))
        count = sweep.frames_each * len(sweep.snr_db)
        detection.add_row(f"{sweep.sample_rate_hz / 1e6:g} MS/s", half, most, f"{count:,}")
    console.print(detection)
    noise = results.noise
    console.print(
        f"Nothing but noise, {noise.believed} addresses believed: {noise.false} false frames in {noise.seconds:g} s "
        f"({noise.cpu_share:.1%} of a core)."
    )
