"""The process around the service: signals, systemd, folders, a broker of our own."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import gc
import logging
import os
import signal
import socket
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from config.folders import existing_part, written_folders
from config.settings import Settings
from receiver.app.turns import TimedLoop
from receiver.errors import UsageError

if TYPE_CHECKING:
    from receiver.app.service import Service

log = logging.getLogger(__name__)

_M_ARENA_MAX = -8  # malloc.h
STOP_LIMIT_S = 7.7  # after a signal; what is durable is on disk long before


def warn_of_folders(settings: Settings) -> None:
    """Say which folders cannot be written. No reason not to start: a receiver without its memory still hears, shows and
    warns, and a disk that comes late is used from then on. (`json_files.dir` is one: files are all that it is for, and
    its sink refuses.)
    """
    for folder in written_folders(settings):
        if folder.setting == "json_files.dir":
            continue
        there = existing_part(folder.path)
        try:
            tempfile.TemporaryFile(dir=there).close()
        except OSError as error:
            log.warning(
                "%s: %s cannot be written (%s: %s): %s; let this user write there, or change the setting",
                folder.setting, folder.path, there, error.strerror, folder.loss,
            )  # fmt: skip


def run_service(service: Service, seconds: float | None = None, *, leave_at_once: bool = False) -> None:
    """Run on a loop of its own until the source ends, a signal (SIGINT, SIGTERM, SIGHUP), or so many seconds have passed.

    Parameters
    ----------
    leave_at_once
        The process ends with the service: what has not ended `STOP_LIMIT_S` after a signal (a thread in a call that
        cannot be interrupted) is left where it is.
    """

    if leave_at_once:
        share_heaps()

    async def main() -> None:
        loop = asyncio.get_running_loop()

        def stop() -> None:
            service.stop()
            if leave_at_once:
                _leave_in(STOP_LIMIT_S)

        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, stop)
        if seconds is not None:
            loop.call_later(seconds, stop)
        if leave_at_once:
            # what is here now stays: the collector need not look through it again, which takes long on a small machine
            gc.collect()
            gc.freeze()
        await service.run()
        if leave_at_once and service.told_to_stop:
            _leave_in(0.5)  # threads that wait for somebody would be waited for

    with asyncio.Runner(loop_factory=TimedLoop) as runner:
        runner.run(main())


def share_heaps() -> None:
    """Have all threads share two heaps. glibc gives each thread one of its own, up to eight a processor core, and each keeps
    what it needed at its busiest: 12 MB more after a thousand emergencies. Other C libraries have no such thing.

    Source: mallopt(3).
    """
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(_M_ARENA_MAX, 2)


def _leave_in(seconds: float) -> None:
    """End the process then, whatever is still going on in it."""

    def leave() -> None:
        logging.shutdown()
        os._exit(0)

    timer = threading.Timer(seconds, leave)
    timer.daemon = True
    timer.start()


def settings_with_broker(settings: Settings) -> tuple[Settings, bool]:
    """The settings, and whether a broker of our own is needed because none answers where they look for one.

    Raises
    ------
    UsageError
        None answers, and it is not this machine where it was looked for.
    """
    mqtt = settings.mqtt
    try:
        socket.create_connection((mqtt.host, mqtt.port), timeout=2.0).close()
        return settings, False
    except OSError:
        pass
    if mqtt.host not in ("127.0.0.1", "localhost"):
        raise UsageError(f"mqtt.host: no broker answers on {mqtt.host}:{mqtt.port}, and ours serves 127.0.0.1 only")
    log.info("No broker is running; started the built-in one, for this machine only: port=%d", mqtt.port)
    # ours speaks 3.1.1 only, and waiting for an answer to MQTT 5 would take seconds
    return settings.model_copy(update={"mqtt": mqtt.model_copy(update={"enabled": True, "protocol": "3.1.1"})}), True


def systemd_notify(text: str) -> None:
    """Tell systemd how we are (`Type=notify`), and touch the file that `SQUITTER_HEARTBEAT` names: a container's health check
    looks at its age. Without either nobody is told. Source: sd_notify(3).
    """
    heartbeat = os.environ.get("SQUITTER_HEARTBEAT")
    if heartbeat:
        with contextlib.suppress(OSError):
            Path(heartbeat).touch()
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, contextlib.suppress(OSError):
        notify.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)
