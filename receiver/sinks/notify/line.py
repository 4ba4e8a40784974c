"""One channel: its letters, one after the other, each as often as it takes; never one behind another that fails."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from config.notify import Channel
from receiver.back_off import BackOff, doubling
from receiver.outbox import Letter, Outbox
from receiver.sinks.notify.message import SUMMARY, Message, message_of
from receiver.sinks.notify.webhook import NotNowError, RefusedError

log = logging.getLogger(__name__)

FIRST_RETRY_S, LONGEST_RETRY_S = 5.0, 600.0
PICTURE_WAIT_S = 3.0  # so long a message waits for its card
AT_LEAST_S = 3600.0  # so long a message is tried in any case, whatever the clock says of its age
IN_A_ROW = 2  # different messages that fail before it is the channel's fault

Send = Callable[[Channel, Message, "bytes | None"], Awaitable[None]]


class Line:
    """Works off the box of a channel. The loudest goes first, of these one that need not wait for a card, then the
    oldest; when we are told to stop, the newest.

    Parameters
    ----------
    send
        Delivers one message, with its card or without. Raises NotNowError or RefusedError.
    give_up_after_s
        A message that is older by the signal's clock is no news.

    Attributes
    ----------
    counts
        sent, refused, given_up, failed_attempts, without_picture.
    """

    def __init__(self, channel: Channel, outbox: Outbox, send: Send, give_up_after_s: float) -> None:
        self.channel = channel
        self.box = outbox.box(f"push:{channel.name}")
        self.counts: Counter[str] = Counter()
        self.now: float | None = None  # by the signal's clock
        self.idle = asyncio.Event()  # nothing is due, and nothing under way
        self.idle.set()
        self._outbox = outbox
        self._send = send
        self._give_up_after_s = give_up_after_s
        self._back_off = BackOff(doubling(FIRST_RETRY_S, LONGEST_RETRY_S), jitter=(0.8, 1.2))
        self._failed_in_a_row = 0
        self._open_at_s = 0.0  # the channel is not tried before
        self._no_more = False
        self._newest_first = False

    def add(self, message: Message, rank: int, made_s: float) -> Letter:
        """Take a message in."""
        letter = self.box.add(message.body(), rank, made_s=made_s, key=message.alert_id)
        if message.picture:
            letter.due_s = asyncio.get_running_loop().time() + PICTURE_WAIT_S
        self.idle.clear()
        return letter

    def picture(self, alert_id: str) -> None:
        """A card is there: who waits for it need not wait any more."""
        for letter in self.box:
            if letter.key == alert_id and not letter.attempts:
                letter.due_s = 0.0
        self.box.news.set()

    async def run(self) -> None:
        """Send until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            self.box.news.clear()
            letter = self._next(loop.time())
            if letter is not None:
                self.idle.clear()
                await self._deliver(letter)
                continue
            self.idle.set()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._wait_s(loop.time())):
                    await self.box.news.wait()

    async def finish(self, seconds: float) -> None:
        """Go on for so long, the newest first, then begin nothing more and wait for what is under way."""
        self._newest_first = True
        if self._next(asyncio.get_running_loop().time()) is not None:
            self.idle.clear()
        self.box.news.set()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self.idle.wait()
        self._no_more = True
        await self.idle.wait()

    def _next(self, now_s: float) -> Letter | None:
        if self._no_more or now_s < self._open_at_s:
            return None
        due = [letter for letter in self.box if letter.due_s <= now_s]
        sign = -1 if self._newest_first else 1

        def order(letter: Letter) -> tuple[int, bool, int, int]:
            return -letter.rank, letter.key.startswith(SUMMARY), letter.attempts, sign * letter.number

        return min(due, key=order, default=None)

    def _wait_s(self, now_s: float) -> float | None:
        if self._no_more or not len(self.box):
            return None
        return max(0.0, max(self._open_at_s, min(letter.due_s for letter in self.box)) - now_s) + 0.001

    async def _deliver(self, letter: Letter) -> None:
        message = message_of(letter.body)
        if message is None:
            log.warning("A saved push message is damaged and is skipped: channel=%s", self.channel.name)
            self.box.done([letter])
            return
        if self._is_old(letter):
            self.counts["given_up"] += 1
            log.warning(
                "A push message is too old and is given up: channel=%s alert=%s", self.channel.name, message.alert_id
            )
            self._done(letter)
            return
        png = await self._outbox.picture(message.alert_id) if message.picture and self.channel.picture else None
        try:
            await self._try(message, png)
        except RefusedError as error:
            self.counts["refused"] += 1
            log.error('A push message was refused and is dropped: channel=%s reason="%s"', self.channel.name, error)
        except NotNowError as error:
            self._not_now(letter, error)
            return
        else:
            self.counts["sent"] += 1
        self._failed_in_a_row = 0
        self._back_off.succeeded()
        self._done(letter)

    async def _try(self, message: Message, png: bytes | None) -> None:
        """Send it; without its card when it is not wanted with it: the words matter more."""
        if png is None:
            await self._send(self.channel, message, None)
            return
        try:
            await self._send(self.channel, message, png)
            return
        except (RefusedError, NotNowError) as error:
            why = error
        await self._send(self.channel, message, None)
        self.counts["without_picture"] += 1
        log.info(
            'A push message was sent without its card: channel=%s alert=%s reason="%s"',
            self.channel.name,
            message.alert_id,
            why,
        )

    def _not_now(self, letter: Letter, error: NotNowError) -> None:
        """This one later; after some in a row, the whole channel."""
        loop = asyncio.get_running_loop()
        self.counts["failed_attempts"] += 1
        letter.attempts += 1
        own = BackOff(doubling(FIRST_RETRY_S, LONGEST_RETRY_S), jitter=(0.8, 1.2))
        own.failures = letter.attempts - 1
        if not letter.extra:
            letter.extra = loop.time()  # first tried then
        letter.due_s = loop.time() + own.failed()
        self._failed_in_a_row += 1
        if self._failed_in_a_row == 1:
            log.warning('A push message was not delivered; retrying: channel=%s reason="%s"', self.channel.name, error)
        if self._failed_in_a_row >= IN_A_ROW:
            self._open_at_s = loop.time() + self._back_off.failed()

    def _is_old(self, letter: Letter) -> bool:
        if self.now is None or self.now - letter.made_s <= self._give_up_after_s:
            return False
        tried_s = 0.0 if not letter.extra else asyncio.get_running_loop().time() - float(letter.extra)
        return not letter.earlier or tried_s > min(AT_LEAST_S, self._give_up_after_s)

    def _done(self, letter: Letter) -> None:
        self.box.done([letter])
        if not self.box.holds(letter.key):
            self._outbox.drop_picture(letter.key)
