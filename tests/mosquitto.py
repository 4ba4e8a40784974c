"""A real mosquitto for tests: on a free port, to be started, killed, frozen and restarted; and a plain client that
watches it, which is not ours on purpose."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.properties import Properties


def free_port() -> int:
    """A TCP port of the loopback that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def mosquitto_binary() -> str:
    """Path of mosquitto; Debian puts it where a user's PATH does not look."""
    found = shutil.which("mosquitto", path=os.environ.get("PATH", "") + ":/usr/sbin:/usr/local/sbin")
    if found is None:
        raise FileNotFoundError("mosquitto is missing; on Debian: apt install mosquitto mosquitto-clients")
    return found


class Mosquitto:
    """A broker process.

    Parameters
    ----------
    directory
        Where its configuration, log and store go.
    listener
        Lines for the listener, after its `listener` line (TLS, protocol websockets, …).
    extra
        Lines before it (allow_anonymous, password_file, …); anonymous clients are let in unless it says otherwise.
    """

    def __init__(self, directory: Path, *, listener: str = "", extra: str = "") -> None:
        self.directory = directory
        self.port = free_port()
        self._listener = listener
        self._extra = extra
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> str:
        """What it has logged."""
        return (self.directory / "mosquitto.log").read_text(errors="replace")

    def start(self) -> None:
        """Start it with an empty store and wait until it answers."""
        anonymous = "" if "allow_anonymous" in self._extra else "allow_anonymous true\n"
        # libwebsockets takes an interface's name only, none is all of them
        host = "" if "websockets" in self._listener else " 127.0.0.1"
        user = pwd.getpwuid(os.getuid()).pw_name
        configuration = self.directory / "mosquitto.conf"
        configuration.write_text(
            f"user {user}\npersistence false\nlog_dest stderr\nlog_type all\n{anonymous}{self._extra}\n"
            f"listener {self.port}{host}\n{self._listener}\n"
        )
        with (self.directory / "mosquitto.log").open("ab") as log:
            self._process = subprocess.Popen([mosquitto_binary(), "-c", str(configuration)], stderr=log, stdout=log)
        deadline = time.monotonic() + 10
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                raise RuntimeError(f"mosquitto did not start: {self.log[-2000:]}")
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), timeout=1):
                return
            time.sleep(0.01)
        raise TimeoutError("mosquitto does not answer")

    def stop(self) -> None:
        """End it in good order."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """kill -9: connections break, retained messages are lost."""
        self._end(signal.SIGKILL)

    def freeze(self) -> None:
        """SIGSTOP: connections stay, nothing is answered."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """SIGCONT."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None
        self._process.send_signal(number)

    def _end(self, number: signal.Signals) -> None:
        if self._process is None:
            return
        if self._process.poll() is None:
            self._signal(number)
            self._signal(signal.SIGCONT)
            self._process.wait(10)
        self._process = None


@contextlib.contextmanager
def running_mosquitto(directory: Path, *, listener: str = "", extra: str = "") -> Iterator[Mosquitto]:
    """A started broker; it is killed in the end, whatever has become of it."""
    broker = Mosquitto(directory, listener=listener, extra=extra)
    try:
        broker.start()
        yield broker
    finally:
        broker.kill()


@dataclass(frozen=True)
class Received:
    """A message as the plain client got it."""

    topic: str
    payload: bytes
    retain: bool
    qos: int
    properties: Properties | None
    monotonic_s: float


class Listener:
    """A plain MQTT client (paho in its own thread) that remembers what it has got, oldest first.

    Parameters
    ----------
    port, topics
        Where, and which filters to subscribe to.
    protocol
        paho's constant; MQTT 5 unless told otherwise.
    """

    def __init__(
        self,
        port: int,
        *topics: str,
        protocol: int = paho.MQTTv5,
        username: str | None = None,
        password: str | None = None,
    ) -> None:
        self.messages: list[Received] = []
        self._topics = topics or ("#",)
        self._news = threading.Condition()
        self._subscribed = threading.Event()
        self._client = paho.Client(CallbackAPIVersion.VERSION2, protocol=protocol)  # type: ignore[arg-type]  # an int in paho's own constants
        if username is not None:
            self._client.username_pw_set(username, password)
        self._client.on_connect = self._on_connect
        self._client.on_subscribe = lambda *_: self._subscribed.set()
        self._client.on_message = self._on_message
        self._client.reconnect_delay_set(0.05, 0.2)  # type: ignore[arg-type]  # a fraction is as good
        self._client.connect("127.0.0.1", port, keepalive=30)
        self._client.loop_start()
        if not self._subscribed.wait(10):
            raise TimeoutError("the listening client could not subscribe")

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.disconnect()
        self._client.loop_stop()

    def publish(self, topic: str, payload: bytes, *, retain: bool = False, qos: int = 1) -> None:
        """Publish and wait until the broker has it."""
        self._client.publish(topic, payload, qos, retain).wait_for_publish(10)

    def wait_for(self, condition: Callable[[list[Received]], bool], timeout_s: float = 10.0) -> list[Received]:
        """All messages, once the condition holds for them; TimeoutError with the topics when it does not in time."""
        with self._news:
            if not self._news.wait_for(lambda: condition(self.messages), timeout_s):
                raise TimeoutError(f"got only {[(m.topic, m.payload[:80]) for m in self.messages[-30:]]}")
            return list(self.messages)

    def state(self) -> dict[str, bytes]:
        """The newest payload by topic; topics that were emptied are left out."""
        with self._news:
            newest = {message.topic: message.payload for message in self.messages}
        return {topic: payload for topic, payload in newest.items() if payload}

    def _on_connect(self, client: paho.Client, *_: object) -> None:
        client.subscribe([(topic, 1) for topic in self._topics])

    def _on_message(self, client: paho.Client, userdata: object, message: paho.MQTTMessage) -> None:
        del client, userdata
        with self._news:
            self.messages.append(
                Received(
                    message.topic,
                    bytes(message.payload),
                    message.retain,
                    message.qos,
                    message.properties,
                    time.monotonic(),
                )
            )
            self._news.notify_all()


def retained(port: int, *topics: str, settle_s: float = 0.3) -> dict[str, bytes]:
    """What the broker keeps at the moment under the filters."""
    with Listener(port, *topics) as listener:
        count = -1
        while count != len(listener.messages):
            count = len(listener.messages)
            time.sleep(settle_s)
        return {message.topic: message.payload for message in listener.messages if message.retain}
