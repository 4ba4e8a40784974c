"""Carries what a feed hears from its thread to the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Callable, Iterable

from receiver.pipeline.heard import Heard

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
        while thread.is_alive():  # it may be waiting for room in the queue
            while not queue.empty():
                queue.get_nowait()
            await asyncio.sleep(0.01)
