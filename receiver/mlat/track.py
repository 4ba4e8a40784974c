"""One aircraft that was located again and again: a filter, and when its place may be published.

The state is place and speed on axes to the east, north and up at where the track began, with a filter for aircraft that turn and climb. A fix
that does not follow from those before is refused; when refused ones agree among themselves for long enough, the track begins anew there.

Nothing is published of a track until fixes that test themselves (more stations than unknowns) bear it out, or until so many that do not
have followed an aircraft's way that chance cannot have drawn it.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from dsp.place_filter import follow
from receiver.mlat.ellipsoid import Place, axes, to_degrees
from receiver.mlat.solver import Fix, flat_radius_95

ACCELERATIONS_M_S2 = np.array([2.5, 2.5, 1.0])  # usual in a turn, and up and down; as noise that holds on for a second
FASTEST_M_S = 650.0
FASTEST_UP_M_S = 90.0
REFUSED_CHI2 = 21.1  # χ² with three degrees of freedom that 0.01 % exceed
LONGEST_GAP_S = 30.0
TESTED_FIXES = 3  # fixes that test themselves, before anything is published
UNTESTED_FIXES, UNTESTED_SPAN_S = 12, 8.0
FRESH_S = 10.0  # since the last fix
REFUSED_MOST = 6
COMMON_SHARE = 0.35  # of a fix's own spread is the clocks' and the geometry's, the same in the next: no number of fixes takes it away
SLOW_M_S = 15.0  # below it the direction of flight means nothing


class Track:
    """One aircraft's.

    Attributes
    ----------
    near
        Latitude and longitude of a place where it was lately, °.
    began_s, time_s
        UTC of the first fix, and the newest that was taken.
    fixes, tested, tested_s
        How many were taken, how many of them test themselves, and when the last of those came.
    stations
        Of the newest.
    """

    __slots__ = (
        "_axes",
        "_common",
        "_covariance",
        "_origin",
        "_refused",
        "_state",
        "began_s",
        "fixes",
        "near",
        "stations",
        "tested",
        "tested_s",
        "time_s",
    )

    def __init__(self, fix: Fix, now: float) -> None:
        self._refused: list[tuple[float, Fix]] = []
        self._begin(fix, now)

    def _begin(self, fix: Fix, now: float) -> None:
        latitude, longitude, _ = to_degrees(fix.place)
        self.near = latitude, longitude
        self._origin = fix.place
        self._axes = axes(latitude, longitude)
        self._state = np.zeros(6)
        self._covariance = np.diag([0.0, 0.0, 0.0, 150.0**2, 150.0**2, 10.0**2])
        self._covariance[:3, :3] = self._axes @ fix.covariance @ self._axes.T
        self._common = self._covariance[:3, :3].copy()
        self._refused.clear()
        self.began_s = self.time_s = now
        self.fixes = 1
        self.tested = int(fix.freedom > 0)
        self.tested_s = now if fix.freedom > 0 else -math.inf
        self.stations = fix.stations

    def predicted(self, now: float) -> Place:
        """Where it should be."""
        return self._at(self._state[:3] + self._state[3:] * (now - self.time_s))

    def take(self, fix: Fix, now: float) -> bool:
        """Take in a fix; whether it follows from those before."""
        since = now - self.time_s
        if since < -0.05:
            return False
        since = max(since, 0.0)
        if since > LONGEST_GAP_S:
            self._begin(fix, now)
            return True
        measured = self._axes @ (fix.place - self._origin)
        spread = self._axes @ fix.covariance @ self._axes.T
        before = self._state.copy(), self._covariance.copy()
        chi2 = follow(self._state, self._covariance, since, ACCELERATIONS_M_S2, measured, spread, REFUSED_CHI2)
        _, _, _, east, north, up = self._state.tolist()
        if not chi2 <= REFUSED_CHI2 or math.hypot(east, north) > FASTEST_M_S or abs(up) > FASTEST_UP_M_S:
            self._state, self._covariance = before
            return self._doubt(fix, now)
        self.time_s = now
        self._common += 0.2 * (spread - self._common)
        self._refused.clear()
        self.fixes += 1
        self.stations = fix.stations
        if fix.freedom > 0:
            self.tested += 1
            self.tested_s = now
        return True

    def _doubt(self, fix: Fix, now: float) -> bool:
        """A fix elsewhere. Many that agree, and test themselves, take the track over: it was the one that was wrong."""
        refused = self._refused
        if refused and (now - refused[-1][0] > FRESH_S or not _reachable(*refused[-1], fix, now)):
            refused.clear()
        refused.append((now, fix))
        if (
            len(refused) >= REFUSED_MOST
            and now - refused[0][0] > 1.5
            and sum(one.freedom > 0 for _, one in refused) > 2
        ):
            self._begin(fix, now)
        return False

    def is_published(self, now: float) -> bool:
        """Whether enough bears it out."""
        if not 0.0 <= now - self.time_s <= FRESH_S:
            return False
        if self.tested >= TESTED_FIXES and now - self.tested_s <= 3 * LONGEST_GAP_S:
            return True
        return self.fixes >= UNTESTED_FIXES and self.time_s - self.began_s >= UNTESTED_SPAN_S and self._is_settled()

    def _is_settled(self) -> bool:
        """Whether the speed is known well enough to be an aircraft's."""
        return bool(self._covariance[3, 3] + self._covariance[4, 4] < 25.0**2)

    def place(self) -> tuple[float, float, float]:
        """Latitude, longitude, and height above the ellipsoid at the last fix."""
        latitude, longitude, height = to_degrees(self._at(self._state[:3]))
        self.near = latitude, longitude
        return latitude, longitude, height

    def error_m(self) -> float:
        """Radius within which it lies with 95 %."""
        return flat_radius_95(self._covariance[:3, :3] + COMMON_SHARE * self._common)

    def speed(self) -> tuple[float, float | None, float]:
        """Ground speed m/s, direction ° (None when it hardly moves), climb m/s."""
        east, north, up = map(float, self._state[3:])
        ground = math.hypot(east, north)
        track = math.degrees(math.atan2(east, north)) % 360.0 if ground > SLOW_M_S else None
        return ground, track, up

    def speed_error_m_s(self) -> float:
        """Standard deviation of the ground speed."""
        return math.sqrt(max(float(self._covariance[3, 3] + self._covariance[4, 4]) / 2, 0.0))

    def _at(self, local: NDArray[np.float64]) -> Place:
        return np.asarray(self._origin + self._axes.T @ local, np.float64)


def _reachable(before_s: float, before: Fix, fix: Fix, now: float) -> bool:
    far = float(np.linalg.norm(fix.place - before.place))
    return far <= FASTEST_M_S * max(now - before_s, 0.0) + before.error_m() + fix.error_m()
