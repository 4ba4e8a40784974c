"""What is handed to the bus: a message with its place and its rank."""

from __future__ import annotations

from dataclasses import dataclass

JSON = "application/json"
TEXT = "text/plain"
PNG = "image/png"
BEAST = "application/octet-stream"


@dataclass(frozen=True, slots=True)
class Publication:
    """A message for the broker.

    Attributes
    ----------
    topic, payload, qos, retain
        As MQTT has them.
    expiry_s
        After how long an MQTT 5 broker forgets it; None: never.
    content_type
        Told to MQTT 5 subscribers.
    correlation
        What an answer carries so that the one who asked knows it again (MQTT 5); empty: nothing.
    """

    topic: str
    payload: bytes
    qos: int = 0
    retain: bool = False
    expiry_s: int | None = None
    content_type: str = JSON
    correlation: bytes = b""
