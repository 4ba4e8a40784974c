"""The map's token: the owner's, or one that is made at the first start when other devices can reach the map."""

from __future__ import annotations

import logging
import os
import secrets
from pathlib import Path

from config.web import WebSettings
from receiver.web.reach import is_loopback

log = logging.getLogger(__name__)
LEAST_CHARACTERS = 16


def token_of(settings: WebSettings) -> str | None:
    """The token that requests need; None: none is needed.

    The one in the settings; none where only this machine can connect, or `open` says so; else the one in
    `token_file`, which is made when it is not there. A file that cannot be used is logged, and the token holds for this run.
    """
    if settings.token is not None:
        return settings.token.get_secret_value()
    if settings.open or is_loopback(settings.host):
        return None
    path = settings.token_file.expanduser()
    return kept_token(path) or new_token(path)


def kept_token(path: Path) -> str | None:
    """What an earlier start has made; None when there is none that can be used."""
    try:
        text = path.read_text("ascii").strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        log.warning('The token file cannot be read; the map gets a new token: file=%s reason="%s"', path, error)
        return None
    if len(text) < LEAST_CHARACTERS or any(sign.isspace() for sign in text):
        log.warning(
            "The token file holds no usable token; the map gets a new one: file=%s min_characters=%d",
            path,
            LEAST_CHARACTERS,
        )
        return None
    return text


def new_token(path: Path) -> str:
    """A token by chance, kept for the owner's eyes only."""
    token = secrets.token_urlsafe(LEAST_CHARACTERS)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".new")
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
            stream.write(token + "\n")
        fresh.replace(path)
    except OSError as error:
        log.warning(
            'The token file cannot be written; the map\'s token changes with the next start: file=%s reason="%s"',
            path,
            error.strerror,
        )
    return token
