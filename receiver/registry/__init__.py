"""Who it is: facts of an aircraft, each with its source; the aircraft database and how it is brought up to date."""

from receiver.registry.fact import Fact
from receiver.registry.registry import Registry

__all__ = ["Fact", "Registry"]
