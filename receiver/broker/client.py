"""The connection to a broker: the only file that knows aiomqtt (2.5, which stands on paho).

What it evens out: aiomqtt never reconnects, leaves the socket of a refused connection open, and keeps a packet whose
publishing has timed out; so a `Connection` serves once, and after any `BrokerError` it is closed and thrown away. One
awaited publication costs 0.2 ms, mostly bookkeeping of the event loop; so QoS 0 goes to paho in batches, of which only
the last message is waited for: they leave in order.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import logging
import re
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import aiomqtt
from aiomqtt.exceptions import MqttConnectError
from paho.mqtt.client import MQTT_CLEAN_START_FIRST_ONLY
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from receiver import __version__
from receiver.broker.publication import Publication
from receiver.broker.tls_errors import NO_TLS, advice

KEEPALIVE_S = 20
"""A broker that hears nothing for 1.5 times as long publishes the will; with its own timer that is 30–45 s."""
TIMEOUT_S = 10.0
"""An answer that takes longer will not come."""
CONNECT_TIMEOUT_S = 5.0
NO_SUCH_NAME = "no machine has this name; correct [mqtt] host, or use its address"
NEXT_STEPS = {
    errno.ECONNREFUSED: "no broker listens there; start it (`sudo apt install mosquitto`), or bring one along "
    "(`squitter run --with-broker`), or do without ([mqtt] enabled = false)",
    errno.EHOSTUNREACH: "no way to this machine; is it on, and in the same network?",
    errno.ENETUNREACH: "no network; is this machine connected?",
    socket.EAI_NONAME: NO_SUCH_NAME,
    socket.EAI_NODATA: NO_SUCH_NAME,
    socket.EAI_AGAIN: "the name cannot be looked up now; is the network up?",
}
"""The same for the first answer, after which the other version is tried."""
MAX_INCOMING = 20_000

# paho tells every lost connection; what matters is told by the publisher.
_LOG = logging.getLogger("receiver.sinks.mqtt.paho")
_LOG.addHandler(logging.NullHandler())
_LOG.propagate = False
_LOG.setLevel(logging.CRITICAL)

# CONNACK codes that mean "not this version of MQTT": 3.1.1's 1 and 5's 0x84; 0x81 and 0x01 are what a broker makes of a
# packet that it does not understand.
_OTHER_VERSION = {1, 0x81, 0x84}
_CREDENTIALS = {4, 5, 0x86, 0x87}
_TAKEN_OVER = 0x8E


class Handshake(ssl.SSLSocket):
    """A TLS socket that is closed when the handshake fails; paho forgets it."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands."""
        try:
            super().do_handshake(block)
        except ConnectionError:
            self.close()
            raise ConnectionError(NO_TLS) from None
        except BaseException:
            self.close()
            raise


class BrokerError(Exception):
    """The broker cannot be had, or no longer.

    Attributes
    ----------
    kind
        "version" (it does not speak this MQTT), "refused" (it does not want us), "taken_over" (another client has come
        under our name), "silent" (no answer), "lost".
    """

    def __init__(self, kind: Literal["version", "refused", "taken_over", "silent", "lost"], text: str) -> None:
        super().__init__(text)
        self.kind = kind


@dataclass(frozen=True, slots=True)
class Address:
    """Where the broker is and how it is spoken to. The password is not for the log: nothing here prints it."""

    host: str
    port: int
    client_id: str
    username: str | None
    password: str | None
    tls: ssl.SSLContext | None
    transport: Literal["tcp", "websockets"]
    websocket_path: str

    def __repr__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A message from the broker.

    Attributes
    ----------
    retain
        It is from before we asked for it.
    response_topic, correlation
        Where an answer is wanted, and what it is to carry; empty without. Source: MQTT 5.0, section 4.10.
    """

    topic: str
    payload: bytes
    retain: bool
    response_topic: str = ""
    correlation: bytes = b""


class Connection:
    """A connection, from `connect` to the first error or `close`.

    Attributes
    ----------
    version
        Of MQTT.
    refused, refusal
        Messages that the broker has acknowledged but not taken (MQTT 5 says so), and why the last one.
    """

    def __init__(self, client: aiomqtt.Client, version: str) -> None:
        self._client = client
        self._paho = client._client
        self.version = version
        self.refused = 0
        self.refusal = ""

    async def publish(self, publications: Sequence[Publication]) -> None:
        """Publish in order; back when the broker has the ones with QoS 1 and the network the others.

        Raises
        ------
        BrokerError
            One of them did not go through. Which ones did is unknown.
        """
        waits = []
        last = len(publications) - 1
        with _broker_errors():
            async with asyncio.timeout(TIMEOUT_S):
                for i, publication in enumerate(publications):
                    properties = self._properties(publication)
                    if publication.qos or i == last:
                        waits.append(
                            asyncio.ensure_future(
                                self._client.publish(
                                    publication.topic,
                                    publication.payload,
                                    publication.qos,
                                    publication.retain,
                                    properties,
                                )
                            )
                        )
                        # it has to be given to paho before the next one
                        await asyncio.sleep(0)
                    else:
                        self._paho.publish(publication.topic, publication.payload, 0, publication.retain, properties)
                try:
                    await asyncio.gather(*waits)
                finally:
                    for wait in waits:
                        wait.cancel()
                    await asyncio.gather(*waits, return_exceptions=True)

    async def subscribe(self, *filters: str) -> None:
        """Subscribe with QoS 1. Raises BrokerError."""
        with _broker_errors():
            await _apart(self._client.subscribe([(topic, 1) for topic in filters], timeout=TIMEOUT_S))

    async def unsubscribe(self, *filters: str) -> None:
        """The opposite. Raises BrokerError."""
        with _broker_errors():
            await _apart(self._client.unsubscribe(list(filters), timeout=TIMEOUT_S))

    async def messages(self) -> AsyncIterator[Incoming]:
        """What comes in, until BrokerError: the connection is lost."""
        with _broker_errors():
            try:
                async for message in self._client.messages:
                    payload = message.payload if isinstance(message.payload, bytes) else b""
                    asked = message.properties
                    yield Incoming(
                        str(message.topic),
                        payload,
                        bool(message.retain),
                        str(getattr(asked, "ResponseTopic", "")),
                        bytes(getattr(asked, "CorrelationData", b"")),
                    )
            except aiomqtt.MqttError as error:
                raise error.__cause__ or error from None  # the cause has the broker's reason

    async def close(self, *, politely: bool) -> None:
        """End it; politely: with a DISCONNECT, after which the broker does not publish the will."""
        if politely:
            with contextlib.suppress(aiomqtt.MqttError, TimeoutError, OSError, ValueError):
                async with asyncio.timeout(2.0):
                    await self._client.__aexit__(None, None, None)
        await _drop(self._client)

    def _properties(self, publication: Publication) -> Properties | None:
        if self.version != "5" or not publication.payload:
            return None
        return _properties(publication.content_type, publication.expiry_s, publication.correlation)


async def connect(address: Address, version: Literal["5", "3.1.1"], will: Publication | None) -> Connection:
    """Connect once; who only listens leaves no will.

    Raises
    ------
    BrokerError
        It did not work; the text says why in a line.
    """
    client = aiomqtt.Client(
        address.host,
        address.port,
        username=address.username,
        password=address.password,
        logger=_LOG,
        identifier=address.client_id,
        protocol=aiomqtt.ProtocolVersion.V5 if version == "5" else aiomqtt.ProtocolVersion.V311,
        will=None if will is None else aiomqtt.Will(will.topic, will.payload, will.qos, will.retain),
        transport=address.transport,
        timeout=CONNECT_TIMEOUT_S,
        keepalive=KEEPALIVE_S,
        clean_session=None if version == "5" else True,
        clean_start=True if version == "5" else MQTT_CLEAN_START_FIRST_ONLY,
        max_queued_incoming_messages=MAX_INCOMING,
        tls_context=address.tls,
        websocket_path=address.websocket_path if address.transport == "websockets" else None,
    )
    # aiomqtt does not notice when the broker hangs up before it has answered, as those do that do not know MQTT 5
    hung_up = asyncio.Event()
    on_disconnect = client._client.on_disconnect

    def hang_up(*arguments: Any) -> None:
        hung_up.set()
        assert on_disconnect is not None
        on_disconnect(*arguments)

    client._client.on_disconnect = hang_up
    connection = Connection(client, version)
    on_publish: Any = client._client.on_publish

    def acknowledge(paho: Any, userdata: Any, mid: int, code: Any, properties: Any) -> None:
        # aiomqtt does not look at what an acknowledgement says
        if getattr(code, "is_failure", False):
            connection.refused += 1
            connection.refusal = str(code)
        on_publish(paho, userdata, mid, code, properties)

    client._client.on_publish = acknowledge
    # connecting happens in a thread that cannot be interrupted: what it has opened has to be closed after it
    opening = asyncio.ensure_future(client.__aenter__())
    hanging_up = asyncio.ensure_future(hung_up.wait())
    try:
        waits: set[asyncio.Future[Any]] = {opening, hanging_up, client._disconnected}
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        if not opening.done():
            hint = (
                "it may want a client certificate that it trusts: [mqtt] certificate_file"
                if address.tls
                else "if this port wants TLS, set [mqtt] tls = true"
            )
            raise BrokerError("version" if version == "5" else "lost", f"the broker hangs up without an answer; {hint}")
        with _broker_errors():
            await opening
    except BaseException:
        if not opening.done() and not hung_up.is_set():
            await asyncio.wait({opening}, timeout=6.0)
        opening.cancel()
        await asyncio.gather(opening, return_exceptions=True)
        await _drop(client)
        raise
    finally:
        hanging_up.cancel()
    client.timeout = TIMEOUT_S
    return connection


async def _apart(work: Coroutine[Any, Any, Any]) -> None:
    """Await something of aiomqtt in a task of its own.

    It waits by `asyncio.wait_for`, which before Python 3.12 loses a cancellation that comes in the same turn of the loop as
    the answer (gh-86296). Here the cancelled task is not the one that is waited for.
    """
    task = asyncio.ensure_future(work)
    try:
        await asyncio.wait({task})
        await task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def connect_auto(
    address: Address, protocol: Literal["auto", "5", "3.1.1"], will: Publication | None
) -> Connection:
    """Connect once with the version that is wanted; auto tries 5, then 3.1.1 where 5 is not answered. Raises BrokerError."""
    if protocol != "auto":
        return await connect(address, protocol, will)
    try:
        return await connect(address, "5", will)
    except BrokerError as error:
        if error.kind not in ("version", "silent"):  # some old brokers say nothing at all
            raise
    return await connect(address, "3.1.1", will)


async def _drop(client: aiomqtt.Client) -> None:
    """Close the socket, whatever state it is in, and let the callbacks that this sets off run."""
    paho = client._client
    paho.on_disconnect = None
    with contextlib.suppress(OSError, ValueError):
        paho._sock_close()
    if client._disconnected.done() and not client._disconnected.cancelled():
        client._disconnected.exception()
    await asyncio.sleep(0)
    if client._misc_task is not None:
        client._misc_task.cancel()
        await asyncio.gather(client._misc_task, return_exceptions=True)


@contextlib.contextmanager
def _broker_errors() -> Iterator[None]:
    """Whatever aiomqtt, paho and the network raise, as BrokerError."""
    try:
        yield
    except aiomqtt.MqttCodeError as error:
        code = getattr(error.rc, "value", error.rc)
        connecting = isinstance(error, MqttConnectError)
        if connecting and code in _OTHER_VERSION:
            raise BrokerError("version", "it does not speak this version of MQTT") from None
        if connecting:
            what = "user name or password refused" if code in _CREDENTIALS else f"refused: {error}"
            raise BrokerError("refused", what) from None
        if code == _TAKEN_OVER:
            raise BrokerError("taken_over", "another client has connected under the same client id") from None
        raise BrokerError("lost", "connection lost") from None
    except TimeoutError:
        raise BrokerError("silent", "no answer") from None
    except aiomqtt.MqttError as error:
        text = str(error) or "connection lost"
        if "timed out" in text:
            raise BrokerError("silent", "no answer") from None
        raise BrokerError("lost", advice(error.__cause__ or error.__context__) or _plain(text)) from None
    except (OSError, ValueError) as error:
        raise BrokerError("lost", advice(error) or _plain(str(error) or type(error).__name__)) from None


def _plain(text: str) -> str:
    """What an operating system's error means here, and what to do next; the number alone helps nobody."""
    match = re.match(r"\[Errno (-?\d+)\] (.*)", text, re.DOTALL)
    if match is None:
        return text
    return NEXT_STEPS.get(int(match[1]), match[2])


@lru_cache(maxsize=1024)
def _properties(content_type: str, expiry_s: int | None, correlation: bytes = b"") -> Properties:
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    properties.ContentType = content_type
    properties.UserProperty = ("software", f"squitter {__version__}")
    if expiry_s is not None:
        properties.MessageExpiryInterval = expiry_s
    if correlation:
        properties.CorrelationData = correlation
    return properties
