"""A station of a fleet: what it receives goes to a hub, aircraft by aircraft, once a second. Payloads: `receiver/fleet/heard.py`
and docs/fleet.md."""

from receiver.sinks.fleet.sink import FleetSink

__all__ = ["FleetSink"]
