"""Another receiver's program at both ends: it takes what we send, and we take what it sends."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.network import Feed, NetworkSettings
from receiver.sinks import network_out
from receiver.sinks.network_out import NetworkOutSink
from receiver.sources.frames import network
from receiver.sources.frames.network import NetworkClient
from receiver.wire.frame import Frame
from tests.receiver.network import free_port, run, running, until
from tests.recordings import KINDS, frames_of

PROGRAM = shutil.which("dump1090-mutability")
pytestmark = pytest.mark.skipif(
    PROGRAM is None, reason="needs dump1090-mutability (apt-get install dump1090-mutability)"
)


class Peer:
    """dump1090 without a dongle: Beast in, Beast out, JSON files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.beast_in, self.beast_out = free_port(), free_port()
        assert PROGRAM is not None
        self._process = subprocess.Popen(
            [PROGRAM, "--net-only", "--net-bind-address", "127.0.0.1", "--net-ri-port", "0", "--net-ro-port", "0",
             "--net-sbs-port", "0", "--net-bi-port", str(self.beast_in), "--net-bo-port", str(self.beast_out),
             "--write-json", str(folder), "--quiet", "--net-verbatim"],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip

    def aircraft(self) -> dict[str, int]:
        """Messages by address, as its aircraft.json tells."""
        try:
            told = json.loads((self.folder / "aircraft.json").read_bytes())
        except FileNotFoundError:
            return {}
        return {one["hex"]: one["messages"] for one in told["aircraft"]}

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()


@pytest.fixture
def peer(tmp_path: Path) -> Iterator[Peer]:
    """One, for one test."""
    one = Peer(tmp_path)
    yield one
    one.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_feed_is_understood_and_what_comes_back_is_what_was_sent(
    peer: Peer, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (network_out, network):
        monkeypatch.setattr(module, "BACK_OFF_S", (0.05,))
    frames = frames_of(kind, tmp_path)

    async def work() -> None:
        sink = NetworkOutSink(NetworkSettings(feed=[Feed(host="127.0.0.1", port=peer.beast_in)]))
        source = NetworkClient("beast", "127.0.0.1", peer.beast_out)
        got: list[Frame] = []

        async def take() -> None:
            async for some in source.frames():
                got.extend(some)

        taking = asyncio.create_task(take())
        async with running(sink):
            await until(lambda: sink.feeds_connected == 1 and source.health.state == "open")
            for at in range(0, len(frames), 200):
                sink.frames(frames[at : at + 200], 0.0)
                await asyncio.sleep(0.002)
            # it passes on what it believes: a little over half of each recording
            least = len(frames) * 0.55
            await until(lambda: len(got) > least and sum(peer.aircraft().values()) > least)
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        sent = {(frame.data, frame.counter_12mhz, frame.signal_dbfs) for frame in frames}
        assert {(frame.data, frame.counter_12mhz, frame.signal_dbfs) for frame in got} <= sent
        assert {frame.data[1:4].hex() for frame in frames if frame.df == 17} & set(peer.aircraft())

    run(work())
