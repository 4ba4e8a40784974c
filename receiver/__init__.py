"""Squitter, the service: samples from an antenna or a recording, aircraft onto an MQTT bus."""

__version__ = "0.1.0"
