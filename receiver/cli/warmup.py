"""`squitter warmup`: compile the demodulator now, so that no start has to."""

from __future__ import annotations

import argparse
import time

from rich.console import Console


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Only how much to say."""
    parser.add_argument("--quiet", action="store_true", help="say nothing unless it fails")


def run(arguments: argparse.Namespace) -> int:
    """Compile, or find compiled, every kernel for every format; exit status 0."""
    console = Console(stderr=True, quiet=arguments.quiet, highlight=False)
    began_s = time.perf_counter()
    with console.status("compiling the demodulator for this processor …"):
        from dsp.kernel_cache import folder
        from dsp.warm_up import warm_up_everything  # the import alone takes a second: numba

        kernels = warm_up_everything(lambda what, took_s: console.print(f"  {what}: {took_s:.1f} s"))
    compiled = sum(kernel.compiled for kernel in kernels)
    signatures = sum(kernel.signatures for kernel in kernels)
    took_s = time.perf_counter() - began_s
    state = "all from the cache" if not compiled else f"{compiled} compiled now, {signatures - compiled} from the cache"
    console.print(f"{signatures} versions of {len(kernels)} kernels: {state}; {took_s:.1f} s.")
    if compiled:
        console.print(f"Kept in {folder()}, for processors like this one.")
    return 0
