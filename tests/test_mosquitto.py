"""The broker and the client that other tests stand on."""

from __future__ import annotations

from pathlib import Path

from tests.mosquitto import Listener, retained, running_mosquitto


def test_a_broker_forgets_what_it_retained_when_it_is_killed_and_serves_again(tmp_path: Path) -> None:
    with running_mosquitto(tmp_path) as broker:
        with Listener(broker.port, "a/#") as listener:
            listener.publish("a/b", b"1", retain=True)
            listener.wait_for(lambda messages: any(message.payload == b"1" for message in messages))
            assert retained(broker.port, "a/#") == {"a/b": b"1"}
        broker.kill()
        broker.start()
        assert retained(broker.port, "a/#") == {}
