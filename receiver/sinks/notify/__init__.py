"""Push: who is told of an alert at once, on a phone or by a webhook. See `sink`."""

from receiver.sinks.notify.sink import Notify

__all__ = ["Notify"]
