"""Answers as people give them, and what stands in the file afterwards."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable

import pytest

from config.settings import Settings
from receiver.errors import UsageError
from receiver.setup.questions import Interview, broker, feeds, lists, place, web
from receiver.setup.settings_file import settings_text


def interview(*answers: str) -> tuple[Interview, list[str]]:
    """One whose owner gives these answers and is then gone."""
    left = iter(answers)
    told: list[str] = []

    def read(question: str) -> str:
        told.append(question)
        try:
            return next(left)
        except StopIteration:
            raise EOFError from None

    return Interview(read, told.append), told


def where(latitude: float, longitude: float) -> str | None:
    return "Vienna, Austria" if longitude > 0 else None


@pytest.mark.parametrize(
    ("answers", "found"),
    [
        (("48.2", "16.4", "yes"), (48.2, 16.4)),
        (("48,2 N", "16,4 e", "y"), (48.2, 16.4)),
        (("33.9 S", "151.2", "yes"), (-33.9, 151.2)),
        (("-33.9", "18.4 E", "yes"), (-33.9, 18.4)),
        (("48.2", "-16.4", "no", "48.2", "16.4", "yes"), (48.2, 16.4)),
        (("91", "north", "48.2", "16.4", ""), (48.2, 16.4)),
    ],
)
def test_a_place_is_understood_and_confirmed(answers: Iterable[str], found: tuple[float, float]) -> None:
    asked, _ = interview(*answers)
    assert place(asked, where) == {"station.latitude": found[0], "station.longitude": found[1]}


def test_a_forgotten_minus_is_seen_by_the_places_name() -> None:
    asked, told = interview("48.2", "-16.4", "no", "")
    assert place(asked, where) == {}
    assert any("far from any town" in line for line in told)


def test_a_broker_that_does_not_answer_is_asked_for_again() -> None:
    asked, _ = interview("brocker", "", "yes", "broker", "1884", "me", "secret")
    found = broker(asked, lambda host, port: host == "broker")
    assert found == {"mqtt.host": "broker", "mqtt.port": 1884, "mqtt.username": "me", "mqtt.password": "secret"}


def test_nothing_is_switched_on_that_was_not_asked_for() -> None:
    assert broker(interview("")[0], lambda host, port: False) == {"mqtt.enabled": False}
    assert web(interview("no")[0]) == {}
    assert lists(interview("")[0]) == {}
    assert feeds(interview("")[0]) == {}


def test_who_is_not_there_to_answer_gets_nothing_written() -> None:
    with pytest.raises(UsageError, match="nobody answers"):
        web(interview()[0])


def test_the_file_holds_the_answers_each_with_what_it_does() -> None:
    values = {
        "station.name": 'Anna\'s "roof"', "station.latitude": 48.2, "station.longitude": 16.4, "web.enabled": True, "web.host": "0.0.0.0",
        "feed": [{"to": "adsb.lol"}, {"to": "adsb.fi"}], "registry.update": "weekly",
    }  # fmt: skip
    text = settings_text(values)
    read = tomllib.loads(text)
    settings = Settings.model_validate(read | {"station": {**read["station"], "name": "roof"}})
    assert read["station"] == {"name": 'Anna\'s "roof"', "latitude": 48.2, "longitude": 16.4}
    assert settings.web.host == "0.0.0.0"
    assert [one.to for one in settings.feed] == ["adsb.lol", "adsb.fi"]
    lines = text.splitlines()
    assert all(lines[at - 1].startswith("#") for at, line in enumerate(lines) if " = " in line and line[0] != "#")


@pytest.mark.parametrize("unknown", ["adsb.lool", "adsb.lol, nobody"])
def test_an_aggregator_that_is_not_known_is_named(unknown: str) -> None:
    asked, told = interview(unknown, "adsb.lol")
    assert feeds(asked) == {"feed": [{"to": "adsb.lol"}]}
    assert any("not known" in line for line in told)
