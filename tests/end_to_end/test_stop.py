"""The service is told to stop, in every state: it ends within what service managers wait, and loses nothing."""

from __future__ import annotations

import signal
import time
from pathlib import Path

import pytest

from tests.end_to_end.squitter_process import running_squitter
from tests.mosquitto import Listener, free_port, running_mosquitto

DOCKER_S = 10.0  # docker kills after so long; the budget is 7


def settings(folder: Path, mqtt: int) -> Path:
    path = folder / "squitter.toml"
    path.write_text(
        f"""
        receiver = {{ source = "beast", port = {free_port()} }}
        mqtt = {{ port = {mqtt} }}
        outbox = {{ file = "{folder}/outbox.sqlite3" }}
        history = {{ dir = "{folder}/history" }}
        alerts = {{ dir = "{folder}/alerts" }}
        watch = {{ state_file = "{folder}/watch.json" }}
        """
    )
    return path


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_signal_is_a_clean_stop(tmp_path: Path, number: signal.Signals) -> None:
    with running_mosquitto(tmp_path) as broker, Listener(broker.port, "squitter/home/status") as listener:
        arguments = ["run", "--config", str(settings(tmp_path, broker.port))]
        with running_squitter(tmp_path, *arguments) as process:
            listener.wait_for(lambda got: bool(got) and got[-1].payload == b"online", 60)
            process.send_signal(number)
            assert process.wait(60) == 0
        listener.wait_for(lambda got: got[-1].payload == b"offline")


@pytest.mark.parametrize("state", ["frozen", "refusing", "never there"])
def test_a_broker_in_trouble_does_not_keep_it_from_stopping(tmp_path: Path, state: str) -> None:
    with running_mosquitto(tmp_path) as broker:
        port = free_port() if state == "never there" else broker.port
        if state == "frozen":
            broker.freeze()  # connections are taken by the kernel, and nothing is answered
        arguments = ["run", "--config", str(settings(tmp_path, port))]
        with running_squitter(tmp_path, *arguments) as process:
            assert process.stderr is not None
            while "absent" not in process.stderr.readline():
                pass
            if state == "refusing":
                broker.kill()
            time.sleep(1.0)
            began_s = time.monotonic()
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
            took_s = time.monotonic() - began_s
        broker.thaw() if state == "frozen" else None
    print(f"{state}: stopped within {took_s:.1f} s")
    assert took_s < 2 * DOCKER_S  # of a machine that has other things to do
