"""One transmission and when it arrived where: a place, how sure it is, and whether it may be believed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from dsp.multilateration import (
    AIR_M_S,
    MOST_STATIONS,
    OUT_COST,
    OUT_LEFT_OUT,
    OUT_SECOND,
    OUT_SENT,
    OUT_SIZE,
    OUT_USED,
    OUT_X,
    OUT_XX,
    OUT_Z,
    OUT_ZZ,
    locate,
)
from receiver.mlat.ellipsoid import Place, axes, to_degrees

LEAST_SIGMA_S = 10e-9  # nobody's times are better: aerials have cables, frames have echoes
USUAL_HEIGHT_M = 6000.0  # of an aircraft that does not say, and how far it may be from that
USUAL_HEIGHT_SIGMA_M = 6000.0
# χ² that 0.1 % exceed, by degrees of freedom. Without any, what is left is 0 but for the usual height
LIMITS = np.array([6.0, 10.8, 13.8, 16.3, 18.5, 20.5, 22.5, 24.3, 26.1, 27.9, 29.6])
NO_START = np.zeros(3)


class Height(NamedTuple):
    """Metres above the ellipsoid, and their standard deviation."""

    height_m: float
    sigma_m: float


class Fix(NamedTuple):
    """Where a transmission came from.

    Attributes
    ----------
    place
        (3,), m from the earth's centre.
    covariance
        (3, 3), m².
    sent_s
        When, by the clock of the arrival times.
    stations
        How many count.
    freedom
        How many measurements more than unknowns: 0 means that nothing tests it.
    cost
        χ² of what is left.
    left_out
        Index of the station that contradicts all others; None: they agree.
    ambiguous
        Another place fits as well.
    """

    place: Place
    covariance: NDArray[np.float64]
    sent_s: float
    stations: int
    freedom: int
    cost: float
    left_out: int | None
    ambiguous: bool

    def error_m(self) -> float:
        """Radius within which it lies with 95 %, on the ground's plane."""
        return radius_95(self.covariance, self.place)


class NoFix(NamedTuple):
    """Why there is none: a key of `receiver.mlat.reasons.SENTENCES`."""

    reason: str


def solve(
    stations: NDArray[np.float64],
    times_s: NDArray[np.float64],
    sigmas_s: NDArray[np.float64] | Sequence[float],
    height: Height | None = None,
    start: Place | None = None,
) -> Fix | NoFix:
    """Where a transmission came from.

    Parameters
    ----------
    stations
        (k, 3): their places.
    times_s, sigmas_s
        (k,): when it arrived by one clock, and the standard deviation of that.
    height
        Of the aircraft; None when it is not known.
    start
        A place where it may be, for instance where it was last.
    """
    k = len(times_s)
    if k < (3 if height is not None else 4):
        return NoFix("few_stations" if height is not None or k < 3 else "three_without_altitude")
    if k > MOST_STATIONS:
        stations, times_s, sigmas_s = stations[:MOST_STATIONS], times_s[:MOST_STATIONS], sigmas_s[:MOST_STATIONS]
        k = MOST_STATIONS
    first = float(times_s[0])
    ranges = (np.asarray(times_s, np.float64) - first) * AIR_M_S
    sigmas = np.maximum(np.asarray(sigmas_s, np.float64), LEAST_SIGMA_S) * AIR_M_S
    out = np.empty(OUT_SIZE)
    found = locate(
        np.ascontiguousarray(stations, np.float64),
        ranges,
        sigmas,
        USUAL_HEIGHT_M if height is None else height.height_m,
        USUAL_HEIGHT_SIGMA_M if height is None else height.sigma_m,
        height is not None,
        NO_START if start is None else start,
        start is not None,
        LIMITS,
        out,
    )
    if not found:
        return NoFix("geometry")
    used, left_out = int(out[OUT_USED]), int(out[OUT_LEFT_OUT])
    freedom = used - 4 + (height is not None)
    if not out[OUT_COST] <= LIMITS[min(freedom, len(LIMITS) - 1)]:
        return NoFix("contradiction")
    xx, xy, xz, yy, yz, zz = out[OUT_XX : OUT_ZZ + 1]
    return Fix(
        out[OUT_X : OUT_Z + 1].copy(),
        np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]),
        first + out[OUT_SENT] / AIR_M_S,
        used,
        freedom,
        float(out[OUT_COST]),
        None if left_out < 0 else left_out,
        bool(out[OUT_SECOND] <= LIMITS[min(freedom, len(LIMITS) - 1)]),
    )


def radius_95(covariance: NDArray[np.float64], place: Place) -> float:
    """Radius of the circle on the ground around a place that holds 95 % of a distribution, m."""
    latitude, longitude, _ = to_degrees(place)
    turned = axes(latitude, longitude)
    return flat_radius_95(turned @ covariance @ turned.T)


def flat_radius_95(spread: NDArray[np.float64]) -> float:
    """The same of a covariance whose first two axes lie on the ground.

    Between 1.96 (a line) and 2.45 (a circle) standard deviations of the longer axis; 2.45 of it is never too little.
    """
    (a, b, _), (_, d, _), _ = spread.tolist()
    longer = (a + d) / 2 + math.hypot((a - d) / 2, b)
    return 2.45 * math.sqrt(max(longer, 0.0))


def dilution(fix: Fix, sigmas_s: NDArray[np.float64]) -> float:
    """How much worse the place is than one arrival time (GDOP): the geometry's doing."""
    return math.sqrt(float(np.trace(fix.covariance))) / (float(np.mean(sigmas_s)) * AIR_M_S)
