"""Ways to make any track worse."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from dataclasses import replace

from benchmarks.flights.pen import KM_PER_DEG, KT
from receiver.watch.patterns import PathPoint

Worsen = Callable[[list[PathPoint], random.Random], list[PathPoint]]


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


DEGRADATIONS: dict[str, Worsen] = {
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


def coarse(scatter_m: float, velocity: bool, every_s: float = 5.0) -> Worsen:
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


COARSE: dict[str, Worsen] = {
    "1 % wrong tracks": wrong_tracks,
    "50 m scatter, no velocity": coarse(50, False),
    "100 m scatter, no velocity": coarse(100, False),
    "100 m scatter, filtered velocity": coarse(100, True),
}
