"""From messages to aircraft: what is believed, where they are, how good that is, and when they are gone.

`Tracker.update(message)` gives a `Sighting`, an immutable picture that sinks, the watch and the page may keep.
"""

from receiver.tracking.limits import Station, TrackingLimits
from receiver.tracking.sighting import FIELDS, Event, Freshness, Position, Sighting, Value
from receiver.tracking.statistics import TrackerStatistics
from receiver.tracking.tracker import Tracker

__all__ = [
    "FIELDS",
    "Event",
    "Freshness",
    "Position",
    "Sighting",
    "Station",
    "Tracker",
    "TrackerStatistics",
    "TrackingLimits",
    "Value",
]
