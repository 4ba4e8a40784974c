"""Noticing: rules, patterns, and alerts from raised to ended. Knows no sink.

`Watch.update(sighting)` and `Watch.expire(now)` give the alerts that went out; everything else hangs below them.
"""

from pathlib import Path

from receiver.watch.alerts import Alert
from receiver.watch.watch import Watch, rules_in_force
from receiver.watch.world import Aerodrome, Atlas, Fact, Land, NearPlace, Registry

DEFAULT_RULES = Path(__file__).with_name("default_rules.toml")

__all__ = [
    "DEFAULT_RULES",
    "Aerodrome",
    "Alert",
    "Atlas",
    "Fact",
    "Land",
    "NearPlace",
    "Registry",
    "Watch",
    "rules_in_force",
]
