"""Made-up flights with a known shape, as one home antenna would hear them, and ways to make any track worse.

Every flight is flown by `fly`: a list of (seconds, turn rate °/s) pieces integrated in steps of a quarter of a second,
so that shapes have real entries, and noise comes on top: 8 m of position, 1° of track (as reported, in whole degrees),
0.5 to 1 s between positions. Nothing here knows the detector.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from receiver.watch.patterns import PathPoint

KM_PER_DEG = 111.195
KT = 1.852 / 3600  # km/s


@dataclass(frozen=True)
class Track:
    """A flight with what it is: label, when the shape began, seconds a lap, radius (None where it has none)."""

    name: str
    label: str
    fixes: list[PathPoint]
    start_s: float | None = None
    period_s: float | None = None
    radius_km: float | None = None
    hand: str | None = None
    field_ft: float | None = None  # elevation of the aerodrome it is flown at


class Pen:
    """An aircraft that is told to turn: integrates heading and place, writes fixes."""

    def __init__(self, rng: random.Random, lat: float, lon: float, heading: float, speed_kt: float, altitude: float):
        self.rng, self.heading, self.speed, self.altitude = rng, heading, speed_kt, altitude
        self.lat0, self.lon0, self.east, self.north, self.t = lat, lon, 0.0, 0.0, 1.6e9
        self.wind = (0.0, 0.0)  # km/s: also the way a moving centre moves
        self.fixes: list[PathPoint] = []
        self._next = self.t
        self.climb_fpm = 0.0

    def go(self, seconds: float, rate_deg_s: float = 0.0) -> None:
        """Fly on for a while, turning at a steady rate (right positive)."""
        step = 0.25
        for _ in range(max(1, round(seconds / step))):
            self.heading = (self.heading + rate_deg_s * step) % 360
            h = math.radians(self.heading)
            ve = self.speed * KT * math.sin(h) + self.wind[0]
            vn = self.speed * KT * math.cos(h) + self.wind[1]
            self.east += ve * step
            self.north += vn * step
            self.altitude += self.climb_fpm * step / 60
            self.t += step
            if self.t >= self._next:
                self._next = self.t + self.rng.uniform(0.5, 1.0)
                self._write(ve, vn)

    def turn(self, degrees: float, radius_km: float) -> None:
        """Turn by so much on a circle of this radius."""
        rate = math.degrees(self.speed * KT / radius_km)
        self.go(abs(degrees) / rate, math.copysign(rate, degrees))

    def leg(self, km: float) -> None:
        """Straight on."""
        self.go(km / (self.speed * KT))

    def _write(self, ve: float, vn: float) -> None:
        noise = 0.008
        lat = self.lat0 + (self.north + self.rng.gauss(0, noise)) / KM_PER_DEG
        lon = self.lon0 + (self.east + self.rng.gauss(0, noise)) / (
            KM_PER_DEG * math.cos(math.radians(self.lat0 + self.north / KM_PER_DEG))
        )
        track = round(math.degrees(math.atan2(ve, vn)) + self.rng.gauss(0, 0.7)) % 360
        speed = round(math.hypot(ve, vn) / KT + self.rng.gauss(0, 1))
        self.fixes.append(
            PathPoint(self.t, lat, (lon + 180) % 360 - 180, 25 * round(self.altitude / 25), float(speed), float(track))
        )


def _pen(rng: random.Random, speed_kt: float, altitude: float) -> Pen:
    return Pen(rng, rng.uniform(-60, 65), rng.uniform(-180, 180), rng.uniform(0, 360), speed_kt, altitude)


def orbits(rng: random.Random) -> Iterator[Track]:
    """Circles from 0.5 to 45 km, both hands, 1 to 8 laps beyond two, straight flight before and after."""
    for radius in (0.5, 0.7, 1, 1.5, 2, 3, 4.5, 6, 9, 12, 16, 20, 25, 32, 38, 45):
        for hand in (1, -1):
            speed = rng.uniform(70, 110) if radius < 1 else rng.uniform(100, 210)
            if radius == 20:
                speed = 2 * math.pi * 20 / (25 * 60) / KT  # the 25 minute lap
            pen = _pen(rng, speed, rng.uniform(2500, 24000))
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
        pen = _pen(rng, speed, rng.uniform(2500, 24000))
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
        pen = _pen(rng, speed, rng.uniform(2500, 24000))
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
        pen = _pen(rng, speed, rng.uniform(15000, 30000))
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
        pen = _pen(rng, speed, rng.uniform(7000, 20000))
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
        pen = _pen(rng, speed, rng.uniform(2500, 24000))
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
        pen = _pen(rng, speed, rng.uniform(2500, 16000))
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
        pen = _pen(rng, speed, field)
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
        pen = _pen(rng, rng.uniform(45, 60), rng.uniform(2000, 5000))
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


def airliners(rng: random.Random) -> Iterator[Track]:
    """Ordinary flights: an approach with vectors, or an hour en route; one in six is sent round once."""
    for k in range(120):
        pen = _pen(rng, rng.uniform(380, 480), rng.uniform(30000, 39000))
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
        pen = _pen(rng, rng.uniform(70, 130), rng.uniform(1000, 4000))
        degrees = 0.0
        for _ in range(rng.randint(15, 40)):
            pen.leg(rng.expovariate(1 / 5))
            last = degrees
            degrees = rng.choice((rng.gauss(0, 60), rng.gauss(0, 60), rng.gauss(0, 120), rng.choice((-360, 360))))
            if abs(last) > 180:
                degrees = rng.gauss(0, 60)
            pen.turn(degrees, rng.uniform(0.5, 1.5))
        yield Track("sightseer", "other", pen.fixes)


def changing_hands(rng: random.Random) -> Iterator[Track]:
    """Circles above one place whose hand changes every 1.25 to 1.75 laps."""
    for _ in range(10):
        radius, speed = math.exp(rng.uniform(math.log(0.8), math.log(5))), rng.uniform(80, 180)
        pen = _pen(rng, speed, rng.uniform(2500, 15000))
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
        pen = _pen(rng, speed, rng.uniform(2000, 12000))
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
        pen = _pen(rng, speed, rng.uniform(4000, 20000))
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
        pen = _pen(rng, speed, rng.uniform(17000, 25000))
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


def spirals(rng: random.Random) -> Iterator[Track]:
    """Parachute planes and departures out of valleys: circles of 1.5 to 4 km that climb 800 to 1,500 ft a minute, then
    straight and fast down or away."""
    for k in range(12):
        speed, field = rng.uniform(80, 130), rng.uniform(0, 3000)
        pen = _pen(rng, speed, field + 300)
        pen.climb_fpm = rng.uniform(800, 1500)
        pen.leg(4)
        pen.turn((1 if k % 2 else -1) * 360 * rng.uniform(3, 5), rng.uniform(1.5, 4))
        pen.leg(3)
        pen.climb_fpm = -3000 if k % 3 else 500
        pen.leg(12)
        yield Track("spiral", "spiral", pen.fixes, field_ft=field)


FAMILIES: tuple[Callable[[random.Random], Iterator[Track]], ...] = (
    orbits, ovals, moving, racetracks, holdings, eights, grids, circuits, thermals, airliners, wanderers,
    changing_hands, wandering, cycloids, beyond_the_horizon, spirals,
)  # fmt: skip


def clean(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """As it is."""
    return fixes


def half_lost(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """Every second position lost, by chance."""
    return [f for f in fixes if rng.random() < 0.5]


def on_off(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """Heard for 90 s, not heard for 45 s."""
    phase = rng.uniform(0, 135)
    return [f for f in fixes if (f.time_s + phase) % 135 < 90]


def shadow(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """A bank shadow over 90° of heading, and 1 % of the positions 1 to 30 km off."""
    blind = rng.uniform(0, 360)
    out = []
    for f in fixes:
        if f.track_deg is not None and (f.track_deg - blind) % 360 < 90:
            continue
        if rng.random() < 0.01:
            off, way = rng.uniform(1, 30) / KM_PER_DEG, rng.uniform(0, 6.283)
            f = replace(
                f,
                latitude_deg=f.latitude_deg + off * math.cos(way),
                longitude_deg=f.longitude_deg + off * math.sin(way),
            )
        out.append(f)
    return out


def everything(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """Shadow and outliers, and on 90 s / off 45 s as well."""
    return on_off(shadow(fixes, rng), rng)


def no_velocity(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """Positions only, no speed and no track."""
    return [replace(f, ground_speed_kt=None, track_deg=None) for f in fixes]


DEGRADATIONS: dict[str, Callable[[list[PathPoint], random.Random], list[PathPoint]]] = {
    "clean": clean,
    "half lost": half_lost,
    "on 90 off 45": on_off,
    "shadow+outliers": shadow,
    "all of it": everything,
    "no velocity": no_velocity,
}


def wrong_tracks(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
    """One track in a hundred is any number."""
    return [replace(f, track_deg=rng.uniform(0, 360)) if rng.random() < 0.01 else f for f in fixes]


def coarse(
    scatter_m: float, velocity: bool, every_s: float = 5.0
) -> Callable[[list[PathPoint], random.Random], list[PathPoint]]:
    """As multilateration has it: a position every so often, scattered by so much an axis; no velocity, or one from a
    filter over those positions (alpha 0.6, beta 0.25), which lags."""

    def worsen(fixes: list[PathPoint], rng: random.Random) -> list[PathPoint]:
        out: list[PathPoint] = []
        x = y = vx = vy = 0.0
        for f in fixes:
            since = f.time_s - out[-1].time_s if out else every_s
            if since < every_s:
                continue
            scale = KM_PER_DEG * math.cos(math.radians(f.latitude_deg))
            lat = f.latitude_deg + rng.gauss(0, scatter_m / 1000) / KM_PER_DEG
            lon = f.longitude_deg + rng.gauss(0, scatter_m / 1000) / scale
            east, north = 0.0, 0.0
            if out:
                first = out[0]
                scale = KM_PER_DEG * math.cos(math.radians(first.latitude_deg))
                east = ((lon - first.longitude_deg + 180) % 360 - 180) * scale
                north = (lat - first.latitude_deg) * KM_PER_DEG
                alpha, beta = (0.6, 0.25) if len(out) > 3 else (1.0, 1.0)
                off = (east - x - vx * since, north - y - vy * since)
                x, y = x + vx * since + alpha * off[0], y + vy * since + alpha * off[1]
                vx, vy = vx + beta * off[0] / since, vy + beta * off[1] / since
            track = math.degrees(math.atan2(vx, vy)) % 360 if velocity and out else None
            speed = math.hypot(vx, vy) / KT if velocity and out else None
            out.append(replace(f, latitude_deg=lat, longitude_deg=lon, track_deg=track, ground_speed_kt=speed))
        return out

    return worsen


COARSE: dict[str, Callable[[list[PathPoint], random.Random], list[PathPoint]]] = {
    "1 % wrong tracks": wrong_tracks,
    "50 m scatter, no velocity": coarse(50, False),
    "100 m scatter, no velocity": coarse(100, False),
    "100 m scatter, filtered velocity": coarse(100, True),
}
