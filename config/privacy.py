"""Rules as they may be told: a circle round the house says where the house is, in words and by what it decides.

Every aircraft's place is public to the second, and so is when an alert was raised: some twenty alerts of a rule are twenty
points on its circle, whose centre is then known to some metres. So the circle itself is moved to a centre of as many
decimals as the station's place is published with, and widened so that it holds the one that was meant.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TypeVar

from config.rules import Condition, Near, Rule
from config.station import StationSettings

KM_PER_DEG = 111.195
AnyNear = TypeVar("AnyNear", bound=Near)


def coarse_rules(rules: Iterable[Rule], station: StationSettings) -> list[Rule]:
    """The rules with every `near` and `will_pass` made coarse that does not say `exact`."""
    digits = max(0, station.location_accuracy)
    return [rule.model_copy(update={"when": _condition(rule.when, digits)}) for rule in rules]


def _condition(condition: Condition, digits: int) -> Condition:
    changes: dict[str, object] = {}
    for key in ("near", "will_pass"):
        near = getattr(condition, key)
        if near is not None:
            changes[key] = coarse_near(near, digits)
    for key in ("any", "all"):
        inner = getattr(condition, key)
        if inner is not None:
            changes[key] = [_condition(one, digits) for one in inner]
    if condition.not_ is not None:
        # widened, too: so it leaves out a little more than was meant, and never what is outside
        changes["not_"] = _condition(condition.not_, digits)
    return condition.model_copy(update=changes) if changes else condition


def coarse_near(near: AnyNear, digits: int) -> AnyNear:
    """The circle with a centre of so many decimals that holds the one that was meant; as it is, when its centre has no more.

    How much wider it gets says nothing of how far the centre was moved.
    """
    latitude, longitude = round(near.latitude, digits), round(near.longitude, digits)
    if (latitude, longitude) == (near.latitude, near.longitude):
        return near
    if near.exact:
        return near if near.name else near.model_copy(update={"name": f"{latitude:g}, {longitude:g}"})
    half_deg = 0.5 * 10.0**-digits
    margin_km = half_deg * KM_PER_DEG * math.hypot(1.0, math.cos(math.radians(latitude)))
    radius_km = near.radius_km + math.ceil(10 * margin_km) / 10
    return near.model_copy(update={"latitude": latitude, "longitude": longitude, "radius_km": round(radius_km, 1)})
