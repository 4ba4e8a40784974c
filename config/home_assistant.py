"""Home Assistant: MQTT discovery."""

from __future__ import annotations

from config.base import Section, setting


class HomeAssistantSettings(Section):
    """`[home_assistant]`"""

    enabled: bool = setting(
        True,
        "Home Assistant",
        "Publish MQTT discovery messages, so that Home Assistant adds the receiver's entities automatically.",
        "true or false",
    )
    discovery_prefix: str = setting(
        "homeassistant",
        "Discovery prefix",
        "Must match the prefix set in Home Assistant's MQTT integration.",
        "topic levels of letters, digits, - and _, separated by /",
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        max_length=100,
    )
