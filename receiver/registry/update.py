"""Bring the aircraft database up to date: fetch or read a list, check it, write a new file, change over at once.

The old file stays in place, whole, until the new one is written, checked and named; whenever anything is doubtful the
old one is kept and the doubt is said.
"""

from __future__ import annotations

import contextlib
import gzip
import hashlib
import http.client
import io
import os
import sqlite3
import ssl
import tempfile
import time
import urllib.error
import urllib.request
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast
from urllib.parse import urlsplit

from receiver.errors import SquitterError
from receiver.registry import formats
from receiver.registry.database import Database, Source, sign, write
from receiver.registry.formats import BadRowError, Item, Row

TIMEOUT_S = 30.0
LONGEST_FETCH_S = 900.0
CHUNK = 1 << 16
MOST_UNPACKED = 8
"""What is unpacked may be so many times as large as the limit for what is fetched."""
LARGEST_SHARD = 32_000_000
MOST_REFUSED = 0.05
"""A list with a larger share of bad rows is not the list that it says it is."""
LEAST_OF_BEFORE = 0.8
"""Nor is one with a smaller share of the rows of last time."""
LEAST_ROWS = {"tar1090-db": 100_000, "plane-alert-db": 5_000}


class UpdateError(SquitterError):
    """The list is not taken; the database is as it was."""


@dataclass(frozen=True, slots=True)
class Update:
    """What was done with one list. `refused`: bad rows by reason."""

    name: str
    changed: bool
    rows: int = 0
    refused: tuple[tuple[str, int], ...] = ()


class _HttpsOnly(urllib.request.HTTPRedirectHandler):
    """Redirects stay on https."""

    max_redirections = 4

    def redirect_request(
        self,
        req: urllib.request.Request,
        fp: IO[bytes],
        code: int,
        msg: str,
        headers: http.client.HTTPMessage,
        newurl: str,
    ) -> urllib.request.Request | None:
        """Refuses a redirect to anything but https."""
        if urlsplit(newurl).scheme != "https":
            raise UpdateError(f"{req.full_url} redirects to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def update(
    path: Path,
    name: str,
    origin: str,
    max_size_mb: int,
    now_s: int,
    trust: bool = False,
    context: ssl.SSLContext | None = None,
) -> Update:
    """Take one list into the database.

    Parameters
    ----------
    path
        The database; made when there is none.
    name
        Which format: a key of `formats.FORMATS`.
    origin
        https address or path of the list (also gzipped; for tar1090-db also a folder of its shards).
    max_size_mb
        Refused when larger, as fetched.
    now_s
        UTC, written beside the list.
    trust
        Take it although it is much smaller than it should be.
    context
        TLS, for tests.

    Raises
    ------
    UpdateError
        The list is not taken; the message says why.
    """
    old = Database(path)
    old.refresh()
    before = {source.name: source for source in old.sources()}.get(name)
    usable = path if old.sources() else None
    old.close()
    etag = before.etag if before is not None and before.origin == origin else ""
    limit = max_size_mb * 1_000_000
    scheme = urlsplit(origin).scheme
    folder = path.expanduser().parent
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".update-", dir=folder) as scratch:
        if scheme == "https":
            fetched = _fetch(origin, etag, Path(scratch) / "list", limit, context)
            if fetched is None:
                return Update(name, changed=False, rows=0 if before is None else before.rows)
            source_path, etag = Path(scratch) / "list", fetched
        elif scheme in ("", "file"):
            source_path, etag = Path(urlsplit(origin).path if scheme else origin).expanduser(), ""
        else:
            raise UpdateError(f"{origin}: expected an https address or a file")
        tally = _Tally()
        new = Path(scratch) / "aircraft.sqlite"
        try:
            digest = _digest(source_path, limit)
            if before is not None and before.sha256 == digest:
                return Update(name, changed=False, rows=before.rows)
            rows = write(new, usable, name, tally.good(_items(name, source_path, limit * MOST_UNPACKED)))
            _check(name, origin, tally, rows, 0 if before is None else before.rows, trust)
            sign(new, Source(name, origin, etag, digest, now_s, rows, tally.refused_count))
            _swap(new, path)
        except (OSError, EOFError, zlib.error) as error:
            raise UpdateError(f"{origin}: {error}") from error
        except sqlite3.Error as error:
            raise UpdateError(f"the new aircraft database cannot be written: {error}") from error
    return Update(name, True, rows, tuple(tally.refused.most_common()))


class _Tally:
    """Counts rows, good and bad."""

    def __init__(self) -> None:
        self.taken = 0
        self.refused: Counter[str] = Counter()

    @property
    def refused_count(self) -> int:
        """All bad rows."""
        return self.refused.total()

    def good(self, items: Iterator[Item]) -> Iterator[Row]:
        """The good ones."""
        for item in items:
            if isinstance(item, BadRowError):
                self.refused[str(item)] += 1
            else:
                self.taken += 1
                yield item


def _check(name: str, origin: str, tally: _Tally, rows: int, rows_before: int, trust: bool) -> None:
    """Whether the list can be what it says it is."""
    share = tally.refused_count / max(1, tally.refused_count + tally.taken)
    if share > MOST_REFUSED or not rows:
        worst = ", ".join(f"{count} × {reason}" for reason, count in tally.refused.most_common(3))
        raise UpdateError(
            f"{origin}: {tally.refused_count} bad rows to {rows} good ones ({worst or 'empty'}); not taken"
        )
    least = max(LEAST_ROWS[name], round(LEAST_OF_BEFORE * rows_before))
    if rows < least and not trust:
        raise UpdateError(
            f"{origin}: {rows} aircraft, expected at least {least}; not taken (--trust takes it all the same)"
        )


def _fetch(url: str, etag: str, path: Path, limit: int, context: ssl.SSLContext | None) -> str | None:
    """Fetch into a file. The new ETag; None when the server says that nothing has changed."""
    handlers: list[urllib.request.BaseHandler] = [_HttpsOnly()]
    if context is not None:
        handlers.append(urllib.request.HTTPSHandler(context=context))
    opener = urllib.request.build_opener(*handlers)
    request = urllib.request.Request(url, headers={"User-Agent": "squitter", "Accept-Encoding": "identity"})
    if etag:
        request.add_header("If-None-Match", etag)
    ends_s = time.monotonic() + LONGEST_FETCH_S
    try:
        with opener.open(request, timeout=TIMEOUT_S) as response, path.open("wb") as file:
            size = 0
            while chunk := response.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise UpdateError(f"{url}: larger than {limit // 1_000_000} MB; not taken")
                if time.monotonic() > ends_s:
                    raise UpdateError(f"{url}: not done after {LONGEST_FETCH_S:.0f} s; not taken")
                file.write(chunk)
            promised = response.headers.get("Content-Length")
            if promised is not None and promised.isdigit() and int(promised) != size:
                raise UpdateError(f"{url}: {size} bytes came of {promised}; not taken")
            found: str = response.headers.get("ETag") or ""
            return found if len(found) <= 200 and found.isprintable() else ""
    except urllib.error.HTTPError as error:
        with error:
            if error.code == 304 and etag:
                return None
        raise UpdateError(f"{url}: the server says {error.code} {error.reason}") from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise UpdateError(f"{url}: {error}") from error


def _files(path: Path) -> list[Path]:
    """The list, or the shards of a folder."""
    if path.is_dir():
        return sorted(
            file for file in path.iterdir() if file.name.split(".", 1)[-1] in ("js", "json", "js.gz", "json.gz")
        )
    return [path]


def _digest(path: Path, limit: int) -> str:
    digest = hashlib.sha256()
    size = 0
    for file in _files(path):
        with file.open("rb") as stream:
            while chunk := stream.read(CHUNK):
                size += len(chunk)
                if size > limit:
                    raise UpdateError(f"{path}: larger than {limit // 1_000_000} MB; not taken")
                digest.update(chunk)
    return digest.hexdigest()


def _items(name: str, path: Path, limit: int) -> Iterator[Item]:
    """Rows of a file or of a folder of shards, good and bad."""
    if not path.is_dir():
        with _text(path, limit) as text:
            yield from formats.FORMATS[name](_lines(text))
        return
    if name != "tar1090-db":
        raise UpdateError(f"{path}: a folder, expected a file")
    for file in _files(path):
        prefix = file.name.split(".", 1)[0].upper()
        if not 1 <= len(prefix) <= 5 or set(prefix) - set("0123456789ABCDEF"):
            continue  # airports, ranges and such lie beside the shards
        with _text(file, min(limit, LARGEST_SHARD)) as text:
            yield from formats.tar1090_shard(prefix, text.read())


def _lines(text: io.TextIOBase) -> Iterator[str]:
    """Lines; of one that is too long only so much that it is seen to be."""
    rest = ""
    while piece := text.read(CHUNK):
        *whole, rest = (rest + piece).split("\n")
        yield from whole
        if len(rest) > formats.LONGEST_LINE:
            rest = rest[: formats.LONGEST_LINE + 1]
    if rest:
        yield rest


@contextlib.contextmanager
def _text(path: Path, limit: int) -> Iterator[io.TextIOWrapper]:
    """Text of a file, unpacked where it is packed, bad UTF-8 marked (and so refused: the mark is no word)."""
    with path.open("rb") as plain:
        packed = plain.read(2) == b"\x1f\x8b"
        plain.seek(0)
        stream = cast(IO[bytes], gzip.GzipFile(fileobj=plain) if packed else plain)
        with io.TextIOWrapper(
            cast(IO[bytes], io.BufferedReader(cast(io.RawIOBase, _Capped(stream, limit)))),
            "utf-8-sig",
            "replace",
            newline="\n",
        ) as text:
            yield text


class _Capped(io.RawIOBase):
    """A stream that is refused when it grows too long: a gzip bomb, or a line without an end."""

    def __init__(self, stream: IO[bytes], limit: int) -> None:
        self._stream = stream
        self._left = limit

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]
        """Some bytes."""
        data = self._stream.read(len(buffer))
        self._left -= len(data)
        if self._left < 0:
            raise UpdateError("the list is too large when unpacked; not taken")
        buffer[: len(data)] = data
        return len(data)


def _swap(new: Path, path: Path) -> None:
    """The new file under the old one's name, at once, and on the disk before that."""
    with new.open("rb") as file:
        os.fsync(file.fileno())
    new.chmod(0o644)
    new.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
