"""Simulated flights with a known shape (`pen`, then a file for each kind of flight), and ways to make any track worse."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator

from benchmarks.flights.loitering import beyond_the_horizon, changing_hands, cycloids, wandering
from benchmarks.flights.ordinary import airliners, wanderers
from benchmarks.flights.pen import Track
from benchmarks.flights.shapes import (
    circuits,
    eights,
    grids,
    holdings,
    moving,
    orbits,
    ovals,
    racetracks,
    searches,
    shuttles,
    spirals,
    thermals,
)  # fmt: skip

FAMILIES: tuple[Callable[[random.Random], Iterator[Track]], ...] = (
    orbits, ovals, moving, racetracks, holdings, eights, grids, circuits, thermals, airliners, wanderers,
    changing_hands, wandering, cycloids, beyond_the_horizon, spirals, searches, shuttles,
)  # fmt: skip

__all__ = [
    "FAMILIES", "airliners", "beyond_the_horizon", "changing_hands", "circuits", "cycloids", "eights", "grids", "holdings",
    "moving", "orbits", "ovals", "racetracks", "searches", "shuttles", "spirals", "thermals", "wanderers", "wandering",
]  # fmt: skip
