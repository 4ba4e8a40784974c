"""Simulated flights in the shapes that have a name."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator

from benchmarks.flights.pen import KT, Track, new_pen


def orbits(rng: random.Random) -> Iterator[Track]:
    """Circles from 0.5 to 45 km, both hands, 1 to 8 laps beyond two, straight flight before and after."""
    for radius in (0.5, 0.7, 1, 1.5, 2, 3, 4.5, 6, 9, 12, 16, 20, 25, 32, 38, 45):
        for hand in (1, -1):
            speed = rng.uniform(70, 110) if radius < 1 else rng.uniform(100, 210)
            if radius == 20:
                speed = 2 * math.pi * 20 / (25 * 60) / KT  # the 25 minute lap
            pen = new_pen(rng, speed, rng.uniform(2500, 24000))
            pen.leg(rng.uniform(5, 60))
            start = pen.t
            pen.turn(hand * 360 * rng.uniform(2.6, 5), radius)
            pen.leg(rng.uniform(5, 60))
            period = 2 * math.pi * radius / (speed * KT)
            yield Track(
                f"{radius} km {speed:.0f} kt",
                "orbit",
                pen.fixes,
                start,
                period,
                radius,
                "right" if hand > 0 else "left",
            )


def ovals(rng: random.Random) -> Iterator[Track]:
    """Orbits that people fly by hand: the radius wanders by a third, wind of up to a fifth of the speed."""
    for k in range(24):
        radius = math.exp(rng.uniform(math.log(0.7), math.log(20)))
        speed = rng.uniform(80, 120) if radius < 1.2 else rng.uniform(110, 200)
        pen = new_pen(rng, speed, rng.uniform(2500, 24000))
        pen.leg(rng.uniform(5, 40))
        start = pen.t
        hand = 1 if k % 2 else -1
        drift = rng.uniform(0, 0.08) * speed * KT
        way = rng.uniform(0, 2 * math.pi)
        pen.wind = (drift * math.sin(way), drift * math.cos(way))
        phase, wobble = rng.uniform(0, 6.28), rng.uniform(0, 0.33)
        for j in range(int(36 * rng.uniform(2.8, 6))):
            here = radius * (1 + wobble * math.sin(2 * math.radians(10 * j) + phase)) * rng.uniform(0.9, 1.1)
            pen.turn(hand * 10, here)
        pen.wind = (0.0, 0.0)
        pen.leg(30)
        period = 2 * math.pi * radius / (speed * KT)
        yield Track(
            f"by hand {radius:.1f} km", "orbit", pen.fixes, start, period, None, "right" if hand > 0 else "left"
        )


def moving(rng: random.Random) -> Iterator[Track]:
    """Orbits whose centre follows a car or a race at up to a quarter of the aircraft's speed."""
    for k in range(20):
        radius = math.exp(rng.uniform(math.log(0.8), math.log(6)))
        speed = rng.uniform(90, 130) if radius < 1.5 else rng.uniform(130, 200)
        pen = new_pen(rng, speed, rng.uniform(2500, 24000))
        pen.leg(20)
        share = rng.uniform(0.08, 0.25)
        way = rng.uniform(0, 2 * math.pi)
        pen.wind = (share * speed * KT * math.sin(way), share * speed * KT * math.cos(way))
        start = pen.t
        hand = 1 if k % 2 else -1
        pen.turn(hand * 360 * rng.uniform(3, 7), radius)
        pen.wind = (0.0, 0.0)
        pen.leg(30)
        period = 2 * math.pi * radius / (speed * KT)
        yield Track(f"moving {share:.2f} {radius:.1f} km", "orbit", pen.fixes, start, period, None, None)


def racetracks(rng: random.Random) -> Iterator[Track]:
    """Long ovals, legs of 4 to 12 turn radii: tankers, radar and relay aircraft."""
    for k in range(16):
        speed = rng.uniform(180, 420)
        radius = speed / 60 * rng.uniform(0.9, 1.6)
        leg = radius * rng.uniform(4, 12)
        pen = new_pen(rng, speed, rng.uniform(15000, 30000))
        pen.leg(60)
        start = pen.t
        hand = 1 if k % 2 else -1
        for _ in range(rng.randint(4, 7)):
            pen.leg(leg)
            pen.turn(hand * 180, radius)
            pen.leg(leg)
            pen.turn(hand * 180, radius)
        pen.leg(60)
        yield Track(f"racetrack {leg:.0f} km", "racetrack", pen.fixes, start, (2 * leg + 6.283 * radius) / (speed * KT))


def holdings(rng: random.Random) -> Iterator[Track]:
    """Airline holds: rate one or 25° of bank, legs of 1 to 1.5 minutes, 2 to 6 times round, sometimes descending."""
    for k in range(20):
        speed = rng.uniform(190, 280)
        v = speed * KT * 1000
        radius = max(v / math.radians(3), v * v / (9.81 * math.tan(math.radians(25)))) / 1000
        pen = new_pen(rng, speed, rng.uniform(7000, 20000))
        pen.leg(80)
        start = pen.t
        hand = -1 if k % 4 == 0 else 1
        leg_s = rng.choice((60, 60, 90))
        wind = rng.uniform(0, 0.1) * speed * KT
        pen.climb_fpm = rng.choice((0, 0, -300))
        for _ in range(rng.randint(2, 6)):
            for _ in range(2):
                pen.turn(hand * 180, radius * rng.uniform(0.95, 1.1))
                pen.go(leg_s * rng.uniform(0.9, 1.1))
        pen.climb_fpm = 0
        pen.leg(60 + wind)
        yield Track(f"hold {speed:.0f} kt", "holding", pen.fixes, start, 2 * leg_s + 6283 * radius / v)


def eights(rng: random.Random) -> Iterator[Track]:
    """Figures of eight: two touching circles, and crossing legs with turns of 210 to 270° at the ends."""
    for k in range(20):
        speed = rng.uniform(90, 200)
        radius = math.exp(rng.uniform(math.log(0.8), math.log(10)))
        pen = new_pen(rng, speed, rng.uniform(2500, 24000))
        pen.leg(30)
        start = pen.t
        lap = 0.0
        for _ in range(rng.randint(3, 5)):
            begin = pen.t
            if k % 2:
                pen.turn(360, radius)
                pen.turn(-360, radius)
            else:
                half = 15 + 2 * k  # half of the crossing angle
                leg = 2 * radius / math.tan(math.radians(half))
                for sign in (1, -1):
                    pen.leg(leg)
                    pen.turn(sign * (180 + 2 * half), radius)
            lap = pen.t - begin
        pen.leg(30)
        yield Track(f"eight {radius:.1f} km", "figure_of_eight", pen.fixes, start, lap)


def grids(rng: random.Random) -> Iterator[Track]:
    """Lawn mowers: in order, with teardrop turns, or interleaved (always turning the same way)."""
    for k in range(30):
        speed = rng.uniform(90, 220)
        pen = new_pen(rng, speed, rng.uniform(2500, 16000))
        pen.leg(30)
        start = pen.t
        leg = rng.uniform(6, 40)
        spacing = rng.uniform(0.25, 1.2)
        radius = rng.uniform(0.6, 1.2)
        count = rng.randint(9, 16)
        style = k % 3
        for j in range(count):
            pen.leg(leg)
            sign = 1 if j % 2 else -1
            if style == 0:  # turns as wide as the lines are apart
                pen.turn(sign * 180, max(spacing, 0.5))
            elif style == 1:  # teardrop
                pen.turn(-sign * 40, radius)
                pen.turn(sign * 220, radius)
                pen.leg(max(0.0, 0.8 * radius))
            else:  # interleaved: a wide turn and a narrower one, to the same hand
                wide, narrow = 2.0 + spacing, 2.0
                pen.turn(180, wide if j % 2 else narrow)
        pen.leg(30)
        yield Track(f"grid {leg:.0f} km {'ati'[style]}", "survey_grid", pen.fixes, start)


def circuits(rng: random.Random) -> Iterator[Track]:
    """Aerodrome circuits: rectangles of 2 by 4 km, down to the runway and up again each time."""
    for k in range(16):
        speed = rng.uniform(70, 100)
        field = rng.uniform(0, 2000)
        pen = new_pen(rng, speed, field)
        start = pen.t
        hand = 1 if k % 4 == 0 else -1
        radius, long, short = 0.4, rng.uniform(2, 4), rng.uniform(0.6, 1.5)
        for _ in range(rng.randint(4, 8)):
            pen.climb_fpm = 700
            pen.leg(long * 0.5)
            pen.turn(hand * 90, radius)
            pen.climb_fpm = (field + 1000 - pen.altitude) / (short / (speed * KT) / 60)
            pen.leg(short)
            pen.climb_fpm = 0
            pen.turn(hand * 90, radius)
            pen.leg(long)
            pen.turn(hand * 90, radius)
            pen.climb_fpm = -500
            pen.leg(short)
            pen.turn(hand * 90, radius)
            pen.climb_fpm = (field - pen.altitude) / (long * 0.5 / (speed * KT) / 60)
            pen.leg(long * 0.5)
        pen.climb_fpm = 700
        pen.leg(20)
        yield Track("circuit", "aerodrome_circuit", pen.fixes, start, field_ft=field)


def thermals(rng: random.Random) -> Iterator[Track]:
    """Gliders: circles of 80 to 200 m at 45 to 65 kt in drifting, rising air, straight glides between."""
    for _ in range(16):
        pen = new_pen(rng, rng.uniform(45, 60), rng.uniform(2000, 5000))
        pen.go(120)
        start = pen.t
        for _ in range(rng.randint(3, 6)):
            way = rng.uniform(0, 6.28)
            pen.wind = (0.004 * math.sin(way), 0.004 * math.cos(way))
            pen.climb_fpm = rng.uniform(150, 600)
            pen.turn(rng.choice((-1, 1)) * 360 * rng.randint(4, 20), rng.uniform(0.08, 0.2))
            pen.climb_fpm = -150
            pen.wind = (0.0, 0.0)
            pen.leg(rng.uniform(3, 12))
        yield Track("glider", "thermalling", pen.fixes, start)


def searches(rng: random.Random) -> Iterator[Track]:
    """Rescuers: expanding squares, and sector searches of three triangles."""
    for k in range(16):
        speed, radius, hand = rng.uniform(80, 160), rng.uniform(0.5, 0.9), rng.choice((-1, 1))
        pen = new_pen(rng, speed, rng.uniform(500, 3000))
        pen.leg(30)
        start = pen.t
        unit = rng.uniform(2.5, 6)
        if k % 2:
            for j in range(10):
                pen.leg(unit * (1 + j // 2))
                pen.turn(hand * 90, radius)
        else:
            pen.leg(unit)
            for _ in range(3):
                pen.turn(hand * 120, radius)
                pen.leg(unit)
                pen.turn(hand * 120, radius)
                pen.leg(2 * unit)
            pen.turn(hand * 120, radius)
            pen.leg(unit)
        pen.leg(30)
        yield Track(f"search {unit:.1f} km {'square' if k % 2 else 'sectors'}", "search", pen.fixes, start)


def shuttles(rng: random.Random) -> Iterator[Track]:
    """Air tankers: down to a lake, up and over to the fire 5 to 25 km away, a turn there, and back."""
    for _ in range(12):
        speed, water = rng.uniform(100, 160), rng.uniform(300, 4000)
        pen = new_pen(rng, speed, water + 1200)
        pen.leg(30)
        start, leg, hand = pen.t, rng.uniform(5, 25), rng.choice((-1, 1))
        rate = rng.uniform(500, 900)
        for _ in range(rng.randint(4, 7)):
            began = pen.t
            for fpm, height in ((-rate, water), (rate, water + 1200)):
                pen.climb_fpm = fpm
                pen.go(abs(height - pen.altitude) / rate * 60)
            pen.climb_fpm = 0
            dip = (pen.t - began) * pen.speed * KT
            pen.leg(leg)
            pen.turn(hand * rng.uniform(175, 185), rng.uniform(0.8, 1.5))
            pen.leg(leg + dip)
            pen.turn(hand * rng.uniform(175, 185), rng.uniform(0.8, 1.5))
        pen.leg(40)
        yield Track(f"shuttle {leg:.0f} km", "shuttle", pen.fixes, start)


def spirals(rng: random.Random) -> Iterator[Track]:
    """Parachute planes and departures out of valleys: circles of 1.5 to 4 km that climb 800 to 1,500 ft a minute, then
    straight and fast down or away."""
    for k in range(12):
        speed, field = rng.uniform(80, 130), rng.uniform(0, 3000)
        pen = new_pen(rng, speed, field + 300)
        pen.climb_fpm = rng.uniform(800, 1500)
        pen.leg(4)
        pen.turn((1 if k % 2 else -1) * 360 * rng.uniform(3, 5), rng.uniform(1.5, 4))
        pen.leg(3)
        pen.climb_fpm = -3000 if k % 3 else 500
        pen.leg(12)
        yield Track("spiral", "spiral", pen.fixes, field_ft=field)
