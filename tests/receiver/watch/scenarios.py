"""Scenarios for the life of alerts: aircraft that fly by a list of turns, everything that is said about them with restarts and
silences at any moment, and skies of chance."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from config.rules import Rule, load_rules
from receiver.tracking import Sighting
from receiver.watch import DEFAULT_RULES, Alert, Watch
from tests.receiver.watch.air import sighting
from tests.receiver.watch.worlds import Q9, SmallAtlas, SmallRegistry

START = 1_755_657_600.0
EVERY_S = 5.0
KM_PER_DEG = 111.195

OWN = [
    {"name": "in-mexico", "when": {"over": ["MX"], "altitude_below_ft": 8000}, "linger_s": 120},
    {"name": "came-in", "when": {"entered": ["MX"], "altitude_below_ft": 8000}, "notify": ["phone"], "linger_s": 60},
    {"name": "one-jammed", "when": {"gps_lost": True}, "linger_s": 60},
    {"name": "few-jammed", "group": "jam", "severity": "warning", "notify": ["phone"], "when": {"gps_lost_aircraft": 2}},
    {
        "name": "many-jammed", "group": "jam", "severity": "critical", "notify": ["phone"], "hold_s": 40,
        "when": {"gps_lost_aircraft": 4},
    },
    {
        "name": "passes-town", "notify": ["phone"], "linger_s": 30,
        "when": {"will_pass": {"latitude": 19.2, "longitude": -100.13, "radius_km": 8, "name": "town"}},
    },
    {
        "name": "near-town", "notify": ["phone"], "cooldown_s": 1800,
        "when": {"near": {"latitude": 19.2, "longitude": -100.13, "radius_km": 20}},
    },
    {"name": "met-first", "when": {"first_seen": True, "altitude_below_ft": 9000}},
    {"name": "went-out", "when": {"left": ["MX"]}},
    {
        "name": "two-deceived", "severity": "warning", "notify": ["phone"], "hold_s": 30, "when": {"gps_spoofed_aircraft": 2},
    },
]  # fmt: skip


@dataclass
class Plane:
    """Flies by a list of (seconds, turn in degrees a second), and is heard every five seconds."""

    icao: str
    latitude_deg: float
    longitude_deg: float
    heading_deg: float
    legs: list[tuple[float, float]]
    begins_s: float = 0.0
    speed_kt: float = 160.0
    altitude_ft: float = 6000.0
    more: Callable[[float], dict[str, Any]] = lambda t: {}

    def fly(self) -> Iterator[Sighting]:
        lat, lon, heading, t = self.latitude_deg, self.longitude_deg, self.heading_deg, self.begins_s
        for seconds, rate in self.legs:
            for _ in range(int(seconds / EVERY_S)):
                for _ in range(5):
                    heading += rate * EVERY_S / 5
                    way = self.speed_kt * 0.000514444 * EVERY_S / 5 / KM_PER_DEG
                    lat += way * math.cos(math.radians(heading))
                    lon += way * math.sin(math.radians(heading)) / math.cos(math.radians(lat))
                t += EVERY_S
                known: dict[str, Any] = {
                    "callsign": f"X{self.icao[-3:]}", "squawk": "1000", "latitude_deg": lat, "longitude_deg": lon,
                    "altitude_baro_ft": self.altitude_ft, "ground_speed_kt": self.speed_kt,
                    "track_deg": heading % 360.0, "on_ground": False, "nac_p": 9,
                }  # fmt: skip
                yield sighting(self.icao, START + t, **{**known, **self.more(t)})


def flown(planes: list[Plane]) -> list[Sighting]:
    return sorted((one for plane in planes for one in plane.fly()), key=lambda one: one.now)


def watch(state: dict[str, Any] | None = None) -> Watch:
    rules = [*load_rules(DEFAULT_RULES).rule, *(Rule.model_validate(rule) for rule in OWN)]
    return Watch(rules, None, SmallRegistry({"ae4bd8": Q9}), SmallAtlas(), state=state)


def told(
    sightings: list[Sighting], restarts: list[float] = [], silences: list[tuple[float, float]] = [], whole: bool = True  # noqa: B006
) -> list[Alert]:  # fmt: skip
    """Everything that is said, with the life after the last sighting."""
    out: list[Alert] = []
    one, waiting, second = watch(), sorted(restarts), START
    heard = iter([s for s in sightings if not any(a <= s.now < b for a, b in silences)])
    following = next(heard, None)
    end = sightings[-1].now + 4000.0
    while second < end:
        second += 1.0
        while following is not None and following.now < second:
            out += one.update(following)
            following = next(heard, None)
        out += one.expire(second)
        while waiting and waiting[0] <= second:
            waiting.pop(0)
            one = watch(json.loads(json.dumps(one.state(whole))))
        if following is not None and following.now > second + 5000.0 and not one.open_alerts():
            second = float(math.floor(following.now)) - 1000.0
    return out


def in_full(alerts: list[Alert]) -> list[tuple[Any, ...]]:
    return [(json.dumps(alert.payload()), alert.notify, len(alert.trail)) for alert in alerts]


def in_short(alerts: list[Alert]) -> Counter[tuple[Any, ...]]:
    """Who was told of what, how often, and what began and ended."""
    return Counter(
        [(a.icao, a.id.split("-")[0], a.state) for a in alerts if a.state != "updated"]
        + [(a.icao, a.id.split("-")[0], a.notify) for a in alerts if a.notify]
    )


def moments(sightings: list[Sighting], seed: int, count: int) -> list[float]:
    rng = random.Random(seed)
    return [rng.uniform(START, sightings[-1].now + 900.0) for _ in range(count)]


def _of_chance(rng: random.Random, k: int) -> Plane:
    """Circles, passes high, or passes low; squawks, is jammed, or is deceived for a while."""
    icao = rng.choice(["ae4bd8", "ae4bd9"]) if k == 0 else f"0d2{k:03x}"
    begins_s = rng.uniform(0.0, 900.0)
    kind = rng.choice(["orbit", "high", "high", "low"])
    legs, speed_kt, altitude_ft = [(rng.uniform(600.0, 1800.0), 0.0)], rng.uniform(300.0, 450.0), 33_000.0
    if kind == "orbit":
        rate = rng.choice([-1.0, 1.0]) * rng.uniform(1.0, 2.5)
        legs = [(rng.uniform(200.0, 600.0), 0.0), (rng.uniform(3.0, 5.0) * 360.0 / abs(rate), rate), (600.0, 0.0)]
        speed_kt, altitude_ft = rng.uniform(110.0, 200.0), rng.uniform(4000.0, 20_000.0)
    elif kind == "low":
        speed_kt, altitude_ft = rng.uniform(100.0, 200.0), rng.uniform(1500.0, 7000.0)
    befalls = []
    for _ in range(rng.choice([0, 0, 1, 1, 2])):
        at_s = begins_s + rng.uniform(50.0, 1500.0)
        befalls.append((rng.choice(["squawk", "jam", "jam", "spoof"]), at_s, at_s + rng.uniform(60.0, 700.0)))
    there = (rng.uniform(18.0, 19.0), rng.uniform(-101.0, -100.0))

    def more(t: float) -> dict[str, Any]:
        out: dict[str, Any] = {}
        for what, from_s, until_s in befalls:
            if from_s <= t < until_s and what == "squawk":
                out["squawk"] = "7700"
            elif from_s <= t < until_s and what == "jam":
                out["nac_p"] = 0
            elif from_s <= t < until_s:
                out["latitude_deg"] = there[0] + 0.01 * math.cos(0.2 * t)
                out["longitude_deg"] = there[1] + 0.01 * math.sin(0.2 * t)
        return out

    where = (rng.uniform(17.6, 19.4), rng.uniform(-101.5, -99.6))
    return Plane(icao, *where, rng.uniform(0.0, 360.0), legs, begins_s, speed_kt, altitude_ft, more)


def sky_of_chance(seed: int) -> list[Sighting]:
    """Two to seven aircraft."""
    rng = random.Random(seed)
    return flown([_of_chance(rng, k) for k in range(rng.randint(2, 7))])
