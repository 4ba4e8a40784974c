"""A day of everything public, and a stranger who works out from it where the antenna stands.

The stranger has what MQTT, the map, the files and the bundles say, knows how each is made, and fits circles, distances,
bearings and levels. With one decimal published he must not come nearer than 4 km: the antenna stands 6 km from the
published place, at the far corner of its cell.
"""

from __future__ import annotations

import json
import math
import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from config.settings import Settings
from receiver.app import Service
from receiver.app.signal import Signal
from receiver.earth import distance_nmi
from receiver.pipeline.heard import Heard
from receiver.sinks.mqtt import MqttSink
from receiver.sources.scene import encode
from receiver.watch import Alert
from receiver.web.server import WebSink
from receiver.wire.frame import Frame

HOME = (48.2449, 16.3551)
PUBLISHED = (48.2, 16.4)
KM_PER_NMI, KM_PER_DEG = 1.852, 111.195
START_S, DAY_S, STEP_S = 1_764_060_000.0, 86_400.0, 12.0
FLIGHTS = 110
ALLOWED_KM = 4.0
Points = NDArray[np.float64]
pytestmark = [pytest.mark.slow, pytest.mark.timeout(1200)]  # a minute of processor time each


def plane(latitude: Any, longitude: Any) -> Points:
    """East and north of the published place, km."""
    lat, lon = np.asarray(latitude, float), np.asarray(longitude, float)
    east = (lon - PUBLISHED[1]) * KM_PER_DEG * np.cos(np.radians((lat + PUBLISHED[0]) / 2))
    return np.column_stack([np.atleast_1d(east), np.atleast_1d((lat - PUBLISHED[0]) * KM_PER_DEG)])


HOME_KM = plane(*HOME)[0]


def frames_of_a_day(seed: int) -> Iterator[tuple[float, list[Frame]]]:
    """What an ideal antenna at HOME hears, step by step: level by free space, certainty by level, horizon by altitude."""
    random = np.random.default_rng(seed)
    started = np.sort(random.uniform(0.0, DAY_S - 3600.0, FLIGHTS))
    heading = random.uniform(0.0, 2 * math.pi, FLIGHTS)
    aside_km = random.uniform(-150.0, 150.0, FLIGHTS)
    altitude_ft = random.uniform(8_000, 41_000, FLIGHTS)
    power_db = random.normal(0.0, 1.5, FLIGHTS)
    speed_km_s = random.uniform(380, 490, FLIGHTS) * KM_PER_NMI / 3600
    for step in range(int(DAY_S / STEP_S)):
        now = step * STEP_S
        frames: list[Frame] = []
        for k in np.flatnonzero((started <= now) & (now < started + 900.0 / speed_km_s)):
            along = (now - started[k]) * speed_km_s[k] - 450.0
            x = along * math.sin(heading[k]) + aside_km[k] * math.cos(heading[k])
            y = along * math.cos(heading[k]) - aside_km[k] * math.sin(heading[k])
            lat = HOME[0] + y / KM_PER_DEG
            lon = HOME[1] + x / (KM_PER_DEG * math.cos(math.radians((lat + HOME[0]) / 2)))
            ground_km = distance_nmi(*HOME, lat, lon) * KM_PER_NMI
            height_km = altitude_ft[k] * 0.0003048
            if ground_km > 4.12 * (math.sqrt(height_km * 1000) + math.sqrt(15.0)):
                continue
            level = 10.0 + power_db[k] - 20 * math.log10(math.hypot(ground_km, height_km))
            for odd in (False, True):
                heard_db = level + random.normal(0.0, 1.0)
                if random.random() > 1 / (1 + math.exp(-(heard_db + 35.0) / 0.7)):
                    continue
                me = encode.airborne_position(lat, lon, odd, float(altitude_ft[k]))
                data = encode.df17(0x440000 + int(k), me)
                at = START_S + now + 0.4 * odd
                frames.append(Frame(data, at, round(at * 12e6) & ((1 << 48) - 1), heard_db, source="scene"))
        yield START_S + now, frames


@dataclass
class Public:
    """What everybody can read."""

    words: list[str] = field(default_factory=list)  # of alerts, rules, the station
    air: list[dict[str, Any]] = field(default_factory=list)  # every aircraft object told, with `at`
    raised: list[tuple[float, str, str]] = field(default_factory=list)  # when, who, why

    def __post_init__(self) -> None:
        self.tracks: dict[str, list[dict[str, Any]]] = defaultdict(list)

    def take(self, at: float, objects: Any) -> None:
        for found in objects:
            if "lat" in found:
                one = {"at": at - found.get("seen_pos", 0.0), **found}
                self.air.append(one)
                self.tracks[found["hex"]].append(one)


def live_through(tmp_path: Path, seed: int, **settings: Any) -> Public:
    """The whole service over a day, everything that leaves it kept."""
    tables = {
        "station": {"latitude": HOME[0], "longitude": HOME[1]},
        "mqtt": {"enabled": True, "frames": True},
        "web": {"enabled": True},
        "json_files": {"dir": str(tmp_path / "json")},
        "alerts": {"dir": str(tmp_path / "alerts")},
        "history": {"enabled": False},
        "watch": {"state_file": str(tmp_path / "watch.json")},
        **settings,
    }
    public = Public()
    service = Service(Settings.model_validate(tables), Signal.of_feed([], lambda: None, "scene"))
    alerts: list[Alert] = []
    service.hub._on_alert = alerts.append
    mqtt = next(sink for sink in service.hub.sinks if isinstance(sink, MqttSink))
    web = next(sink for sink in service.hub.sinks if isinstance(sink, WebSink))

    def put(publication: Any, *_: Any) -> None:
        if publication.topic.endswith("/frames"):
            return
        if "/aircraft/" in publication.topic and publication.payload:
            found = json.loads(publication.payload)
            public.take(found.get("now", service.hub.now), [found])
        elif publication.topic.rpartition("/")[2] in ("station", "stats", "summary"):
            public.words.append(publication.payload.decode())

    mqtt.publisher.put = mqtt.publisher.send = put  # type: ignore[method-assign,assignment]
    for now, frames in frames_of_a_day(seed):
        service.hub.hear(Heard(frames, now + STEP_S - 1, None))
        if web._told.latest is None:
            continue
        told = web._told.air()
        public.take(told.now, told.objects.values())
        for alert in alerts:
            for sink in service.hub.sinks:
                sink.alert(alert, None)
            public.words += [alert.clause, alert.text, alert.title]
            if alert.state == "raised":
                public.raised.append((alert.raised_s, alert.icao, alert.clause))
        alerts.clear()
    assert service.hub.watch is not None
    public.words.append(json.dumps(service.hub.watch.context()))  # which a bundle carries
    return public


def fit_circle(points: Points, radius_km: float | None = None) -> Points | None:
    """Centre of the circle that most points are near to: least squares, again and again without what is far off."""
    if len(points) < 12:
        return None
    weights = np.ones(len(points))
    centre = np.zeros(2)
    for _ in range(60):
        if radius_km is None:
            columns = np.column_stack([2 * points, np.ones(len(points))]) * weights[:, None]
            found, *_ = np.linalg.lstsq(columns, (points**2).sum(1) * weights, rcond=None)
            centre = found[:2]
            radius = math.sqrt(max(0.0, found[2] + centre @ centre))
        else:
            radius = radius_km
            away = points - centre
            length = np.hypot(*away.T)
            step, *_ = np.linalg.lstsq(
                away / length[:, None] * weights[:, None], (length - radius) * weights, rcond=None
            )
            centre = centre + step
        off = np.abs(np.hypot(*(points - centre).T) - radius)
        weights = 1 / np.maximum(off, 0.05 * np.median(off) + 1e-6)
    return centre


def ends(public: Public, index: int) -> Points:
    """First (0) or last (-1) position of each track."""
    tracks = [sorted(track, key=lambda one: one["at"])[index] for track in public.tracks.values() if len(track) > 5]
    return plane([one["lat"] for one in tracks], [one["lon"] for one in tracks])


def farthest_by_sector(public: Public) -> Points:
    """The edge of what was heard."""
    at = plane([one["lat"] for one in public.air], [one["lon"] for one in public.air])
    sector = (np.degrees(np.arctan2(at[:, 0], at[:, 1])) // 5).astype(int)
    length = np.hypot(*at.T)
    return np.array([at[sector == k][np.argmax(length[sector == k])] for k in np.unique(sector)])


def by_levels(public: Public, key: str = "rssi") -> Points | None:
    """Free space: the place at which level + 20 log(distance) is the same all along each flight."""
    rows = [one for one in public.air if key in one and isinstance(one.get("alt_baro"), int)]
    if len(rows) < 50:
        return None
    at = plane([one["lat"] for one in rows], [one["lon"] for one in rows])
    level = np.array([one[key] for one in rows])
    height = np.array([one["alt_baro"] for one in rows]) * 0.0003048
    _, who = np.unique([one["hex"] for one in rows], return_inverse=True)
    near = np.hypot(*at.T) < 120
    at, level, height, who = at[near], level[near], height[near], who[near]
    count = np.maximum(np.bincount(who), 1)

    def misfit(centre: Points) -> float:
        power = level + 20 * np.log10(np.hypot(np.hypot(*(at - centre).T), height) + 0.01)
        rest = power - (np.bincount(who, power) / count)[who]
        return float(np.abs(rest).mean())

    best, width = np.zeros(2), 16.0
    while width > 0.1:
        grid = [best + width / 4 * np.array([i, j]) for i in range(-4, 5) for j in range(-4, 5)]
        best = min(grid, key=misfit)
        width /= 2
    return best


def by_distances(public: Public) -> Points | None:
    """`r_dst`: circles round aircraft."""
    rows = [one for one in public.air if one.get("r_dst")][::20]
    if not rows:
        return None
    at = plane([one["lat"] for one in rows], [one["lon"] for one in rows])
    told = np.array([one["r_dst"] for one in rows]) * KM_PER_NMI
    centre = np.zeros(2)
    for _ in range(20):
        away = centre - at
        length = np.hypot(*away.T) + 1e-9
        step, *_ = np.linalg.lstsq(away / length[:, None], told - length, rcond=None)
        centre = centre + step
    return centre


def by_bearings(public: Public) -> Points | None:
    """`r_dir`: lines through aircraft."""
    rows = [one for one in public.air if "r_dir" in one and one.get("r_dst", 99) < 40]
    if not rows:
        return None
    at = plane([one["lat"] for one in rows], [one["lon"] for one in rows])
    turn = np.radians([one["r_dir"] for one in rows])
    normal = np.column_stack([np.cos(turn), -np.sin(turn)])
    found, *_ = np.linalg.lstsq(normal, (normal * at).sum(1), rcond=None)
    return np.asarray(found)


def by_alerts(public: Public, radius_known: bool) -> Points | None:
    """Where aircraft were when the rule about the house began to hold."""
    where, radius_km = [], None
    for at, icao, clause in public.raised:
        if not (match := re.search(r"within ([0-9.]+) km", clause)):
            continue
        radius_km = float(match[1])
        track = sorted(public.tracks[icao], key=lambda one: abs(one["at"] - at))
        where.append((track[0]["lat"], track[0]["lon"]))
    if len(where) < 12:
        return None
    return fit_circle(plane(*zip(*where, strict=True)), radius_km if radius_known else None)


def by_words(public: Public) -> Points | None:
    """The pair of coordinates in any text about the station or a rule that is nearest to the house."""
    pairs = [pair for text in public.words for pair in re.findall(r"(4[78]\.\d+)\D{1,16}(16\.\d+)", text)]
    found = [plane(float(latitude), float(longitude))[0] for latitude, longitude in pairs]
    return min(found, key=lambda one: float(np.hypot(*(one - HOME_KM))), default=None)


WAYS: dict[str, Callable[[Public], Points | None]] = {
    "circle through last positions": lambda public: fit_circle(ends(public, -1)),
    "circle through first positions": lambda public: fit_circle(ends(public, 0)),
    "circle of 60 nmi through last positions": lambda public: fit_circle(ends(public, -1), 60 * KM_PER_NMI),
    "circle through the edge of the range": lambda public: fit_circle(farthest_by_sector(public)),
    "mean of all positions": lambda public: plane(
        [one["lat"] for one in public.air], [one["lon"] for one in public.air]
    ).mean(0),
    "levels in free space": by_levels,
    "distances told": by_distances,
    "bearings told": by_bearings,
    "circle through alerts": lambda public: by_alerts(public, radius_known=False),
    "circle of the told radius through alerts": lambda public: by_alerts(public, radius_known=True),
    "coordinates in words": by_words,
}


def halves(public: Public) -> tuple[Public, Public]:
    """Every other track by itself: what is known from the one half must be found from the other."""
    out = Public(words=public.words, raised=public.raised), Public(words=public.words, raised=public.raised)
    for k, (icao, track) in enumerate(sorted(public.tracks.items())):
        out[k % 2].tracks[icao] = track
        out[k % 2].air += track
        out[1 - k % 2].raised = [one for one in out[1 - k % 2].raised if one[1] != icao]
    return out


def found_km(public: Public) -> dict[str, float]:
    """How far from the antenna each way leads that leads anywhere: to about the same place from both halves of the air."""
    parts = halves(public)
    out = {}
    for name, way in WAYS.items():
        centre, first, second = way(public), way(parts[0]), way(parts[1])
        if centre is None or (
            first is not None and second is not None and np.hypot(*(first - second)) > 2 * ALLOWED_KM
        ):
            continue  # a place that is near by chance; nobody can know it
        out[name] = float(np.hypot(*(centre - HOME_KM)))
    return out


def rules_file(tmp_path: Path) -> str:
    path = tmp_path / "rules.toml"
    path.write_text(
        f'[[rule]]\nname = "home"\nwhen = {{ near = {{ latitude = {HOME[0]}, longitude = {HOME[1]}, radius_km = 20 }} }}\n'
    )
    return str(path)


def test_a_day_of_everything_public_does_not_lead_to_the_antenna(tmp_path: Path) -> None:
    public = live_through(tmp_path, seed=1)
    assert len(public.tracks) > 80
    found = found_km(public)
    assert {name: km for name, km in found.items() if km < ALLOWED_KM} == {}
    assert found["distances told"] == pytest.approx(6.0, abs=0.2), "they lead to the published place"


def test_neither_do_a_farthest_range_and_a_rule_about_the_house(tmp_path: Path) -> None:
    public = live_through(
        tmp_path,
        seed=2,
        tracking={"max_range_nmi": 60},
        watch={"state_file": str(tmp_path / "watch.json"), "rules_file": rules_file(tmp_path)},
    )
    found = found_km(public)
    assert {name: km for name, km in found.items() if km < ALLOWED_KM} == {}
    assert found["circle through last positions"] == pytest.approx(6.0, abs=1.0)
    assert len(public.raised) >= 12
    assert "circle through alerts" in found
    assert "coordinates in words" in found
