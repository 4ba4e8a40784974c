"""Apprise: ntfy, Telegram, Matrix, mail, Discord and some hundred more. Imported when the first message goes out."""

from __future__ import annotations

import logging
import re
import tempfile
from pathlib import Path
from typing import Any

from receiver.sinks.notify.webhook import NotNowError, RefusedError

TIMEOUT_S = 20.0
_KINDS = {"info": "info", "warning": "warning", "critical": "failure"}
_ZERO_WIDTH = "\u200b"


def quiet(text: str) -> str:
    """The text with nothing in it that a chat would take for a mention, a link or markup: data bases and the air are
    strangers."""
    text = re.sub(r"([@#<&*_`~|\[\]\\])", lambda found: found[1] + _ZERO_WIDTH, text)
    return text.replace("://", f":{_ZERO_WIDTH}//")


def send(url: str, title: str, text: str, severity: str, picture: bytes | None) -> None:
    """Send to one Apprise address. Blocking: for a worker thread.

    Raises
    ------
    RefusedError
        Apprise is not installed, or does not know the address.
    NotNowError
        It was not delivered.
    """
    try:
        import apprise
    except ImportError:
        raise RefusedError("Apprise is not installed: pip install 'squitter[notify]'") from None
    logging.getLogger("apprise").setLevel(logging.CRITICAL)  # its complaints quote addresses, which are secrets
    asset = apprise.AppriseAsset(app_id="Squitter", app_desc="Squitter", app_url="", async_mode=False)
    target: Any = apprise.Apprise(asset=asset)
    if not target.add(url):
        raise RefusedError("Apprise does not know this kind of address")
    with tempfile.TemporaryDirectory(prefix="squitter-") as folder:
        path = Path(folder) / "alert.png"
        if picture is not None:
            path.write_bytes(picture)
        sent = target.notify(
            title=quiet(title),
            body=quiet(text),
            notify_type=_KINDS[severity],
            body_format=apprise.NotifyFormat.TEXT,
            attach=str(path) if picture is not None else None,
            interpret_escapes=False,
        )
    if not sent:
        raise NotNowError("Apprise could not deliver it")
