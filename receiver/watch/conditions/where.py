"""Where an aircraft is, where it will be, and which border it has crossed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from config.rules import Near, WillPass
from receiver.watch.approach import agree, foretell
from receiver.watch.areas import read_areas
from receiver.watch.conditions import Check, Maker
from receiver.watch.patterns.steps import offset_km
from receiver.watch.watched import Watched


def _near(near: Near, folder: Path) -> Check:

    label = near.name or f"{near.latitude:g}, {near.longitude:g}"

    def check(aircraft: Watched) -> str | None:
        place = aircraft.place_now()
        if place is None:
            return None
        east, north = offset_km(near.latitude, near.longitude, *place)
        distance = (east * east + north * north) ** 0.5
        return f"within {near.radius_km:g} km of {label}" if distance <= near.radius_km else None

    return check


def _will_pass(wanted: WillPass, folder: Path) -> Check:
    name = wanted.name or f"{wanted.latitude:g}, {wanted.longitude:g}"
    place = (wanted.latitude, wanted.longitude)

    def check(aircraft: Watched) -> str | None:
        sighting = aircraft.sighting
        here, speed, track = aircraft.place_now(), sighting.ground_speed_kt, sighting.track_deg
        before = aircraft.approaches.get(name)
        if here is None or speed is None or track is None or sighting.on_ground:
            aircraft.approaches.pop(name, None)
            return None
        if before is None or sighting.now > before.told_s:
            told = foretell(
                sighting.now, place, here, speed, track, sighting.altitude_baro_ft, sighting.vertical_rate_baro_fpm
            )
            if told is None:
                aircraft.approaches.pop(name, None)
                return None
            before = aircraft.approaches[name] = replace(told, agrees=agree(before, told))
        ahead_s = before.at_s - sighting.now
        if not before.agrees or before.distance_km > wanted.radius_km or not 0.0 <= ahead_s <= 60.0 * wanted.minutes:
            return None
        return f"will pass within {wanted.radius_km:g} km of {name}"

    return check


def _inside(path: Path, folder: Path) -> Check:
    areas = read_areas(folder / path.expanduser())

    def check(aircraft: Watched) -> str | None:
        place = aircraft.place_now()
        if place is None:
            return None
        for area in areas:
            if area.holds(*place):
                return f"inside {area.name or path.name}"
        return None

    return check


def _over(codes: list[str], folder: Path) -> Check:
    wanted = frozenset(codes)

    def check(aircraft: Watched) -> str | None:
        land = aircraft.land_below()
        return f"over {land.code}" if land is not None and (land.code in wanted or "*" in wanted) else None

    return check


def _crossed(attribute: str, verb: str) -> Callable[[list[str], Path], Check]:
    def maker(codes: list[str], folder: Path) -> Check:
        wanted = frozenset(codes)

        def check(aircraft: Watched) -> str | None:
            over: set[str] = set()  # crossed again since, the other way
            for crossing in reversed(aircraft.crossings):
                land, other = crossing.into, crossing.out_of
                if attribute != "into":
                    land, other = other, land
                if land is not None and ("*" in wanted or land.code in wanted) and land.code not in over:
                    return f"{verb} {land.code}"
                if other is not None:
                    over.add(other.code)
            return None

        return check

    return maker


MAKERS: dict[str, Maker] = {
    "near": _near,
    "will_pass": _will_pass,
    "inside": _inside,
    "over": _over,
    "entered": _crossed("into", "entered"),
    "left": _crossed("out_of", "left"),
}
