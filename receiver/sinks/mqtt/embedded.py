"""A broker in this process, for `demo` and for those who have none: amqtt, pure Python, MQTT 3.1.1 only.

On the loopback only, without passwords, nothing kept on disk. It costs some 0.2 ms of this event loop a message, 27
times what mosquitto does: for more than a look around, `apt install mosquitto`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from receiver.errors import SquitterError

_LOG = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def embedded_broker(port: int = 1883, host: str = "127.0.0.1") -> AsyncIterator[int]:
    """Run a broker on the current event loop.

    Parameters
    ----------
    port
        Where; 0: a free one.
    host
        An address of the loopback.

    Yields
    ------
    int
        The port that it listens on.

    Raises
    ------
    SquitterError
        The port is taken, or amqtt is not there.
    """
    for name in ("amqtt", "transitions"):
        # it tells of every client that comes and goes, and of those that speak MQTT 5
        logging.getLogger(name).setLevel(logging.CRITICAL)
    try:
        from amqtt.broker import Broker
        from amqtt.errors import BrokerError
    except ImportError as error:
        raise SquitterError(f"the embedded broker needs amqtt: {error}; pip install amqtt") from None

    class OwnBroker(Broker):  # type: ignore[misc]
        """Sends a client what is retained under its own filters only.

        amqtt 0.12.1 goes through everybody's when somebody connects: who asks for aircraft got pictures.
        """

        async def _publish_retained_messages_for_subscription(self, subscription: Any, session: Any) -> None:
            subscribed = self._subscriptions.get(subscription[0], ())
            if any(one.client_id == session.client_id for one, _ in subscribed):
                await super()._publish_retained_messages_for_subscription(subscription, session)

    broker = OwnBroker(
        {
            "listeners": {"default": {"type": "tcp", "bind": f"{host}:{port}", "max_connections": 100}},
            "plugins": {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}},
        }
    )
    try:
        await broker.start()
    except (BrokerError, OSError) as error:
        cause = error.__cause__ or error
        raise SquitterError(f"no broker of our own on {host}:{port}: {cause}") from None
    try:
        bound = [
            sock.getsockname()[1]
            for server in broker._servers.values()
            if server.instance is not None
            for sock in server.instance.sockets
        ]
        yield int(bound[0])
    finally:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(5.0):
                await broker.shutdown()
