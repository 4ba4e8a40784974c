"""The aircraft lists brought up to date once a week, by a process of its own, where the settings say so."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import sys
import time
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from config.registry import RegistrySettings

log = logging.getLogger(__name__)

AFTER_START_S = 120.0  # the first minutes belong to the signal
WEEK_S = 7 * 86_400.0
AGAIN_S = 6 * 3600.0  # after a fetch that failed, and between two looks at the file's age
LONGEST_S = 2400.0
NICENESS = 10

Run = Callable[[Sequence[str]], Awaitable[tuple[int, str]]]


def age_s(database: Path, now_s: float) -> float | None:
    """How long ago the database was written or looked after; None when there is none."""
    try:
        return max(0.0, now_s - database.expanduser().stat().st_mtime)
    except OSError:
        return None


def looked_after(database: Path, now_s: float) -> None:
    """Note the moment at the file, as `age_s` reads it."""
    with contextlib.suppress(OSError):  # both lists switched off: there is no file
        os.utime(database.expanduser(), (now_s, now_s))


def command(settings: RegistrySettings) -> list[str]:
    """What a person would type, with these settings."""
    given = {
        "database": str(settings.database.expanduser()), "tar1090_db": settings.tar1090_db,
        "plane_alert_db": settings.plane_alert_db, "max_size_mb": str(settings.max_size_mb),
    }  # fmt: skip
    out = [sys.executable, "-m", "receiver.cli", "db", "update", "--config", os.devnull]
    for key, value in given.items():
        out += ["--set", f"registry.{key}={value}"]
    return out


async def keep_fresh(
    settings: RegistrySettings, run: Run | None = None, clock: Callable[[], float] = time.time
) -> None:
    """Until cancelled: fetch the lists when the database is older than a week. What is fetched from where is logged.

    The work takes memory and seconds of CPU, so another process does it; the service sees the new file by itself.
    """
    run = run or _run
    await asyncio.sleep(AFTER_START_S)
    while True:
        old_s = await asyncio.to_thread(age_s, settings.database, clock())
        if old_s is None or old_s >= WEEK_S:
            origins = ", ".join(origin for origin in (settings.tar1090_db, settings.plane_alert_db) if origin)
            log.info("Fetching aircraft lists, as [registry] update says: from=%s", origins)
            status, said = await run(command(settings))
            if status == 0:
                await asyncio.to_thread(looked_after, settings.database, clock())  # though nothing was new
                log.info('Aircraft lists are up to date: result="%s"', said)
            else:
                log.warning('Aircraft lists were not fetched; retrying: wait_h=%.0f reason="%s"', AGAIN_S / 3600, said)
        await asyncio.sleep(AGAIN_S)


async def _run(arguments: Sequence[str]) -> tuple[int, str]:
    """Exit status and the lines that were said, joined."""
    process = await asyncio.create_subprocess_exec(
        *arguments,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        preexec_fn=lambda: os.nice(NICENESS) and None,
    )
    try:
        async with asyncio.timeout(LONGEST_S):
            output, _ = await process.communicate()
    except TimeoutError:
        return 1, f"not done after {LONGEST_S:.0f} s"
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    lines = output.decode("utf-8", "replace").splitlines()
    return process.returncode or 0, "; ".join(line.removeprefix("squitter: ") for line in lines if line)
