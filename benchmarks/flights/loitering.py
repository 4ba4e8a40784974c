"""Simulated flights long in one place without two laps to one hand."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from benchmarks.flights.pen import KT, Track, new_pen


def changing_hands(rng: random.Random) -> Iterator[Track]:
    """Circles above one place whose hand changes every 1.25 to 1.75 laps."""
    for _ in range(10):
        radius, speed = math.exp(rng.uniform(math.log(0.8), math.log(5))), rng.uniform(80, 180)
        pen = new_pen(rng, speed, rng.uniform(2500, 15000))
        pen.leg(30)
        start, hand = pen.t, rng.choice((-1, 1))
        while pen.t - start < 3600:
            pen.turn(hand * 360 * rng.uniform(1.25, 1.75), radius)
            hand = -hand
        pen.leg(40)
        yield Track(f"changing hands {radius:.1f} km", "loiter", pen.fixes, start)


def wandering(rng: random.Random) -> Iterator[Track]:
    """An hour within 5 km of one place: whenever it comes near the rim it turns back, else it turns as it likes."""
    for _ in range(10):
        speed = rng.uniform(70, 140)
        pen = new_pen(rng, speed, rng.uniform(2000, 12000))
        pen.leg(30)
        start, east, north = pen.t, pen.east, pen.north
        while pen.t - start < 3600:
            away = math.hypot(pen.east - east, pen.north - north)
            if away > 3.2:
                home = math.degrees(math.atan2(east - pen.east, north - pen.north))
                pen.turn((home - pen.heading + 180) % 360 - 180 or 1.0, 0.8)
                pen.leg(rng.uniform(1.0, 3.0))
            else:
                pen.turn(rng.gauss(0, 90), rng.uniform(0.6, 1.5))
                pen.leg(rng.expovariate(1 / 1.5))
        pen.leg(40)
        yield Track("wandering within 5 km", "loiter", pen.fixes, start)


def cycloids(rng: random.Random) -> Iterator[Track]:
    """Circles in the air in a wind of 0.45 to 0.75 of the airspeed."""
    for k in range(10):
        speed, radius = rng.uniform(70, 120), rng.uniform(0.8, 3)
        pen = new_pen(rng, speed, rng.uniform(4000, 20000))
        pen.leg(30)
        start = pen.t
        share, way = rng.uniform(0.45, 0.75), rng.uniform(0, 2 * math.pi)
        pen.wind = (share * speed * KT * math.sin(way), share * speed * KT * math.cos(way))
        pen.turn((1 if k % 2 else -1) * 360 * rng.uniform(5, 9), radius)
        pen.wind = (0.0, 0.0)
        pen.leg(40)
        yield Track(f"cycloid {share:.2f}", "loiter", pen.fixes, start)


def beyond_the_horizon(rng: random.Random) -> Iterator[Track]:
    """Circles of seven minutes or so of which one arc of 60 to 100° is heard, always the same."""
    for k in range(10):
        period = rng.uniform(380, 460)
        speed = rng.uniform(150, 200)
        radius = speed * KT * period / (2 * math.pi)
        pen = new_pen(rng, speed, rng.uniform(17000, 25000))
        pen.leg(20)
        start = pen.t
        begin = len(pen.fixes)
        pen.turn((1 if k % 2 else -1) * 360 * rng.uniform(7, 10), radius)
        middle, width = rng.uniform(0, 360), rng.uniform(60, 100)
        heard = [
            f for f in pen.fixes[begin:]
            if f.track_deg is not None and abs((f.track_deg - middle + 180) % 360 - 180) < width / 2
        ]  # fmt: skip
        yield Track(f"beyond the horizon {radius:.1f} km", "loiter", heard, start)
