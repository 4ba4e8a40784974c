"""What several aircraft do together: these conditions stand alone, and are about no single one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from receiver.watch.fleet import Fleet

FleetCheck = Callable[[Fleet], "str | None"]


def _gps_spoofed_aircraft(count: int) -> FleetCheck:
    def check(fleet: Fleet) -> str | None:
        there = fleet.deceived()
        return f"positions of {len(there)} aircraft cannot be true" if len(there) >= count else None

    return check


def _gps_lost_aircraft(count: int) -> FleetCheck:
    def check(fleet: Fleet) -> str | None:
        lost = fleet.gps_lost
        return f"GPS lost by {len(lost)} aircraft within 10 min (sent by the aircraft)" if len(lost) >= count else None

    return check


def _military_aircraft(count: int) -> FleetCheck:
    def check(fleet: Fleet) -> str | None:
        there = fleet.company.military(fleet.now)
        return f"{len(there)} military aircraft at once" if len(there) >= count else None

    return check


def _formation_aircraft(count: int) -> FleetCheck:
    def check(fleet: Fleet) -> str | None:
        there, _ = fleet.company.group()
        return f"{len(there)} aircraft fly together" if len(there) >= count else None

    return check


MAKERS: dict[str, Callable[[Any], FleetCheck]] = {
    "gps_lost_aircraft": _gps_lost_aircraft,
    "gps_spoofed_aircraft": _gps_spoofed_aircraft,
    "military_aircraft": _military_aircraft,
    "formation_aircraft": _formation_aircraft,
}
