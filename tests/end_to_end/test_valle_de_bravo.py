"""The story that this program was written for: TROY701 comes over the border and circles at Valle de Bravo.

Hours as frames, minutes as samples, through decoder, tracker and watch with the default rules, the built-in registry
and atlas. What is right is computed from the scene's own paths.
"""

from __future__ import annotations

import io
import itertools
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pytest
from PIL import Image

from config.rules import load_rules
from config.watch import WatchSettings
from dsp.demodulator import Demodulator
from receiver.atlas import Atlas
from receiver.registry import Fact, Registry
from receiver.sources.scene import Scene, open_scene
from receiver.tracking import Tracker
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.watch.patterns.steps import offset_km
from receiver.watch.picture import draw_card
from receiver.watch.replay import replay
from receiver.wire.frame import Frame
from receiver.wire.from_batch import frames_from_batch

DRONE = "ae4bd8"
STRANGER = "0d0b01"  # an address of the Mexican block that nobody knows
TOWN = (19.1951, -100.1331)
CENTRE = (19.153, -100.235)
NOON = 7200.0  # 12:00 UTC, some time before the first lap


@dataclass(frozen=True)
class Truth:
    """What the drone does: when it turns, seconds of the scene, and how many laps it has flown at a time."""

    begins_s: float
    ends_s: float
    headings: tuple[tuple[float, float], ...]

    def laps(self, time_s: float) -> float:
        turned = 0.0
        for (t, a), (_, b) in itertools.pairwise(self.headings):
            if self.begins_s <= t < min(time_s, self.ends_s):
                turned += (b - a + 180.0) % 360.0 - 180.0
        return abs(turned) / 360.0


@pytest.fixture(scope="module")
def scene() -> Scene:
    return open_scene("valle-de-bravo")


@pytest.fixture(scope="module")
def truth(scene: Scene) -> Truth:
    path = next(a.path for a in scene.aircraft if a.flight.icao == DRONE)
    headings, circling = [], []
    for t in range(0, int(scene.duration_s), 5):
        state = path.at(float(t))
        if state is not None:
            headings.append((float(t), state.track_deg))
            away = math.hypot(*offset_km(*CENTRE, state.latitude, state.longitude))
            if away < 12.0 and abs(state.turn_deg_s) > 0.3:
                circling.append(float(t))
    return Truth(circling[0], circling[-1], tuple(headings))


@pytest.fixture(scope="module")
def atlas() -> Atlas:
    return Atlas()


def watch_with(atlas: Atlas, registry: object | None = None, language: str = "en") -> Watch:
    settings = WatchSettings.model_validate({"language": language})
    return Watch(load_rules(DEFAULT_RULES).rule, settings, registry or Registry(None), atlas)  # type: ignore[arg-type]


def alone(scene: Scene) -> Scene:
    """The drone without the forty others: all that matters where only it is asked about."""
    flights = [flight for flight in scene.scenario.aircraft if flight.icao == DRONE]
    return Scene(scene.scenario.model_copy(update={"aircraft": flights, "crowd": []}))


def frames(scene: Scene, start_s: float, end_s: float, keep: float) -> Iterator[Frame]:
    return itertools.chain.from_iterable(scene.frames(start_s, end_s, keep=keep))


@pytest.fixture(scope="module")
def story(scene: Scene, atlas: Atlas) -> list[Alert]:
    """All six hours, as a receiver hears them that misses most of them."""
    return list(replay(frames(scene, 0.0, scene.duration_s, 0.06), watch_with(atlas)))


def clock(text: str) -> float:
    """Seconds of the scene (it begins at 10:00) of a time such as 12:20."""
    hours, minutes = text.split(":")
    return (int(hours) - 10) * 3600.0 + int(minutes) * 60.0


def test_there_is_one_alert_with_one_push_from_beginning_to_end(story: Sequence[Alert]) -> None:
    assert {(alert.id, alert.icao) for alert in story} == {(story[0].id, DRONE)}
    states = [alert.state for alert in story]
    assert states[0] == "raised"
    assert states[-1] == "ended"
    assert set(states[1:-1]) == {"updated"}
    assert [alert.rule for alert in story if alert.notify] == ["orbiting-notable"]


def test_the_push_comes_within_2_3_laps(scene: Scene, story: Sequence[Alert], truth: Truth) -> None:
    push = next(alert for alert in story if alert.notify)
    laps = truth.laps(push.updated_s - scene.start_utc_s)
    assert 1.5 < laps <= 2.3
    assert push.clause == "pattern orbit (from the track) and address ae4bd8 in ae4bd7-ae4bda"


def test_the_sentence_is_right_in_every_part(scene: Scene, story: Sequence[Alert], truth: Truth) -> None:
    circling = [
        alert for alert in story if alert.pattern is not None and alert.updated_s < scene.start_utc_s + truth.ends_s
    ]
    last = circling[-1]
    found = re.fullmatch(
        r"TROY701, MQ-9 of US Customs and Border Protection \([^)]+\), orbiting for (\d+) h (\d+) min "
        r"\(since (\d\d:\d\d) UTC\), (\d+) laps of (\d+) km diameter, (\d+) km (\w+) of (?:Presa )?Valle de Bravo, "
        r"Estado de México, Mexico; entered Mexico (\d\d:\d\d) UTC",
        last.text,
    )
    assert found is not None, last.text
    hours, minutes, since, laps, diameter, away, point, entered = found.groups()
    now = last.updated_s - scene.start_utc_s
    assert clock(since) == pytest.approx(truth.begins_s, abs=150)
    assert int(hours) * 3600 + int(minutes) * 60 == pytest.approx(now - truth.begins_s, abs=200)
    assert int(laps) == pytest.approx(truth.laps(now), abs=1.5)
    assert int(diameter) == pytest.approx(20, abs=1)
    east, north = offset_km(*TOWN, 19.149, -100.226)
    assert int(away) == pytest.approx(math.hypot(east, north), abs=2.5)
    assert point in ("WSW", "SW")
    assert clock(entered) == pytest.approx(border_s(scene), abs=90)


def border_s(scene: Scene) -> float:
    """When the drone comes over the Rio Grande: its way crosses latitude 26.07 N there, within a minute."""
    path = next(a.path for a in scene.aircraft if a.flight.icao == DRONE)
    for t in range(0, 3600, 5):
        state = path.at(float(t))
        if state is not None and state.latitude < 26.07:
            return float(t)
    raise AssertionError("it never does")


def test_it_ends_when_the_drone_leaves(scene: Scene, story: Sequence[Alert], truth: Truth) -> None:
    ended = story[-1]
    assert ended.ended_s is not None
    assert ended.ended_s - scene.start_utc_s == pytest.approx(truth.ends_s, abs=500)
    found = re.search(r"orbited for 2 h (\d+) min \(\d\d:\d\d–(\d\d:\d\d) UTC\), (\d+) laps", ended.text)
    assert found is not None, ended.text
    assert clock(found[2]) == pytest.approx(truth.ends_s, abs=300)
    assert int(found[3]) == pytest.approx(truth.laps(truth.ends_s), abs=1.5)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_picture_is_small_and_shows_the_laps(story: Sequence[Alert], atlas: Atlas, theme: str) -> None:
    last = [alert for alert in story if alert.state == "updated"][-1]
    card = draw_card(last, atlas, theme)
    assert len(card) < 100_000
    image = Image.open(io.BytesIO(card))
    assert image.size == (1200, 900)
    assert image.info == {}
    assert len(image.convert("RGB").getcolors(1 << 20) or ()) > 100
    assert card == draw_card(last, atlas, theme)


class OneType:
    """Knows the type of one aircraft, as a database does."""

    def __init__(self, icao: str) -> None:
        self.icao = icao

    def identify(self, icao: str, callsign: str | None, category: str | None) -> Sequence[Fact]:
        return [Fact("type", "Q9", "aircraft database")] if icao == self.icao else []


@pytest.mark.parametrize(
    ("changes", "has_database", "reason"),
    [
        ({"callsign": None}, False, "address ae4bd8"),
        ({"icao": STRANGER}, False, "call sign TROY701"),
        ({"icao": STRANGER, "callsign": None}, True, "drone (type Q9, aircraft database)"),
    ],
    ids=["address", "call sign", "type"],
)
def test_address_call_sign_and_type_are_each_enough_alone(
    scene: Scene, atlas: Atlas, changes: dict[str, object], has_database: bool, reason: str
) -> None:
    other = alone(scene).with_aircraft(DRONE, **changes)
    registry = OneType(STRANGER) if has_database else None
    alerts = list(replay(frames(other, NOON, NOON + 3000, 0.1), watch_with(atlas, registry)))
    (push,) = [alert for alert in alerts if alert.notify]
    assert push.rule == "orbiting-notable"
    assert push.icao == changes.get("icao", DRONE)
    assert reason in push.clause


def test_an_unknown_aircraft_on_the_same_way_is_logged_and_nobody_is_told(scene: Scene, atlas: Atlas) -> None:
    """Its alert begins with the circles, and tells of the border all the same."""
    other = alone(scene).with_aircraft(DRONE, icao=STRANGER, callsign=None)
    alerts = list(replay(frames(other, 0.0, NOON + 3000, 0.05), watch_with(atlas)))
    assert {(alert.icao, alert.rule, alert.notify) for alert in alerts} == {(STRANGER, "orbiting", ())}
    assert "unknown aircraft registered in" in alerts[0].text
    assert "orbiting for" in alerts[0].text
    assert "entered Mexico 10:1" in alerts[0].text


def heard_from_samples(scene: Scene, start_s: float, end_s: float) -> Iterator[Frame]:
    source = scene.source(start_s, end_s)
    demodulator = Demodulator(source.sample_rate_hz, source.sample_format)
    for block in source.blocks():
        yield from frames_from_batch(
            demodulator.feed(block),
            sample_rate_hz=source.sample_rate_hz,
            start_utc_s=source.start_utc_s,
            source="scene",
        )
    yield from frames_from_batch(
        demodulator.flush(), sample_rate_hz=source.sample_rate_hz, start_utc_s=source.start_utc_s, source="scene"
    )


def through_samples(scene: Scene, atlas: Atlas, start_s: float, iq_s: float, end_s: float, keep: float) -> list[Alert]:
    """Frames up to `iq_s`, samples from there to `end_s`; the alerts until then, and those that are open."""
    watch, tracker = watch_with(atlas), Tracker()
    parts = itertools.chain(frames(scene, start_s, iq_s, keep), heard_from_samples(scene, iq_s, end_s))
    alerts = [alert for alert in replay(parts, watch, tracker) if alert.updated_s <= scene.start_utc_s + end_s + 1.0]
    heard = tracker.get(DRONE, scene.start_utc_s + end_s)
    assert heard is not None
    position = heard.value_of("latitude_deg")
    assert position is not None
    assert position.time_s > scene.start_utc_s + end_s - 2.0  # from the samples
    state = next(a.path for a in scene.aircraft if a.flight.icao == DRONE).at(position.time_s - scene.start_utc_s)
    assert state is not None
    where = (position.value.latitude_deg, position.value.longitude_deg)
    assert math.hypot(*offset_km(*where, state.latitude, state.longitude)) < 0.3
    return alerts


def test_the_story_goes_on_in_samples(scene: Scene, atlas: Atlas) -> None:
    alerts = through_samples(scene, atlas, NOON, NOON + 2700, NOON + 2703, 0.1)
    assert len({alert.id for alert in alerts}) == 1
    assert sum(bool(alert.notify) for alert in alerts) == 1


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_whole_story_with_its_last_minutes_as_samples(scene: Scene, atlas: Atlas, truth: Truth) -> None:
    alerts = through_samples(scene, atlas, 0.0, truth.ends_s - 60.0, truth.ends_s + 30.0, 0.5)
    assert {alert.icao for alert in alerts} == {DRONE}
    assert len({alert.id for alert in alerts}) == 1
    assert [alert.rule for alert in alerts if alert.notify] == ["orbiting-notable"]
