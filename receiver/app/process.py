"""The process around the service: signals, systemd, logging, folders, a broker of our own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import socket
import tempfile
from typing import TYPE_CHECKING

from config.folders import existing_part, written_folders
from config.settings import Settings
from receiver.errors import SquitterError, UsageError

if TYPE_CHECKING:
    from receiver.app.service import Service

log = logging.getLogger(__name__)


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


def run_service(service: Service, seconds: float | None = None) -> None:
    """Run on a loop of its own until the source ends, SIGINT, SIGTERM, or so many seconds have passed."""

    async def main() -> None:
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, service.stop)
        if seconds is not None:
            loop.call_later(seconds, service.stop)
        await service.run()

    try:
        asyncio.run(main())
    except* SquitterError as group:
        raise _first(group) from None


def _first(group: BaseExceptionGroup[SquitterError]) -> SquitterError:
    for error in group.exceptions:
        return _first(error) if isinstance(error, BaseExceptionGroup) else error
    raise AssertionError("an exception group is never empty")


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
    log.info("no broker on port %d: our own serves there, on this machine only", mqtt.port)
    # ours speaks 3.1.1 only, and waiting for an answer to MQTT 5 would take seconds
    return settings.model_copy(update={"mqtt": mqtt.model_copy(update={"enabled": True, "protocol": "3.1.1"})}), True


def systemd_notify(text: str) -> None:
    """Tell systemd how we are (`Type=notify`); without one nobody is told. Source: sd_notify(3)."""
    address = os.environ.get("NOTIFY_SOCKET")
    if not address:
        return
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify, contextlib.suppress(OSError):
        notify.sendto(text.encode(), "\0" + address[1:] if address.startswith("@") else address)


def set_up_logging(settings: Settings) -> None:
    """One line an event on standard error."""
    logging.basicConfig(
        level=settings.log.level.upper(), format="%(asctime)s %(levelname)s %(name)s: %(message)s", force=True
    )
    # a client of our own broker that vanished: asyncio says so once a packet, and there is nothing to be done about it
    logging.getLogger("asyncio").addFilter(lambda record: "socket.send() raised" not in record.getMessage())
