"""The first match of two clocks: a straight line through what several aircraft say of their difference."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

import numpy as np

from dsp.clock_pairs import PAIR_SIZE

LEAST_POINTS = 6
LEAST_AIRCRAFT = 2
LEAST_SPAN_S = 1.0
LONGEST_S = 30.0  # a crystal keeps its rate so long
MOST_POINTS = 48
SPACING_S = 0.05  # in a busy sky as many points as are kept would come within half a second
MOST_RATE = 250e-6  # between two crystals of the cheapest kind
NEAR_S = 0.5e-6  # of the line
LEAST_SHARE = 0.7  # of the points that must be near
SIGMA_S = 100e-9  # of one point, at least
DRIFT_S_S2 = 2e-9  # a line is bent by so much


class Point(NamedTuple):
    """At `at_s` by the first clock the second one read `offset_s` more; one aircraft says so."""

    at_s: float
    offset_s: float
    icao: str


class Match:
    """What is known of two clocks that are not matched yet."""

    __slots__ = ("points",)

    def __init__(self) -> None:
        self.points: deque[Point] = deque(maxlen=MOST_POINTS)

    def add(self, point: Point) -> list[float] | None:
        """Take in a point; the row for a table of pairs once a line goes through most of them."""
        points = self.points
        if points and not -1.0 < point.at_s - points[-1].at_s < LONGEST_S:
            points.clear()  # the clock was set, or nothing was received for long
        if points and abs(point.at_s - points[-1].at_s) < SPACING_S:
            return None
        points.append(point)
        while point.at_s - points[0].at_s > LONGEST_S:
            points.popleft()
        if len(points) < LEAST_POINTS or point.at_s - points[0].at_s < LEAST_SPAN_S:
            return None
        return self._line()

    def _line(self) -> list[float] | None:
        at = np.array([point.at_s for point in self.points])
        offset = np.array([point.offset_s for point in self.points])
        first, base = float(at[-1]), float(offset[-1])
        t, y = at - first, offset - base
        # every line through the newest points and an earlier one: as a wrong point is no better at the end, three of them
        best: np.ndarray | None = None
        for last in (-1, -2, -3):
            run = t[last] - t
            earlier = run > LEAST_SPAN_S / 2
            rates = np.where(earlier, (y[last] - y) / np.where(earlier, run, 1.0), np.inf)
            rates = rates[np.abs(rates) < MOST_RATE]
            if not len(rates):
                continue
            left = np.abs(y - y[last] - np.outer(rates, t - t[last]))
            near = left < NEAR_S
            one = near[int(near.sum(axis=1).argmax())]
            if best is None or one.sum() > best.sum():
                best = one
        if best is None or best.sum() < max(LEAST_POINTS, LEAST_SHARE * len(t)):
            return None
        chosen = np.flatnonzero(best)
        if len({self.points[index].icao for index in chosen.tolist()}) < LEAST_AIRCRAFT:
            return None
        t, y = t[chosen], y[chosen]
        design = np.stack([np.ones_like(t), t], axis=1)
        normal = np.linalg.inv(design.T @ design)
        line = normal @ (design.T @ y)
        sigma = max(SIGMA_S, float(np.std(y - design @ line)))
        covariance = normal * sigma**2
        row = [0.0] * PAIR_SIZE
        row[:6] = [
            first, base + float(line[0]), float(line[1]),
            float(covariance[0, 0]) + SIGMA_S**2, float(covariance[0, 1]), float(covariance[1, 1]) + DRIFT_S_S2**2,
        ]  # fmt: skip
        row[6:] = [sigma**2, 1.0, float(len(t))]
        return row
