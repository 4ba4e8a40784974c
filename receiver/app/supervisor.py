"""Keeps the parts of the service running: one that fails is started again, and the others do not notice."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Awaitable, Callable

from receiver.back_off import BackOff, doubling
from receiver.errors import SquitterError

log = logging.getLogger(__name__)

STEADY_S = 60.0  # a part that has run for so long begins again with the shortest wait


class Supervisor:
    """Runs parts as tasks of the loop.

    Parameters
    ----------
    delays_s
        Waits before a part is started again.

    Attributes
    ----------
    restarts
        By name of the part.
    refused
        Done with the error of a part that cannot start at all: a port that is taken, a setting that cannot be met. That
        is for a person to mend, and the service ends with it.
    """

    def __init__(self, delays_s: tuple[float, ...] = doubling(1.0, 60.0)) -> None:
        self.restarts: Counter[str] = Counter()
        self.refused: asyncio.Future[SquitterError] = asyncio.get_running_loop().create_future()
        self._delays_s = delays_s
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a part until `stop`."""
        self._tasks.append(asyncio.create_task(self._keep(name, run), name=name))

    async def stop(self, within_s: float) -> None:
        """Cancel all parts and wait for them; who takes longer is left behind, which is logged."""
        for task in self._tasks:
            task.cancel()
        if not self._tasks:
            return
        _, late = await asyncio.wait(self._tasks, timeout=max(0.0, within_s))
        for task in late:
            log.warning("%s: does not end within %.1f s; it ends with the process", task.get_name(), within_s)

    async def _keep(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        loop = asyncio.get_running_loop()
        back_off = BackOff(self._delays_s)
        while True:
            began_s = loop.time()
            try:
                await run()
                return
            except Exception as error:  # whatever it is, the other parts go on
                refusal = first_refusal(error)
                if refusal is not None and not self.restarts[name]:
                    if not self.refused.done():
                        self.refused.set_result(refusal)
                    return
                if loop.time() - began_s > STEADY_S:
                    back_off.succeeded()
                wait_s = back_off.failed()
                self.restarts[name] += 1
                log.error(
                    "%s: failed, and is started again: wait_s=%.0f restarts=%d reason=\"%r\"",
                    name, wait_s, self.restarts[name], error, exc_info=back_off.failures == 1,
                )  # fmt: skip
            await asyncio.sleep(wait_s)


def first_refusal(error: BaseException) -> SquitterError | None:
    """The error that a person can act on, when there is one within."""
    if isinstance(error, SquitterError):
        return error
    if isinstance(error, BaseExceptionGroup):
        return next((found for one in error.exceptions if (found := first_refusal(one)) is not None), None)
    return None
