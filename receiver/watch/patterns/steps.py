"""From positions to steps: how far, which way, and by how much the aircraft turned in between.

The turn of a step comes from the tangent and the chord. With the heading at both ends and the direction of the chord
between them, the turn is (chord − first heading) + (second heading − chord), each part within ±180°:

        second heading
             ▲
             │ b          turn = a + b, up to ±360°, where the two headings alone
        ─────●            would alias beyond ±180°
            ╱
       a ╱   chord
       ●──▶ first heading

So a third of a lap that was not received is still counted, and a U-turn hidden in a gap has the right sign: a survey
grid's left and right turns go on cancelling. When the chord says nothing about the side (it lies along the heading, as
after a U-turn that began long after the last position), no turn is counted at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace

from receiver.earth import KM_PER_DEG, KM_PER_NMI, wrap_deg
from receiver.watch.patterns.compass import Compass

KM_PER_S_PER_KT = KM_PER_NMI / 3600

MIN_STEP_S = 2.0  # positions closer together than this are skipped: a turn of 3°/s loses nothing
SLOW_KT = 22.0  # below this a reported track is noise (hovering, taxiing, a parked glider)
GAP_S = 12.0  # longer than this, the headings alone are not trusted
LONG_GAP_S = 240.0  # longer than this, only a heading that hardly changed is believed, or an arc as long as the flight
SAME_LENGTH = 0.03  # … within this share: two bends with a leg between (45°, 45°) are 6 to 10 % shorter than their arc
LOST_S = 1800.0  # longer than this, it is another visit
BLIND_CHORD_KM = 0.35  # without a reported track: 10 m of noise at both ends turn the chord by 2.3°
BLIND_TURN_DEG = 25.0  # … but a turn this large is no noise
SIDE_DEG = 8.0  # the chord must leave both headings by this much to tell left from right


def offset_km(lat0_deg: float, lon0_deg: float, lat_deg: float, lon_deg: float) -> tuple[float, float]:
    """East and north of the second place seen from the first, km, on a plane that touches near the first.

    Right across the date line. Good to 0.5 % over 100 km below 70° of latitude, which is plenty for a shape.
    """
    scale = max(0.02, math.cos(math.radians(0.5 * (lat0_deg + lat_deg))))
    return wrap_deg(lon_deg - lon0_deg) * KM_PER_DEG * scale, (lat_deg - lat0_deg) * KM_PER_DEG


@dataclass(frozen=True, slots=True)
class PathPoint:
    """One position as the tracker has it. Time in UTC seconds, altitude barometric; None: not known."""

    time_s: float
    latitude_deg: float
    longitude_deg: float
    altitude_ft: float | None = None
    ground_speed_kt: float | None = None
    track_deg: float | None = None
    on_ground: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What happened between two fixes, taken as an arc of a circle.

    Attributes
    ----------
    time_s
        UTC seconds at the end.
    duration_s
        How long it took.
    turn_deg
        Signed change of heading, right positive, within ±360.
    path_km
        Length of the arc.
    flown_km
        Speed times duration: longer than the arc when whole laps were missed. Equal to it when no speed is known.
    heading_deg
        Direction at the start.
    latitude_deg, longitude_deg
        Where it began.
    east_km, north_km
        The chord.
    altitude_ft
        At the end; None when unknown.
    """

    time_s: float
    duration_s: float
    turn_deg: float
    path_km: float
    flown_km: float
    heading_deg: float
    latitude_deg: float
    longitude_deg: float
    east_km: float
    north_km: float
    altitude_ft: float | None

    def point(self, fraction: float) -> tuple[float, float]:
        """Place on the arc: latitude, longitude in degrees; fraction 0 is the start, 1 the end."""
        turn = math.radians(self.turn_deg)
        if abs(turn) < 0.05:
            east, north = self.east_km * fraction, self.north_km * fraction
        else:
            # chord of a partial arc: length scales with sin(part/2)/sin(whole/2), direction lags by (whole-part)/2
            part = turn * fraction
            scale = math.sin(part / 2) / math.sin(turn / 2) if abs(math.sin(turn / 2)) > 1e-3 else fraction
            lag = (part - turn) / 2  # clockwise positive, like headings
            c, s = math.cos(lag), math.sin(lag)
            east = scale * (self.east_km * c + self.north_km * s)
            north = scale * (self.north_km * c - self.east_km * s)
        cos_lat = max(0.02, math.cos(math.radians(self.latitude_deg)))
        return (
            self.latitude_deg + north / KM_PER_DEG,
            wrap_deg(self.longitude_deg + east / (KM_PER_DEG * cos_lat)),
        )


@dataclass(slots=True)
class Stepper:
    """Turns fixes into steps, leaves out what cannot be true. Holds two fixes, no more.

    `moved` returns a Step, or None when the fix was too soon, standing, the first one, or not believed.
    """

    last: PathPoint | None = None
    heading: float | None = None
    suspect: PathPoint | None = None
    compass: Compass = field(default_factory=Compass)
    rate: float = 0.0  # of the newest step, degrees a second
    lost: bool = False  # the last call began a new visit: what was counted before is over
    rejected: int = 0

    def moved(self, fix: PathPoint) -> Step | None:
        """Take the next fix; fixes that go back in time are ignored."""
        self.lost = False
        last = self.last
        if last is None:
            self._restart(fix)
            return None
        duration = fix.time_s - last.time_s
        if duration < MIN_STEP_S:
            return None
        if duration > LOST_S:
            self.lost = True
            self._restart(fix)
            return None
        east, north = offset_km(last.latitude_deg, last.longitude_deg, fix.latitude_deg, fix.longitude_deg)
        chord = math.hypot(east, north)
        if not _reachable(last, fix, chord, duration):
            self._doubt(fix)
            return None
        self.suspect = None
        fix = self._with_true_track(fix, math.degrees(math.atan2(east, north)), chord, duration)
        if (
            duration > GAP_S
            and fix.track_deg is not None
            and fix.track_deg == last.track_deg
            and chord > 0.2
            and abs(wrap_deg(math.degrees(math.atan2(east, north)) - fix.track_deg)) > 15.0
        ):
            # After a gap the position comes before the velocity: this track is from before the gap; wait for the next.
            return None
        return self._step(last, fix, east, north, chord, duration)

    def _with_true_track(self, fix: PathPoint, bearing: float, chord: float, duration: float) -> PathPoint:
        track = fix.track_deg
        expected = None if self.heading is None else self.heading + self.rate * duration
        if track is None or not _moving(fix) or self.compass.believes(track, bearing, chord, duration, expected):
            return fix
        return replace(fix, track_deg=None)

    def _restart(self, fix: PathPoint) -> None:
        self.last, self.suspect, self.rate = fix, None, 0.0
        self.heading = fix.track_deg if _moving(fix) else None

    def _doubt(self, fix: PathPoint) -> None:
        """One fix out of reach is an outlier; a second one that agrees with the first means that we were wrong."""
        suspect = self.suspect
        if suspect is not None and fix.time_s > suspect.time_s:
            east, north = offset_km(suspect.latitude_deg, suspect.longitude_deg, fix.latitude_deg, fix.longitude_deg)
            if _reachable(suspect, fix, math.hypot(east, north), fix.time_s - suspect.time_s):
                self.lost = True
                self._restart(fix)
                return
        self.suspect = fix
        self.rejected += 1

    def _step(
        self, last: PathPoint, fix: PathPoint, east: float, north: float, chord: float, duration: float
    ) -> Step | None:
        flying = not fix.on_ground and (_moving(fix) or (fix.ground_speed_kt is None and chord / duration > 0.012))
        if not flying:
            self._restart(fix)
            self.heading = None
            return None
        bearing = math.degrees(math.atan2(east, north))
        known = fix.track_deg is not None
        if not known and chord < BLIND_CHORD_KM:
            bent = self.heading is not None and abs(wrap_deg(bearing - self.heading)) > BLIND_TURN_DEG
            if chord < BLIND_CHORD_KM / 5 or not bent:
                return None  # too near to give a direction; keep the older fix as the start
        heading_end = fix.track_deg if fix.track_deg is not None else bearing
        heading = self.heading if self.heading is not None else (bearing if chord > 0.05 else heading_end)
        speed = _mean_speed_kt(last, fix)
        far = speed * KM_PER_S_PER_KT * duration if speed is not None else None
        turn = _turn_deg(heading, bearing if chord > 0.05 else None, heading_end, duration, known)
        if turn == 0.0 and duration > LONG_GAP_S and known and far is not None:
            turn = _arc_deg(heading, bearing, heading_end, chord, far)
        path = _arc_km(chord, turn)
        flown = max(path, far) if far is not None else path
        step = Step(
            time_s=fix.time_s,
            duration_s=duration,
            turn_deg=turn,
            path_km=path,
            flown_km=flown,
            heading_deg=heading,
            latitude_deg=last.latitude_deg,
            longitude_deg=last.longitude_deg,
            east_km=east,
            north_km=north,
            altitude_ft=fix.altitude_ft,
        )
        self.last, self.heading = fix, heading_end
        self.rate = turn / duration if duration <= GAP_S else 0.0
        return step


def _moving(fix: PathPoint) -> bool:
    return not fix.on_ground and fix.ground_speed_kt is not None and fix.ground_speed_kt >= SLOW_KT


def _mean_speed_kt(a: PathPoint, b: PathPoint) -> float | None:
    if a.ground_speed_kt is None:
        return b.ground_speed_kt
    if b.ground_speed_kt is None:
        return a.ground_speed_kt
    return 0.5 * (a.ground_speed_kt + b.ground_speed_kt)


def reachable(a: PathPoint, b: PathPoint) -> bool:
    """Could one have flown from the first position to the second."""
    chord = math.hypot(*offset_km(a.latitude_deg, a.longitude_deg, b.latitude_deg, b.longitude_deg))
    return _reachable(a, b, chord, b.time_s - a.time_s)


def _reachable(a: PathPoint, b: PathPoint, chord_km: float, duration_s: float) -> bool:
    """Could one have flown there: 1.3 times the reported speed and 60 kt on top, or 700 kt when none is reported."""
    speeds = [s for s in (a.ground_speed_kt, b.ground_speed_kt) if s is not None]
    fastest_kt = 1.3 * max(speeds) + 60.0 if speeds else 700.0
    return chord_km <= fastest_kt * KM_PER_S_PER_KT * max(duration_s, 0.0) + 0.25


def _turn_deg(heading: float, bearing: float | None, heading_end: float, duration_s: float, known: bool) -> float:
    direct = wrap_deg(heading_end - heading)
    if bearing is None:
        return direct if duration_s <= GAP_S else 0.0
    if duration_s <= GAP_S and abs(direct) <= 90.0:
        return direct
    if duration_s > LONG_GAP_S:
        return direct if abs(direct) <= 60.0 else 0.0
    if not known:  # no velocity: the chord is all there is
        return direct if abs(direct) <= 120.0 else 0.0
    first, second = wrap_deg(bearing - heading), wrap_deg(heading_end - bearing)
    if first * second > 0.0 and min(abs(first), abs(second)) >= SIDE_DEG and abs(first + second) <= 320.0:
        return first + second
    return direct if abs(direct) <= 100.0 else 0.0


def _arc_km(chord_km: float, turn_deg: float) -> float:
    half = math.radians(abs(turn_deg)) / 2
    return chord_km * half / math.sin(half) if 0.05 < half < 2.8 else chord_km


def _arc_deg(heading: float, bearing: float, heading_end: float, chord_km: float, flown_km: float) -> float:
    """The turn over a long gap if one arc, up to half a circle, is as long as what was flown; else 0."""
    first, second = wrap_deg(bearing - heading), wrap_deg(heading_end - bearing)
    turn = first + second
    one_hand = first * second > 0.0 and min(abs(first), abs(second)) >= SIDE_DEG and abs(turn) <= 180.0
    same_length = abs(_arc_km(chord_km, turn) - flown_km) <= SAME_LENGTH * flown_km
    return turn if one_hand and same_length else 0.0
