"""The folders that settings have written to: `run` looks at them when it starts, and so does `squitter doctor`."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from config.settings import Settings


@dataclass(frozen=True, slots=True)
class WrittenFolder:
    """One of them.

    Attributes
    ----------
    setting
        What names it: "history.dir".
    path
        The folder itself, `~` resolved; it need not be there yet.
    loss
        What does not happen while it cannot be written.
    """

    setting: str
    path: Path
    loss: str


def written_folders(settings: Settings) -> list[WrittenFolder]:
    """Those of what is switched on."""
    found: list[WrittenFolder] = []

    def add(setting: str, path: Path, loss: str) -> None:
        found.append(WrittenFolder(setting, path.expanduser(), loss))

    if settings.history.enabled:
        add("history.dir", settings.history.dir, "no tracks are remembered")
    if settings.alerts.enabled and settings.watch.enabled:
        add("alerts.dir", settings.alerts.dir, "alerts and their pictures are not kept")
    if settings.watch.enabled:
        add("watch.state_file", settings.watch.state_file.parent, "a restart raises open alerts once more")
    if settings.mqtt.enabled or settings.notify.channel or (settings.alerts.enabled and settings.watch.enabled):
        add(
            "outbox.file",
            settings.outbox.file.parent,
            "alerts that wait for broker, channels or log are lost with a restart",
        )
    if (
        settings.web.enabled
        and settings.web.token is None
        and not settings.web.open
        and settings.web.host != "127.0.0.1"
    ):
        add("web.token_file", settings.web.token_file.parent, "the map's token changes with each start")
    if settings.recording.last_s > 0:
        add("recording.dir", settings.recording.dir, "no signal is saved")
    if settings.json_files.dir is not None:
        add("json_files.dir", settings.json_files.dir, "no files are written")
    if settings.metrics.textfile is not None:
        add("metrics.textfile", settings.metrics.textfile.parent, "no metrics are written")
    return found


def existing_part(path: Path) -> Path:
    """The path, or the nearest of its parents that is there: that is where permission is needed."""
    while not os.path.exists(path) and path != path.parent:  # Path.exists() raises where one may not look
        path = path.parent
    return path
