"""How a station does, in a few words and numbers: what goes into the statistics of a hub."""

from __future__ import annotations

from typing import Any

from receiver.fleet.agreement import Standing
from receiver.fleet.clocks import Clocks
from receiver.fleet.stations import Station


def health_of(
    station: Station, clocks: Clocks, standing: Standing | None, cells: tuple[int, int] | None, now: float
) -> dict[str, Any]:
    """The health of a station; a quantity that is not known is left out.

    `state`: receiving, silent (nothing comes), offline (the broker says so), quarantined (what it says cannot be), clock
    (its clock is wrong: it is timed by arrival), unaligned (it shares too little with others to be timed by them).
    """
    newest = max(clocks.of_station(station.number), key=lambda clock: clock.heard_s, default=None)
    out: dict[str, Any] = {"name": station.name, "state": _state(station, clocks, standing, now)}
    if station.heard_s is not None:
        out["seen"] = round(max(0.0, now - station.heard_s), 1)
    out |= {
        "frames_per_s": round(station.frames_per_s, 1),
        "aircraft": len(station.addresses),
        "frames": station.frames,
        "late": station.late,
        "refused": station.refused,
        "damaged": station.damaged,
    }
    if station.transmissions:
        out["shared"] = round(station.shared / station.transmissions, 3)
    if cells is not None:
        out["cells"], out["cells_alone"] = cells
    if newest is not None:
        if newest.aligned:
            out["clock_s"] = round(-newest.correction_s, 6)
        if newest.wrong_by_s is not None and newest.claims:
            out["clock_wrong_s"] = round(newest.wrong_by_s, 1)
        if newest.drift_ppm is not None:
            out["drift_ppm"] = round(newest.drift_ppm, 2)
    if isinstance(gaps := station.clock.get("gaps"), int):
        out["gaps"] = gaps
    if standing is not None and standing.contradicted:
        out["contradicted"] = dict(sorted(standing.contradicted.items()))
    return out


def _state(station: Station, clocks: Clocks, standing: Standing | None, now: float) -> str:
    if standing is not None and standing.is_quarantined(now):
        return "quarantined"
    if station.is_silent(now):
        return "offline" if station.online is False else "silent"
    newest = max(clocks.of_station(station.number), key=lambda clock: clock.heard_s, default=None)
    if newest is None or newest.aligned:
        return "receiving"
    return "clock" if newest.wrong_by_s is not None and newest.claims else "unaligned"
