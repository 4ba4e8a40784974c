"""Simulated flights of those who do nothing worth a word."""

from __future__ import annotations

import random
from collections.abc import Iterator

from benchmarks.flights.pen import Track, new_pen


def airliners(rng: random.Random) -> Iterator[Track]:
    """Ordinary flights: an approach with vectors, or an hour en route; one in six is sent round once."""
    for k in range(120):
        pen = new_pen(rng, rng.uniform(380, 480), rng.uniform(30000, 39000))
        for _ in range(rng.randint(2, 5)):
            pen.leg(rng.uniform(40, 180))
            pen.turn(rng.uniform(-45, 45), 25)
        if k % 2:
            pen.climb_fpm = -1500
            pen.speed = 290
            pen.leg(80)
            pen.speed, pen.climb_fpm = 220, -700
            if k % 6 == 1:
                pen.turn(rng.choice((-360, 360)), 5)
            for _ in range(rng.randint(3, 8)):
                pen.turn(rng.uniform(-110, 110), rng.uniform(4, 6))
                pen.leg(rng.uniform(4, 18))
            pen.speed, pen.climb_fpm = 140, -700
            pen.leg(18)
        yield Track("airliner", "other", pen.fixes)


def wanderers(rng: random.Random) -> Iterator[Track]:
    """Light aircraft and helicopters that look at things: random turns, now and then once round but not twice."""
    for _ in range(60):
        pen = new_pen(rng, rng.uniform(70, 130), rng.uniform(1000, 4000))
        degrees = 0.0
        for _ in range(rng.randint(15, 40)):
            pen.leg(rng.expovariate(1 / 5))
            last = degrees
            degrees = rng.choice((rng.gauss(0, 60), rng.gauss(0, 60), rng.gauss(0, 120), rng.choice((-360, 360))))
            if abs(last) > 180:
                degrees = rng.gauss(0, 60)
            pen.turn(degrees, rng.uniform(0.5, 1.5))
        yield Track("sightseer", "other", pen.fixes)
