"""Where every aircraft was in the last hours, in memory: trails for the map and pictures of the past for the slider."""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from receiver.views.outlets import Air

STEP_S = 4.0  # a point is kept so often while an aircraft moves
GAP_S = 120.0  # a longer pause between two points is a gap
GONE_AFTER_S = 60.0  # without a position for so long, an aircraft is no longer on a picture of the past
MAX_POINTS = 1_000_000  # 32 MB
MAX_AIRCRAFT = 20_000
PRUNE_EVERY_S = 300.0
TRAIL_POINTS = 1500  # most points of one trail that a page is told

# What is remembered of an aircraft besides its places: the newest of each.
_LASTING = ("flight", "category", "squawk", "r", "t", "desc", "ownOp", "year", "dbFlags", "type", "squitter")


class Part(NamedTuple):
    """Some points of one aircraft, oldest first."""

    time_s: NDArray[np.float64]
    latitude_deg: NDArray[np.float32]
    longitude_deg: NDArray[np.float32]
    altitude_ft: NDArray[np.float32]

    def trail(self, limit: int = TRAIL_POINTS) -> list[list[float | None]]:
        """Thinned evenly to about `limit`: `[t, lat, lon, altitude or None, gap]`; gap is 1 when nothing was heard for
        long on the way from the point before."""
        count = len(self.time_s)
        if not count:
            return []
        kept = np.arange(0, count, max(1, -(-count // limit)))
        if kept[-1] != count - 1:
            kept = np.append(kept, count - 1)
        pauses = np.concatenate(([0], np.cumsum(np.diff(self.time_s) > GAP_S)))[kept]
        gaps = np.diff(pauses, prepend=pauses[0]) > 0
        columns = zip(
            self.time_s[kept].tolist(),
            self.latitude_deg[kept].tolist(),
            self.longitude_deg[kept].tolist(),
            self.altitude_ft[kept].tolist(),
            gaps.tolist(),
            strict=True,
        )
        return [
            [round(t, 1), round(lat, 5), round(lon, 5), None if math.isnan(feet) else round(feet), int(gap)]
            for t, lat, lon, feet, gap in columns
        ]


class Past(NamedTuple):
    """The map at a moment: what was, and the trails to be thinned yet."""

    now: float
    aircraft: list[dict[str, Any]]
    parts: dict[str, Part]

    def told(self) -> dict[str, Any]:
        """`{now, aircraft, trails}`."""
        trails = {icao: part.trail() for icao, part in self.parts.items()}
        return {"now": self.now, "aircraft": self.aircraft, "trails": trails}


class RecentTrack:
    """Points of one aircraft, oldest first. Unknown numbers are NaN; altitude 0 is the ground."""

    __slots__ = ("altitude_ft", "known", "latitude_deg", "longitude_deg", "speed_kt", "time_s", "track_deg")

    def __init__(self) -> None:
        self.time_s = array("d")
        self.latitude_deg = array("f")
        self.longitude_deg = array("f")
        self.altitude_ft = array("f")
        self.track_deg = array("f")
        self.speed_kt = array("f")
        self.known: dict[str, Any] = {}

    def __len__(self) -> int:
        return len(self.time_s)

    def add(self, time_s: float, aircraft: Mapping[str, Any]) -> None:
        """Take a position out of an aircraft object."""
        altitude = aircraft.get("alt_baro", aircraft.get("alt_geom"))
        self.time_s.append(time_s)
        self.latitude_deg.append(aircraft["lat"])
        self.longitude_deg.append(aircraft["lon"])
        self.altitude_ft.append(0.0 if altitude == "ground" else math.nan if altitude is None else altitude)
        self.track_deg.append(aircraft.get("track", aircraft.get("calc_track", math.nan)))
        self.speed_kt.append(aircraft.get("gs", math.nan))

    def forget_before(self, time_s: float) -> None:
        """Drop the points that are older."""
        count = bisect_right(self.time_s, time_s)
        if count:
            for name in ("time_s", "latitude_deg", "longitude_deg", "altitude_ft", "track_deg", "speed_kt"):
                del getattr(self, name)[:count]

    def part(self, start_s: float, end_s: float) -> Part:
        """The points between two moments, as they are now: what is done with them may be done in another thread."""
        window = slice(bisect_right(self.time_s, start_s), bisect_right(self.time_s, end_s))
        return Part(
            np.array(self.time_s[window]),
            np.array(self.latitude_deg[window]),
            np.array(self.longitude_deg[window]),
            np.array(self.altitude_ft[window]),
        )

    def picture(self, hex_: str, now: float) -> dict[str, Any] | None:
        """The aircraft as it was at `now`, as far as it is remembered; None when it was not on the map."""
        k = bisect_right(self.time_s, now) - 1
        if k < 0 or now - self.time_s[k] > GONE_AFTER_S:
            return None
        out: dict[str, Any] = {
            "hex": hex_,
            **self.known,
            "lat": round(self.latitude_deg[k], 5),
            "lon": round(self.longitude_deg[k], 5),
            "seen_pos": round(now - self.time_s[k], 1),
            "seen": round(now - self.time_s[k], 1),
        }
        if not math.isnan(self.altitude_ft[k]):
            out["alt_baro"] = round(self.altitude_ft[k]) or "ground"
        if not math.isnan(self.track_deg[k]):
            out["track"] = round(self.track_deg[k], 1)
        if not math.isnan(self.speed_kt[k]):
            out["gs"] = round(self.speed_kt[k], 1)
        return out


class Recent:
    """Tracks of all aircraft, bounded in time and number.

    Parameters
    ----------
    keep_s
        How long a point is kept.
    """

    def __init__(self, keep_s: float) -> None:
        self._keep_s = keep_s
        self._tracks: dict[str, RecentTrack] = {}
        self._points = 0
        self._pruned_s = -math.inf
        self._newest_s = -math.inf

    def second(self, air: Air) -> None:
        """Take the positions that are new."""
        if air.now < self._newest_s - 60.0:  # the signal's clock has gone back: another recording
            self._tracks.clear()
            self._points = 0
            self._pruned_s = air.now
        self._newest_s = air.now
        for icao, aircraft in air.objects.items():
            age = aircraft.get("seen_pos")
            if age is None or "lat" not in aircraft:
                continue
            track = self._tracks.get(icao)
            if track is None:
                if len(self._tracks) >= MAX_AIRCRAFT:
                    continue
                track = self._tracks[icao] = RecentTrack()
            at = air.now - age
            if track.time_s and at - track.time_s[-1] < STEP_S:
                continue
            track.known = {key: aircraft[key] for key in _LASTING if key in aircraft}
            track.add(at, aircraft)
            self._points += 1
        if air.now - self._pruned_s >= PRUNE_EVERY_S or self._points > MAX_POINTS:
            self._prune(air.now)

    def _prune(self, now: float) -> None:
        self._pruned_s = now
        oldest = now - self._keep_s
        while True:
            for icao, track in list(self._tracks.items()):
                track.forget_before(oldest)
                if not track:
                    del self._tracks[icao]
            self._points = sum(len(track) for track in self._tracks.values())
            if self._points <= MAX_POINTS * 0.9:
                return
            oldest += (now - oldest) / 4 + 1.0

    def span(self) -> tuple[float, float] | None:
        """First and last moment that can be shown; None when nothing can."""
        starts = [track.time_s[0] for track in self._tracks.values() if track]
        return (min(starts), self._newest_s) if starts else None

    def trail(self, icao: str, start_s: float = -math.inf, limit: int = TRAIL_POINTS) -> list[list[float | None]]:
        """Where one aircraft was since `start_s`; empty when it is not known."""
        track = self._tracks.get(icao)
        return [] if track is None else track.part(start_s, math.inf).trail(limit)

    def parts(self, start_s: float) -> dict[str, Part]:
        """Where all aircraft were since `start_s`, by address."""
        parts = {icao: track.part(start_s, math.inf) for icao, track in self._tracks.items()}
        return {icao: part for icao, part in parts.items() if len(part.time_s) > 1}

    def at(self, now: float, trail_s: float = 900.0, whole: Iterable[str] = ()) -> Past:
        """The map at a moment; the aircraft in `whole` with all of their trail."""
        aircraft = []
        parts = {}
        everything = set(whole)
        for icao, track in self._tracks.items():
            picture = track.picture(icao, now)
            if picture is not None:
                aircraft.append(picture)
                parts[icao] = track.part(-math.inf if icao in everything else now - trail_s, now)
        return Past(now, aircraft, parts)
