"""Months of recordings on several processes or machines: a task a file, results to Parquet, resumable.

For `decode` and `watch test` with `--workers`. A result is a file in `--results`, named after the recording, what was asked
and with which options; what is there already is not computed again, so a run that was interrupted goes on.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from receiver.errors import SquitterError, UsageError

SUFFIXES = (
    ".beast", ".avr", ".txt", ".cu8", ".uc8", ".bin", ".cs8", ".cs16", ".sc16", ".cf32", ".fc32", ".cfile", ".wav",
    ".sigmf-meta",
)  # fmt: skip
PACKED = (".gz", ".zst")
Work = Callable[[str], list[dict[str, Any]]]


def add_archive_arguments(parser: argparse.ArgumentParser) -> None:
    """`--workers` and `--results`."""
    parser.add_argument(
        "--workers",
        metavar="W",
        help="FILEs may be folders: one task a recording, on W processes of this machine, or on a Dask scheduler "
        "(tcp://host:8786); results go to --results",
    )
    parser.add_argument(
        "--results", type=Path, metavar="DIR", help="with --workers: folder for Parquet files (default: ./results)"
    )


def recordings_under(paths: Sequence[str]) -> list[str]:
    """The files that are named, and all recordings in the folders that are, sorted.

    Raises
    ------
    UsageError
        There is none, or a path does not exist.
    """
    found: dict[str, None] = {}
    for path in paths:
        if os.path.isdir(path):
            for folder, _, names in sorted(os.walk(path)):
                found |= {os.path.join(folder, name): None for name in sorted(names) if is_recording(name)}
        elif os.path.isfile(path):
            found[path] = None
        else:
            raise UsageError(f"{path}: no such file or folder")
    if not found:
        raise UsageError(f"{', '.join(paths)}: no recordings; expected files such as {', '.join(SUFFIXES[:5])}")
    return list(found)


def is_recording(name: str) -> bool:
    """Whether a file's name is that of a recording."""
    name = name.lower()
    for ending in PACKED:
        name = name.removesuffix(ending)
    return name.endswith(SUFFIXES)


def result_name(path: str, what: str, options: str) -> str:
    """The name of a recording's result: another one when the recording, or what was asked of it, is another."""
    status = os.stat(path)
    told = f"{os.path.abspath(path)}\0{status.st_size}\0{status.st_mtime_ns}\0{what}\0{options}"
    return f"{what}-{Path(path).name}-{hashlib.sha256(told.encode()).hexdigest()[:12]}.parquet"


def run_archive(
    arguments: argparse.Namespace, paths: Sequence[str], what: str, options: str, columns: Mapping[str, str], work: Work
) -> int:
    """Run `work` for each recording that has no result yet; exit status 0, 1 when some could not be read.

    Parameters
    ----------
    what
        A word for the results' names.
    options
        Whatever changes the result besides the recording.
    columns
        Arrow types by column, `string`, `double` or `int64`.
    work
        Gives the rows of a recording; runs in another process.
    """
    try:
        import distributed
        import pyarrow  # noqa: F401
    except ModuleNotFoundError as error:
        raise UsageError(f"--workers: {error.name} is missing; pip install 'squitter[dask]'") from None
    results: Path = arguments.results or Path("results")
    results.mkdir(parents=True, exist_ok=True)
    console = Console(stderr=True)
    todo = [
        (path, target)
        for path in recordings_under(paths)
        if not (target := results / result_name(path, what, options)).exists()
    ]
    done = len(recordings_under(paths)) - len(todo)
    rows, failed = 0, 0
    if todo:
        with ExitStack() as stack:
            client = stack.enter_context(_client(arguments.workers, distributed))
            progress = stack.enter_context(
                Progress(
                    TextColumn("{task.description}"),
                    BarColumn(),
                    MofNCompleteColumn(),
                    TimeRemainingColumn(),
                    console=console,
                    transient=True,
                    disable=arguments.quiet or not console.is_terminal,
                )
            )
            task = progress.add_task("recordings", total=len(todo) + done, completed=done)
            names = {
                client.submit(_one, work, path, dict(columns), pure=False): (path, target) for path, target in todo
            }
            as_completed: Any = distributed.as_completed
            for future in as_completed(names):
                path, target = names[future]
                failure = future.exception()
                if failure is None:
                    table, count = future.result()
                    partial = target.with_suffix(".part")
                    partial.write_bytes(table)
                    partial.replace(target)  # whole, or not there
                    rows += count
                else:
                    failed += 1
                    reason = str(failure) if isinstance(failure, SquitterError | OSError) else repr(failure)
                    console.print(f"{path}: {reason}", style="bold red", highlight=False, soft_wrap=True)
                progress.advance(task)
                future.release()
    if not arguments.quiet:
        print(
            f"{len(todo) - failed} recordings computed, {done} were there, {failed} failed: {rows:,} rows in {results}",
            file=sys.stderr,
        )
    return 1 if failed else 0


def _client(workers: str, distributed: Any) -> Any:
    """A client of the scheduler, or of a cluster on this machine that ends with it."""
    if "://" in workers:
        try:
            return distributed.Client(workers, timeout=10)
        except OSError as error:
            raise UsageError(f"--workers: no scheduler answers on {workers}: {error}") from None
    if not workers.isdecimal() or not 1 <= int(workers) <= 1024:
        raise UsageError(f"--workers: got {workers!r}, expected a number of processes or tcp://host:port")
    return distributed.Client(
        n_workers=int(workers), threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=40
    )


def _one(work: Work, path: str, columns: dict[str, str]) -> tuple[bytes, int]:
    """In the worker: a recording's rows as a Parquet file."""
    import io

    import pyarrow
    import pyarrow.parquet

    rows = work(path)
    schema = pyarrow.schema([(name, pyarrow.type_for_alias(kind)) for name, kind in columns.items()])
    table = pyarrow.Table.from_pylist([{name: row.get(name) for name in columns} for row in rows], schema)
    out = io.BytesIO()
    pyarrow.parquet.write_table(table, out, compression="zstd")
    return out.getvalue(), len(rows)
