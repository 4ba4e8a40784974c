"""Carries what a feed hears from its thread to the event loop."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Iterable

from receiver.pipeline.heard import Heard

log = logging.getLogger(__name__)

PATIENCE_S = 1.2  # after being told to stop: the whole service has seven seconds for it
QUEUE = 16  # pieces of signal: under a second of a dongle's


async def pump(feed: Iterable[Heard], close: Callable[[], None]) -> AsyncGenerator[Heard, None]:
    """Run a feed in a thread and yield what it hears, until it ends or the caller stops asking.

    When the loop falls behind, the thread waits; nothing is dropped here. What the feed raises is raised here.

    Parameters
    ----------
    close
        Makes the feed end soon; called from the loop when the caller stops asking, perhaps more than once.
    """
    loop = asyncio.get_running_loop()
    queue: asyncio.Queue[Heard | BaseException | None] = asyncio.Queue(QUEUE)
    stopping = threading.Event()

    def put(item: Heard | BaseException | None) -> None:
        asyncio.run_coroutine_threadsafe(queue.put(item), loop).result()

    def work() -> None:
        last: BaseException | None = None
        try:
            for heard in feed:
                if stopping.is_set():
                    break
                put(heard)
        except BaseException as error:  # noqa: BLE001 - handed to the loop, which raises it
            last = error
        if not stopping.is_set():  # else nobody asks any more, and the loop may be gone
            put(last)

    thread = threading.Thread(target=work, name="hearing", daemon=True)
    thread.start()
    try:
        while (item := await queue.get()) is not None:
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopping.set()
        close()
        until_s = loop.time() + PATIENCE_S
        while thread.is_alive() and loop.time() < until_s:
            while not queue.empty():  # it may be waiting for room
                queue.get_nowait()
            await asyncio.sleep(0.01)
        if thread.is_alive():
            log.warning(
                "The demodulator's thread does not end in time (compiling?); it ends with the process: limit_s=%g",
                PATIENCE_S,
            )
