"""Home Assistant: what it is told so that it finds the receiver by itself."""

from __future__ import annotations

from config.base import Section, setting


class HomeAssistantSettings(Section):
    """`[home_assistant]`"""

    enabled: bool = setting(
        True,
        "Home Assistant",
        "Tell Home Assistant, over the same broker, which entities there are. Off: it has to be told by hand.",
        "true or false",
    )
    discovery_prefix: str = setting(
        "homeassistant",
        "Discovery prefix",
        "As in Home Assistant's MQTT integration.",
        "topic levels of letters, digits, - and _, separated by /",
        pattern=r"^[A-Za-z0-9_-]+(/[A-Za-z0-9_-]+)*$",
        max_length=100,
    )
