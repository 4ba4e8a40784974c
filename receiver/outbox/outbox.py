"""All boxes, and when they are written to disk: alerts at once, events when they have waited for five seconds."""

from __future__ import annotations

import asyncio
import logging
import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from receiver.back_off import BackOff, doubling
from receiver.outbox.box import RANKS, Box, Letter
from receiver.outbox.file import Changes, Contents, OutboxFile

log = logging.getLogger(__name__)
T = TypeVar("T")

LAZY_S = 5.0
"""So long an event may wait in memory only: a healthy bus writes nothing to an SD card."""
PICTURES_IN_MEMORY = 16
NUMBER_LIMIT = 2**62


class Outbox:
    """See the package's page. For one event loop; the disk is a worker thread's.

    Parameters
    ----------
    path
        The file; None: memory only.
    max_bytes
        Of each box.

    Attributes
    ----------
    disk_errors
        Times that the disk did not take or give what it should.
    """

    def __init__(self, path: Path | None = None, max_bytes: int = 8_000_000) -> None:
        self.path = path
        self.disk_errors = 0
        self._max_bytes = max_bytes
        self._file = None if path is None else OutboxFile(path.expanduser())
        self._boxes: dict[str, Box] = {}
        self._number = 0
        self._pictures: dict[str, bytes | None] = {}  # not on disk yet
        self._kept: dict[str, bytes] = {}  # where there is no disk
        self._memos: dict[str, str] = {}
        self._new_memos: dict[str, str] = {}
        self._contents: Contents | None = None  # of an earlier run, until each receiver has asked for its letters
        self._read = self._file is None
        self._anew = False
        self._news = asyncio.Event()
        self._lock = asyncio.Lock()
        # one thread: whoever awaits a call may be cancelled, and the next call must wait for that one all the same
        self._thread = ThreadPoolExecutor(1, "outbox")
        self._back_off = BackOff(doubling(1.0, 60.0))
        self._complained = False

    def box(self, name: str) -> Box:
        """The box of a receiver, with what waits in it from an earlier run once that was read."""
        box = self._boxes.get(name)
        if box is None:
            box = self._boxes[name] = Box(name, self._max_bytes, self._next, self._changed)
            if self._contents is not None:
                self._deal_out(box)
        return box

    def memo(self, key: str) -> str | None:
        """A short text that was kept."""
        return self._memos.get(key)

    def keep(self, key: str, value: str) -> None:
        """Keep a short text; it is on disk with the next commit."""
        self._memos[key] = self._new_memos[key] = value

    def put_picture(self, key: str, png: bytes) -> None:
        """Keep a picture beside the letters about the same."""
        if self._file is None:
            self._kept[key] = png
            while len(self._kept) > PICTURES_IN_MEMORY:
                del self._kept[next(iter(self._kept))]
            return
        self._pictures[key] = png
        self._changed(False)
        waiting = [one for one, content in self._pictures.items() if content is not None]
        for one in waiting[:-PICTURES_IN_MEMORY]:
            del self._pictures[one]  # the disk does not take them

    async def picture(self, key: str) -> bytes | None:
        """The picture that was put there."""
        if self._file is None:
            return self._kept.get(key)
        if key in self._pictures:
            return self._pictures[key]
        async with self._lock:
            return await self._call(self._file.picture, key)

    def drop_picture(self, key: str) -> None:
        """Nobody wants it any more."""
        self._kept.pop(key, None)
        if self._file is not None:
            self._pictures[key] = None

    async def open(self) -> None:
        """Read what an earlier run has left. A disk in trouble is logged, and tried again by `run`."""
        async with self._lock:
            await self._read_file()

    async def commit(self) -> bool:
        """Have everything but events on disk; False when the disk does not take it: it is tried again by `run`."""
        return await self._write(urgent_only=True)

    async def run(self) -> None:
        """Write what waits, until cancelled."""
        while True:
            try:
                async with asyncio.timeout(LAZY_S):
                    await self._news.wait()
                urgent = True
            except TimeoutError:
                urgent = False
            self._news.clear()
            if await self._write(urgent_only=urgent):
                self._back_off.succeeded()
            else:
                await asyncio.sleep(self._back_off.failed())

    async def close(self) -> None:
        """Write everything and let go of the file."""
        await self._write(urgent_only=False)
        if self._file is not None:
            async with self._lock:
                await self._call(self._file.close)
        self._thread.shutdown(wait=False)

    def clock_set(self, by_s: float) -> None:
        """The signal's clock was set."""
        for box in self._boxes.values():
            box.clock_set(by_s)

    async def _call(self, work: Callable[..., T], *arguments: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, *arguments)

    def _next(self) -> int:
        self._number += 1
        return self._number

    def _changed(self, soon: bool) -> None:
        if soon:
            self._news.set()

    async def _write(self, *, urgent_only: bool) -> bool:
        if self._file is None:
            for box in self._boxes.values():
                box.unwritten()
            return True
        async with self._lock:
            if not self._read and not await self._read_file():
                return False
            if self._anew:
                for box in self._boxes.values():
                    box.write_all_again()
            taken = {
                name: box.unwritten(urgent_only=urgent_only and not self._anew) for name, box in self._boxes.items()
            }
            pictures, self._pictures = self._pictures, {}
            memos, self._new_memos = (dict(self._memos) if self._anew else self._new_memos), {}
            changes = Changes(
                [
                    (letter.number, name, letter.rank, letter.made_s, letter.key, letter.body)
                    for name, (letters, _) in taken.items()
                    for letter in letters
                ],
                [number for _, removed in taken.values() for number in removed],
                pictures,
                memos,
                self._anew,
            )
            if not changes:
                return True
            try:
                await self._call(self._file.write, changes)
            except (OSError, sqlite3.Error, asyncio.CancelledError) as error:
                self._anew = True  # whether the transaction is there nobody can tell: next time all of it
                for name, (letters, removed) in taken.items():
                    self._boxes[name].write_again(letters, removed)
                self._pictures = pictures | self._pictures
                self._new_memos = memos | self._new_memos
                if isinstance(error, asyncio.CancelledError):
                    raise
                self._failed(error)
                return False
            self._anew = False
        if self._complained:
            self._complained = False
            log.info("The outbox is written again: file=%s", self._file.path)
        return True

    async def _read_file(self) -> bool:
        if self._file is None or self._read:
            return True
        try:
            contents = await self._call(self._file.read)
        except (OSError, sqlite3.Error) as error:
            self._failed(error)
            return False
        self._read = True
        self._memos = contents.memos | self._memos
        last = max((row[0] for row in contents.letters), default=0)
        if self._number:  # letters came while the disk was not there: those of before go before them
            self._renumber(last)
        self._number = max(self._number, last)
        self._contents = contents
        for box in self._boxes.values():
            self._deal_out(box)
        if contents.letters:
            log.info(
                "Messages of an earlier run are waiting: file=%s messages=%d", self._file.path, len(contents.letters)
            )
        return True

    def _renumber(self, last: int) -> None:
        for box in self._boxes.values():
            fresh = sorted(box, key=lambda letter: letter.number)
            box.done(fresh)
            for letter in fresh:
                letter.number += last
                letter.gone = letter.stored = False
                box.put(letter)
        self._number += last

    def _deal_out(self, box: Box) -> None:
        """Give a box its letters of an earlier run."""
        assert self._contents is not None
        mine = [row for row in self._contents.letters if row[1] == box.name]
        self._contents.letters = [row for row in self._contents.letters if row[1] != box.name]
        fresh = sorted(box, key=lambda letter: letter.number)
        box.done(fresh)  # to come after them
        for number, _, rank, made_s, key, body in mine:
            rank = min(max(rank, 0), len(RANKS) - 1)
            box.put(Letter(number, rank, made_s, key, body, earlier=True, stored=True))
        for letter in fresh:
            letter.gone = False
            box.put(letter)

    def forget_strangers(self) -> int:
        """Letters of an earlier run for receivers that there are no more go; how many. Called when all boxes are made."""
        if self._contents is None or not self._contents.letters:
            return 0
        strangers = self.box("")  # nobody's
        self._contents.letters = [(row[0], "", *row[2:]) for row in self._contents.letters]
        self._deal_out(strangers)
        count = len(strangers)
        strangers.done(list(strangers))
        log.warning("Deleted messages for receivers that are not in the settings any more: file=%s messages=%d",
                    self._file and self._file.path, count)  # fmt: skip
        return count

    def _failed(self, error: Exception) -> None:
        self.disk_errors += 1
        if not self._complained:
            self._complained = True
            log.warning("The outbox cannot be written; waiting messages are in memory only: file=%s reason=\"%s\"",
                        self._file and self._file.path, error)  # fmt: skip
