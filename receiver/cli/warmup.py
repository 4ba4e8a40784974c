"""`squitter warmup`: compile the demodulator now, so that no start has to."""

from __future__ import annotations

import argparse
import contextlib
import threading
import time
from collections.abc import Iterator

from rich.console import Console

SAY_EVERY_S = 5.0


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only how much to say."""
    parser.add_argument("-q", "--quiet", action="store_true", help="say nothing unless it fails")


def run(arguments: argparse.Namespace) -> int:
    """Compile, or find compiled, every kernel for every format; exit status 0."""
    console = Console(stderr=True, quiet=arguments.quiet, highlight=False)
    began_s = time.perf_counter()
    with console.status("compiling the demodulator for this processor …"):
        from dsp.kernel_cache import folder
        from dsp.warm_up import warm_up_everything  # the import alone takes a second: numba

        with _counting(console):
            kernels = warm_up_everything(lambda what, took_s: console.print(f"  {what}: {took_s:.1f} s"))
    compiled = sum(kernel.compiled for kernel in kernels)
    signatures = sum(kernel.signatures for kernel in kernels)
    took_s = time.perf_counter() - began_s
    state = "all from the cache" if not compiled else f"{compiled} compiled now, {signatures - compiled} from the cache"
    console.print(f"{signatures} versions of {len(kernels)} kernels: {state}; {took_s:.1f} s.")
    if compiled:
        console.print(f"Kept in {folder()}, for processors like this one.")
    return 0


@contextlib.contextmanager
def _counting(console: Console) -> Iterator[None]:
    """Say every few seconds how many kernels are there: compiling takes minutes on a small machine."""
    from dsp import compiled

    over = threading.Event()

    def count() -> None:
        told = 0
        while not over.wait(SAY_EVERY_S):
            there = sum(
                bool(one.signatures) for one in [*(stage.dispatcher for stage in compiled.STAGES), *compiled.KERNELS]
            )
            if there > told:
                total = len(compiled.STAGES) + len(compiled.KERNELS)
                console.print(f"  {there} of {total} kernels")
                told = there

    thread = threading.Thread(target=count, name="counting", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
