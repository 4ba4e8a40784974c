"""The source of a hub: what the stations of a fleet publish on a broker. Grouping is `receiver/fleet`'s."""

from receiver.sources.fleet.mqtt import FleetSource

__all__ = ["FleetSource"]
