"""The push sink: from an alert to its channel, through trouble and restarts."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.notify import Channel, NotifySettings
from receiver.sinks import Air
from receiver.sinks.notify import Notify, services
from receiver.sinks.notify import sink as sink_module
from receiver.sinks.notify.spool import Message, Spool
from receiver.sinks.notify.webhook import NotNowError, RefusedError
from tests.receiver.sinks.notify.test_webhook import serving


@dataclass
class Told:
    """An alert, as far as this sink looks."""

    id: str = "emergency-abcdef-20250820T024000"
    title: str = "Emergency"
    text: str = "SWR1, squawking 7700 (emergency)"
    brief: str = "SWR1, squawking 7700 (emergency)"
    severity: str = "critical"
    updated_s: float = 1000.0
    notify: Sequence[str] = ("phone",)

    def payload(self) -> dict[str, Any]:
        return {"id": self.id, "text": self.text}


def settings(folder: Path, **more: Any) -> NotifySettings:
    channel = {"name": "phone", "kind": "apprise", "url": "json://localhost/"}
    return NotifySettings.model_validate({"channel": [channel], "spool_dir": folder / "spool", **more})


class Line:
    """Stands for a channel: takes messages, or fails as it is told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.failures: list[Exception] = []
        self.tried = asyncio.Event()

    async def __call__(self, channel: Channel, message: Message, spool: Spool) -> None:
        self.tried.set()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message.alert_id)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


async def stop(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_an_alert_reaches_a_real_webhook_with_its_picture(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving() as server:
            channel = {
                "name": "phone",
                "kind": "webhook",
                "url": f"http://127.0.0.1:{server.port}/",
                "local_network": True,
            }
            notify = Notify(settings(tmp_path, channel=[channel]))
            task = asyncio.create_task(notify.run())
            notify.alert(Told(), b"\x89PNG")
            await notify.finish()
            await stop(task)
            (got,) = server.got
            assert got["alert"]["id"] == Told.id
            assert got["picture"]
            assert notify.statistics()["notify_sent_total"] == 1
            assert list((tmp_path / "spool").iterdir()) == []

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_delivers_to_a_real_server(tmp_path: Path) -> None:
    pytest.importorskip("apprise")

    async def main() -> None:
        async with serving() as server:
            url = f"json://127.0.0.1:{server.port}/"
            await asyncio.to_thread(
                services.send, url, "Emergency", "SWR1 @everyone <@1> [x](http://y)", "critical", None
            )
            (got,) = server.got
            assert got["title"] == "Emergency"
            assert "@everyone" not in got["message"]
            assert "<@1>" not in got["message"]
            assert "http://y" not in got["message"]
            assert got["message"].replace("\u200b", "") == "SWR1 @everyone <@1> [x](http://y)"

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_an_address_that_apprise_does_not_know_is_refused_and_not_logged(caplog: pytest.LogCaptureFixture) -> None:
    pytest.importorskip("apprise")
    for url in ("nonsense://secret-token", "tgram://secret-token", "json://127.0.0.1:1/secret-token"):
        with caplog.at_level("DEBUG", "squitter"), pytest.raises((RefusedError, NotNowError)) as caught:
            services.send(url, "t", "b", "info", None)
        assert "secret-token" not in str(caught.value)
    assert "secret-token" not in caplog.text


def test_nobody_is_told_of_an_alert_that_asks_for_nobody_or_for_a_stranger(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        notify = Notify(settings(tmp_path), line)
        task = asyncio.create_task(notify.run())
        notify.alert(Told(notify=()), None)
        notify.alert(Told(notify=("somebody-else",)), None)
        notify.alert(Told(id="third"), None)
        await notify.finish()
        await stop(task)
        assert line.sent == ["third"]

    asyncio.run(main())


def test_a_channel_that_fails_is_tried_again_in_order(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "FIRST_RETRY_S", 0.01)

    async def main() -> None:
        line = Line()
        line.failures = [NotNowError("down"), NotNowError("down"), NotNowError("down")]
        notify = Notify(settings(tmp_path), line)
        task = asyncio.create_task(notify.run())
        for k in range(3):
            notify.alert(Told(id=f"a{k}", updated_s=1000.0 + k), None)
        await until(lambda: len(line.sent) == 3)
        await stop(task)
        assert line.sent == ["a0", "a1", "a2"]
        assert notify.statistics()["notify_failed_attempts_total"] == 3

    asyncio.run(main())


def test_a_refused_message_is_dropped_and_holds_up_nothing(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        line.failures = [RefusedError("404")]
        notify = Notify(settings(tmp_path), line)
        task = asyncio.create_task(notify.run())
        notify.alert(Told(id="a0"), None)
        notify.alert(Told(id="a1", updated_s=1001.0), None)
        await notify.finish()
        await stop(task)
        assert line.sent == ["a1"]
        assert notify.statistics()["notify_refused_total"] == 1

    asyncio.run(main())


def test_what_could_not_be_sent_survives_a_restart_and_is_sent_once(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        line.failures = [NotNowError("down")]
        first = Notify(settings(tmp_path), line)
        task = asyncio.create_task(first.run())
        first.alert(Told(), b"\x89PNG")
        await line.tried.wait()
        await first.finish()
        await stop(task)
        assert line.sent == []
        for _ in range(2):  # the second start finds nothing left
            again = Notify(settings(tmp_path), line)
            task = asyncio.create_task(again.run())
            await until(lambda: len(line.sent) == 1)
            await again.finish()
            await stop(task)
        assert line.sent == [Told.id]

    asyncio.run(main())


def test_old_news_is_given_up_by_the_signals_clock(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        Spool(tmp_path / "spool", 10).put(Message("phone", "old", "t", "x", "info", 1000.0, {}), None)
        notify = Notify(settings(tmp_path, give_up_after_s=3600), line)
        notify.second(Air(1000.0 + 3601.0, {}, {}, {}))
        task = asyncio.create_task(notify.run())
        await until(lambda: notify.counts["given_up"] == 1)
        await stop(task)
        assert line.sent == []

    asyncio.run(main())


def test_the_spool_keeps_the_newest_and_throws_rubbish_away(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 3)
    gone = sum(spool.put(Message("phone", f"a{k}", "t", "x", "info", 1000.0 + k, {}), b"png") for k in range(5))
    assert gone == 2
    assert [message.alert_id for message in spool.load()] == ["a2", "a3", "a4"]
    assert len(list(tmp_path.iterdir())) == 6
    next(path for path in tmp_path.iterdir() if path.suffix == ".json").write_text("{")
    assert len(spool.load()) == 2
    assert len(list(tmp_path.glob("*.json"))) == 2


def test_a_hostile_id_stays_in_the_spool(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "spool", 3)
    spool.put(Message("phone", "../../etc/passwd", "t", "x", "info", 1.0, {}), None)
    assert [path.parent.name for path in tmp_path.rglob("*.json")] == ["spool"]
    assert spool.load()[0].alert_id == "../../etc/passwd"


def test_a_disk_that_is_full_loses_no_push(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> int:
        raise OSError(28, "No space left on device")

    async def main() -> None:
        line = Line()
        notify = Notify(settings(tmp_path), line)
        monkeypatch.setattr(Spool, "put", full)
        task = asyncio.create_task(notify.run())
        notify.alert(Told(), None)
        await notify.finish()
        await stop(task)
        assert line.sent == [Told.id]

    asyncio.run(main())


def test_a_message_file_is_json_that_a_person_can_read(tmp_path: Path) -> None:
    spool = Spool(tmp_path, 3)
    message = Message("phone", "a", "t", "México", "info", 1.0, {"id": "a"})
    spool.put(message, None)
    (path,) = tmp_path.iterdir()
    assert json.loads(path.read_text())["text"] == "México"


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_takes_the_picture_along(tmp_path: Path) -> None:
    pytest.importorskip("apprise")
    (tmp_path / "card.png").write_bytes(b"\x89PNG\r\n\x1a\n card")

    async def main() -> None:
        async with serving() as server:
            url = f"json://127.0.0.1:{server.port}/"
            await asyncio.to_thread(services.send, url, "t", "b", "info", tmp_path / "card.png")
            (got,) = server.got
            (attached,) = got["attachments"]
            assert base64.b64decode(attached["base64"]) == b"\x89PNG\r\n\x1a\n card"

    asyncio.run(main())
