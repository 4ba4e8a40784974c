"""Where alerts go through: durable first, then to everybody, then what is remembered of them, then the card.

    watch ─▶ desk ─▶ sinks (each puts into the outbox what must not be lost)
                 ─▶ outbox on disk ─▶ the watch's state on disk
                 ─▶ cards, the loudest first, beside the loop ─▶ sinks

The state is saved after the effect: whoever kills the process in between has an alert twice, and never one that ends
without having been raised.
"""

from __future__ import annotations

import asyncio
import logging
import time
import zoneinfo
from collections import deque
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor

from config.watch import WatchSettings
from receiver.atlas import Atlas
from receiver.outbox import Outbox
from receiver.pipeline.hub import Hub
from receiver.watch import Alert
from receiver.watch.alerts import RAISED
from receiver.watch.picture import draw_card
from receiver.watch.state_file import StateFile

log = logging.getLogger(__name__)

AT_ONCE = 4  # alerts that are told in one turn of the loop
GATHER_S = 1.0  # of telling, before what was told is written: a transaction costs as much for one as for hundreds
MOST_CARDS = 8  # that wait to be drawn; each takes up to seconds on a small machine
SEVERITIES = ("info", "warning", "critical")


class AlertDesk:
    """Takes the hub's alerts.

    Parameters
    ----------
    state
        Where the watch's memory is kept; None: nowhere.
    save
        Keeps the last seconds of the signal when an alert is raised; None: not wanted.

    Attributes
    ----------
    cards_skipped
        Cards that were not drawn because too many waited.
    """

    def __init__(
        self,
        hub: Hub,
        outbox: Outbox,
        atlas: Atlas,
        settings: WatchSettings,
        state: StateFile | None = None,
        save: Callable[[str], object] | None = None,
    ) -> None:
        self.cards_skipped = 0
        self._hub = hub
        self._outbox = outbox
        self._atlas = atlas
        self._settings = settings
        self._zone = zoneinfo.ZoneInfo(settings.time_zone)
        self._state = state
        self._save = save
        self._alerts: dict[
            str, deque[Alert]
        ] = {}  # by group of rules: the storm of one does not hold up another's alert
        self._cards: list[Alert] = []
        self._artist = ThreadPoolExecutor(1, "cards")  # one: each thread would have a heap of its own
        self._news = asyncio.Event()
        self._card_news = asyncio.Event()
        self._idle = asyncio.Event()
        self._idle.set()
        self._cards_idle = asyncio.Event()
        self._cards_idle.set()
        self._save_state = False
        self._whole = False  # at the end, of every aircraft: a restart changes nothing then

    def take(self, alert: Alert) -> None:
        """An alert from the hub."""
        group = alert.id.rsplit("-", 2)[0]  # states of one alert stay in order, whatever its rule is by now
        self._alerts.setdefault(group, deque()).append(alert)
        self._wake()

    def save_state(self) -> None:
        """Have the watch's memory saved, soon."""
        if self._state is not None:
            self._save_state = True
            self._wake()

    async def finish(self) -> None:
        """Everything has been told and is durable, as far as the disk takes it; cards are drawn."""
        self._whole = True
        self.save_state()
        await self._idle.wait()
        await self._cards_idle.wait()

    async def run(self) -> None:
        """Tell until cancelled."""
        while True:
            await self._news.wait()
            self._news.clear()
            while self._alerts or self._save_state:
                await self._turn()
            self._idle.set()

    async def run_cards(self) -> None:
        """Draw until cancelled."""
        while True:
            await self._card_news.wait()
            self._card_news.clear()
            while self._cards:
                alert = max(self._cards, key=lambda one: SEVERITIES.index(one.severity))
                self._cards.remove(alert)
                png = await asyncio.get_running_loop().run_in_executor(self._artist, self._draw, alert)
                if png is not None:
                    for sink in self._hub.sinks:
                        self._hub.call(sink, sink.picture, alert, png)
            self._cards_idle.set()

    def _wake(self) -> None:
        self._idle.clear()
        self._news.set()

    async def _turn(self) -> None:
        batch: list[Alert] = []
        until_s = time.monotonic() + GATHER_S
        while self._alerts and time.monotonic() < until_s:  # then what was told becomes durable
            some = self._some()
            self._tell(some)
            batch += some
            await asyncio.sleep(0)
        # Only when nothing else has been noticed than what was told just now: else it would be remembered as told.
        state = None
        if self._state is not None and self._hub.watch is not None and not self._alerts:
            state = self._hub.watch.state(self._whole)
            self._save_state = False
        self._want_cards(batch)
        if await self._outbox.commit():
            if state is not None and self._state is not None:
                self._state.save(state)
        elif state is not None:
            asyncio.get_running_loop().call_later(5.0, self.save_state)  # the disk may have room then
        await asyncio.sleep(0)

    def _some(self) -> list[Alert]:
        """The next few: of each group one, in turn; of a group in their order."""
        some: list[Alert] = []
        while self._alerts and len(some) < AT_ONCE:
            group, waiting = next(iter(self._alerts.items()))
            del self._alerts[group]
            some.append(waiting.popleft())
            if waiting:
                self._alerts[group] = waiting
        return some

    def _tell(self, alerts: Iterable[Alert]) -> None:
        for alert in alerts:
            log.log(logging.WARNING if alert.notify else logging.INFO, "Alert %s: %s", alert.state, alert.text)
            if self._save is not None and alert.state == RAISED:
                self._save(alert.rule)
            for sink in self._hub.sinks:
                self._hub.call(sink, sink.alert, alert, None)

    def _want_cards(self, batch: list[Alert]) -> None:
        wanted = [alert for alert in batch if alert.picture and alert.trail]
        if not wanted:
            return
        self._cards += wanted
        while len(self._cards) > MOST_CARDS:
            self._cards.remove(min(self._cards, key=lambda one: SEVERITIES.index(one.severity)))
            self.cards_skipped += 1
            if self.cards_skipped in (1, 10, 100) or self.cards_skipped % 1000 == 0:
                log.warning("More alerts than cards can be drawn; some have none: skipped=%d", self.cards_skipped)
        self._cards_idle.clear()
        self._card_news.set()

    def _draw(self, alert: Alert) -> bytes | None:
        """The card; None when it cannot be drawn, for the words matter more than the picture."""
        try:
            return draw_card(
                alert, self._atlas, self._settings.picture_theme, language=self._settings.language, zone=self._zone
            )
        except Exception:  # whatever it is, the alert is out
            log.exception("The card of an alert could not be drawn: alert=%s", alert.id)
            return None
