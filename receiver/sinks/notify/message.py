"""One message to one channel, and how it waits in the outbox."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any

TEXTS_TOLD = 3
SUMMARY = "summary-"  # begins the id of a message for many


@dataclass(frozen=True, slots=True)
class Message:
    """An alert for one channel.

    Attributes
    ----------
    alert_id, title, text, severity
        Of the alert.
    payload
        The alert as JSON has it.
    picture
        A card belongs to it, now or in a moment.
    """

    alert_id: str
    title: str
    text: str
    severity: str
    payload: dict[str, Any] = field(default_factory=dict)
    picture: bool = False

    def body(self) -> bytes:
        """As it waits."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":")).encode()


def message_of(body: bytes) -> Message | None:
    """What waits; None when it is damaged."""
    try:
        told = json.loads(body)
        message = Message(**told)
    except (ValueError, TypeError):
        return None
    texts = (message.alert_id, message.title, message.text, message.severity)
    if not all(isinstance(text, str) for text in texts) or not isinstance(message.payload, dict):
        return None
    return message


_WORDS = {
    "en": ("and {count} more", "{count} more alerts of this rule within an hour, not sent one by one: {texts}{rest}"),
    "es": ("y {count} más", "{count} alertas más de esta regla en una hora, no enviadas una por una: {texts}{rest}"),
}


def summary(before: Message | None, rule: str, title: str, alert: Message, language: str) -> Message:
    """One message for all that are not sent one by one: the one before, and another alert.

    Parameters
    ----------
    before
        None: the alert is the first of them.
    title
        Of the rule.
    """
    told = {} if before is None else before.payload
    count = int(told.get("count", 0)) + 1
    ids = [*told.get("alerts", [])[:49], alert.alert_id]
    texts = [*told.get("texts", []), alert.text][:TEXTS_TOLD]
    severities = ("info", "warning", "critical")
    loudest = max(alert.severity, "info" if before is None else before.severity, key=severities.index)
    head, body = _WORDS.get(language, _WORDS["en"])
    rest = " …" if count > len(texts) else ""
    return Message(
        f"{SUMMARY}{rule}",
        f"{title}: {head.format(count=count)}",
        body.format(count=count, texts="; ".join(texts), rest=rest),
        loudest,
        {"summary": True, "rule": rule, "count": count, "alerts": ids, "texts": texts},
    )
