"""The push sink: from an alert to its channel, through trouble and restarts."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from config.notify import Channel, NotifySettings
from receiver.outbox import Outbox
from receiver.sinks import Air
from receiver.sinks.notify import Notify, services
from receiver.sinks.notify import line as line_module
from receiver.sinks.notify import sink as sink_module
from receiver.sinks.notify.line import Send
from receiver.sinks.notify.message import Message
from receiver.sinks.notify.webhook import NotNowError, RefusedError
from tests.receiver.sinks.notify.test_webhook import serving


@dataclass
class Told:
    """An alert, as far as this sink looks."""

    id: str = "emergency-abcdef-20250820T024000"
    rule: str = "emergency"
    title: str = "Emergency"
    text: str = "SWR1, squawking 7700 (emergency)"
    brief: str = "SWR1, squawking 7700 (emergency)"
    severity: str = "critical"
    updated_s: float = 1000.0
    notify: Sequence[str] = ("phone",)
    picture: bool = False
    trail: Sequence[Any] = ()

    def payload(self) -> dict[str, Any]:
        return {"id": self.id, "text": self.text}


def settings(**more: Any) -> NotifySettings:
    channel = {"name": "phone", "kind": "apprise", "url": "json://localhost/"}
    return NotifySettings.model_validate({"channel": [channel], "max_per_hour": 0, **more})


class Line:
    """Stands for channels: takes messages, or fails as it is told."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.titles: list[str] = []
        self.pictures: list[bytes | None] = []
        self.failures: list[Exception] = []
        self.tried = asyncio.Event()
        self.slow: dict[str, asyncio.Event] = {}

    async def __call__(self, channel: Channel, message: Message, picture: bytes | None) -> None:
        self.tried.set()
        if channel.name in self.slow:
            await self.slow[channel.name].wait()
        if self.failures:
            raise self.failures.pop(0)
        self.sent.append(message.alert_id)
        self.titles.append(message.title)
        self.pictures.append(picture)


async def until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not holds():  # noqa: ASYNC110 - what is waited for sets no event
            await asyncio.sleep(0.005)


class Running:
    """The sink at work, over an outbox of its own."""

    def __init__(self, line: Send | None, path: Path | None = None, **more: Any) -> None:
        self.outbox = Outbox(path)
        self.notify = Notify(settings(**more), self.outbox, send=line)

    async def __aenter__(self) -> Notify:
        await self.outbox.open()
        self._task = asyncio.create_task(self.notify.run())
        return self.notify

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self.outbox.close()


def test_an_alert_reaches_a_real_webhook_with_its_picture() -> None:
    async def main() -> None:
        async with serving() as server:
            channel = {
                "name": "phone",
                "kind": "webhook",
                "url": f"http://127.0.0.1:{server.port}/",
                "local_network": True,
            }
            async with Running(None, channel=[channel]) as notify:
                notify.alert(Told(), b"\x89PNG")
                await notify.finish()
            (got,) = server.got
            assert got["alert"]["id"] == Told.id
            assert got["picture"]
            assert notify.statistics()["notify_sent_total"] == 1

    asyncio.run(main())


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_delivers_to_a_real_server() -> None:
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


def test_nobody_is_told_of_an_alert_that_asks_for_nobody_or_for_a_stranger() -> None:
    async def main() -> None:
        line = Line()
        async with Running(line) as notify:
            notify.alert(Told(notify=()), None)
            notify.alert(Told(notify=("somebody-else",)), None)
            notify.alert(Told(id="third"), None)
            await notify.finish()
        assert line.sent == ["third"]

    asyncio.run(main())


def test_a_channel_that_fails_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "FIRST_RETRY_S", 0.01)

    async def main() -> None:
        line = Line()
        line.failures = [NotNowError("down"), NotNowError("down"), NotNowError("down")]
        async with Running(line) as notify:
            for k in range(3):
                notify.alert(Told(id=f"a{k}", updated_s=1000.0 + k), None)
            await until(lambda: len(line.sent) == 3)
        assert sorted(line.sent) == ["a0", "a1", "a2"]
        assert notify.statistics()["notify_failed_attempts_total"] == 3

    asyncio.run(main())


def test_a_message_that_fails_for_its_own_reason_holds_up_no_other() -> None:
    async def main() -> None:
        sent: list[str] = []

        async def send(channel: Channel, message: Message, picture: bytes | None) -> None:
            if message.alert_id == "bad":
                raise NotNowError("too long for this service")
            sent.append(message.alert_id)

        async with Running(send) as notify:
            notify.alert(Told(id="bad"), None)
            for k in range(5):
                notify.alert(Told(id=f"a{k}"), None)
            await until(lambda: len(sent) == 5)

    asyncio.run(main())


def test_a_slow_channel_delays_no_other() -> None:
    async def main() -> None:
        line = Line()
        line.slow["slow"] = asyncio.Event()
        channels = [{"name": name, "kind": "apprise", "url": "json://localhost/"} for name in ("slow", "quick")]
        async with Running(line, channel=channels) as notify:
            notify.alert(Told(id="first", notify=("slow", "quick")), None)
            notify.alert(Told(id="second", notify=("slow", "quick")), None)
            await until(lambda: line.sent == ["first", "second"])
            line.slow["slow"].set()
            await until(lambda: len(line.sent) == 4)

    asyncio.run(main())


def test_the_loudest_goes_first_and_of_these_one_that_waits_for_no_card() -> None:
    async def main() -> None:
        line = Line()
        line.slow["phone"] = asyncio.Event()
        async with Running(line) as notify:
            notify.alert(Told(id="under way", severity="info"), None)
            await line.tried.wait()
            notify.alert(Told(id="info", severity="info"), None)
            notify.alert(Told(id="with a card", picture=True, trail=(1,)), None)
            notify.alert(Told(id="critical"), None)
            line.slow["phone"].set()
            await until(lambda: len(line.sent) == 3)
            notify.picture(Told(id="with a card"), b"\x89PNG")
            await until(lambda: len(line.sent) == 4)
        assert line.sent == ["under way", "critical", "info", "with a card"]
        assert line.pictures == [None, None, None, b"\x89PNG"]

    asyncio.run(main())


@pytest.mark.parametrize("error", [RefusedError("413"), NotNowError("Apprise could not deliver it")])
def test_a_picture_that_is_refused_is_left_out_at_once(error: Exception) -> None:
    async def main() -> None:
        line = Line()
        line.failures = [error]
        async with Running(line) as notify:
            notify.alert(Told(), b"\x89PNG" * 1000)
            await until(lambda: line.sent == [Told.id])
        assert line.pictures == [None]
        assert notify.statistics()["notify_without_picture_total"] == 1
        assert notify.statistics()["notify_refused_total"] == 0

    asyncio.run(main())


def test_a_card_that_does_not_come_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(line_module, "PICTURE_WAIT_S", 0.01)

    async def main() -> None:
        line = Line()
        async with Running(line) as notify:
            notify.alert(Told(picture=True, trail=(1,)), None)
            await until(lambda: line.sent == [Told.id])

    asyncio.run(main())


def test_a_refused_message_is_dropped_and_holds_up_nothing() -> None:
    async def main() -> None:
        line = Line()
        line.failures = [RefusedError("404")]
        async with Running(line) as notify:
            notify.alert(Told(id="a0"), None)
            notify.alert(Told(id="a1", updated_s=1001.0), None)
            await notify.finish()
        assert len(line.sent) == 1
        assert notify.statistics()["notify_refused_total"] == 1

    asyncio.run(main())


def test_a_thousand_at_once_are_five_and_one_for_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sink_module, "SUMMARY_AFTER_S", 0.2)

    async def main() -> None:
        line = Line()
        async with Running(line, max_per_hour=5) as notify:
            for k in range(1000):
                notify.alert(Told(id=f"a{k}", text=f"text {k}"), None)
            notify.alert(Told(id="other", rule="another", severity="critical"), None)
            await until(lambda: len(line.sent) == 7)
        assert line.sent[:6] == ["a0", "a1", "a2", "a3", "a4", "other"]
        assert line.sent[6] == "summary-emergency"
        assert line.titles[6] == "Emergency: and 995 more"
        assert notify.statistics()["notify_summed_up_total"] == 995

    asyncio.run(main())


def test_a_restart_begins_no_new_hour_and_goes_on_with_the_summary(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        async with Running(line, tmp_path / "outbox", max_per_hour=2) as notify:
            for k in range(4):
                notify.alert(Told(id=f"a{k}"), None)
            await until(lambda: len(line.sent) == 2)
        async with Running(line, tmp_path / "outbox", max_per_hour=2) as notify:
            notify.alert(Told(id="a4"), None)
            await notify.finish()
        assert line.sent == ["a0", "a1", "summary-emergency"]
        assert line.titles[2] == "Emergency: and 3 more"
        async with Running(line, tmp_path / "outbox", max_per_hour=2) as notify:
            notify.alert(Told(id="later", updated_s=1000.0 + 3601.0), None)
            await notify.finish()
        assert line.sent[3:] == ["later"]

    asyncio.run(main())


def test_what_could_not_be_sent_survives_a_restart_and_is_sent_once(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        line.failures = [NotNowError("down"), NotNowError("down")]  # with its picture, and without
        async with Running(line, tmp_path / "outbox") as notify:
            notify.alert(Told(), b"\x89PNG")
            await line.tried.wait()
            await notify.finish()
        assert line.sent == []
        for _ in range(2):  # the second start finds nothing left
            async with Running(line, tmp_path / "outbox") as notify:
                await until(lambda: len(line.sent) == 1)
                await notify.finish()
        assert line.sent == [Told.id]
        assert line.pictures == [b"\x89PNG"]

    asyncio.run(main())


def test_a_stop_while_a_message_is_under_way_waits_for_it_and_begins_no_other(tmp_path: Path) -> None:
    async def main() -> None:
        line = Line()
        line.slow["phone"] = asyncio.Event()
        async with Running(line, tmp_path / "outbox") as notify:
            notify.alert(Told(id="under way"), None)
            notify.alert(Told(id="waits"), None)
            await line.tried.wait()
            ending = asyncio.create_task(notify.lines["phone"].finish(0.01))
            await asyncio.sleep(0.05)
            assert not ending.done()
            line.slow["phone"].set()
            await ending
        assert line.sent == ["under way"]
        async with Running(line, tmp_path / "outbox") as notify:
            await until(lambda: len(line.sent) == 2)
        assert line.sent == ["under way", "waits"]

    asyncio.run(main())


def test_old_news_is_given_up_by_the_signals_clock_but_not_on_its_word_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(line_module, "FIRST_RETRY_S", 0.01)
    monkeypatch.setattr(line_module, "AT_LEAST_S", 0.1)

    async def main() -> None:
        line = Line()
        line.failures = [NotNowError("down") for _ in range(1000)]
        async with Running(line, tmp_path / "outbox", give_up_after_s=3600) as notify:
            notify.alert(Told(), None)
            await line.tried.wait()
        async with Running(line, tmp_path / "outbox", give_up_after_s=3600) as notify:
            line.tried.clear()
            notify.second(Air(1000.0 + 40 * 86_400.0, {}, {}, {}))  # the clock may be forty days ahead
            await line.tried.wait()
            await until(lambda: notify.statistics()["notify_given_up_total"] == 1)
        assert line.sent == []

    asyncio.run(main())


def test_a_damaged_message_holds_up_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    async def main() -> None:
        line = Line()
        running = Running(line, tmp_path / "outbox")
        running.outbox.box("push:phone").add(b"{ not JSON", 3)
        async with running as notify:
            notify.alert(Told(), None)
            await until(lambda: line.sent == [Told.id])

    asyncio.run(main())
    assert "damaged" in caplog.text


@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_apprise_takes_the_picture_along() -> None:
    pytest.importorskip("apprise")
    card = b"\x89PNG\r\n\x1a\n card"

    async def main() -> None:
        async with serving() as server:
            url = f"json://127.0.0.1:{server.port}/"
            await asyncio.to_thread(services.send, url, "t", "b", "info", card)
            (got,) = server.got
            (attached,) = got["attachments"]
            assert base64.b64decode(attached["base64"]) == b"\x89PNG\r\n\x1a\n card"

    asyncio.run(main())
