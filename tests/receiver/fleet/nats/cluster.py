"""Real NATS servers on loopback: three that are one cluster, each to be killed and started again."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from tests.mosquitto import free_port

SERVER = shutil.which("nats-server", path="/usr/sbin:/usr/local/bin:/usr/bin")


class Cluster:
    """Servers by number."""

    def __init__(self, folder: Path, size: int = 3) -> None:
        self.ports = [free_port() for _ in range(size)]
        self._routes = [free_port() for _ in range(size)]
        self._folder = folder
        self._processes: dict[int, subprocess.Popen[bytes]] = {}

    @property
    def url(self) -> str:
        """For clients: all of them."""
        return ",".join(f"nats://127.0.0.1:{port}" for port in self.ports)

    def start(self, number: int) -> None:
        """Start a server, with what it has stored."""
        routes = ", ".join(f"nats://127.0.0.1:{port}" for port in self._routes)
        cluster = (
            f'cluster {{ name: "test", listen: "127.0.0.1:{self._routes[number]}", routes: [{routes}] }}\n'
            if len(self.ports) > 1
            else ""
        )
        config = self._folder / f"nats{number}.conf"
        config.write_text(
            f'server_name: n{number}\nlisten: "127.0.0.1:{self.ports[number]}"\n'
            f'jetstream {{ store_dir: "{self._folder / f"store{number}"}" }}\n{cluster}'
        )
        assert SERVER is not None
        with (self._folder / f"nats{number}.log").open("ab") as log:
            self._processes[number] = subprocess.Popen([SERVER, "-c", str(config)], stdout=log, stderr=log)

    def kill(self, number: int) -> None:
        """Kill a server."""
        process = self._processes.pop(number)
        process.kill()
        process.wait(20)

    def stop(self) -> None:
        """Kill all that run."""
        for number in list(self._processes):
            self.kill(number)


@contextlib.contextmanager
def running_cluster(folder: Path, size: int = 3) -> Iterator[Cluster]:
    """A cluster that runs; whether it has found together already is for the client to try."""
    cluster = Cluster(folder, size)
    try:
        for number in range(size):
            cluster.start(number)
        yield cluster
    finally:
        cluster.stop()
