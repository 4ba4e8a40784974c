"""The log of past alerts: every state, the card, and what the aircraft sent, so that an alert can be replayed."""

from receiver.sinks.alert_log.bundle import IQ_META, iq_bytes, read_bundle, write_bundle
from receiver.sinks.alert_log.recall import PastAlert, recall
from receiver.sinks.alert_log.sink import AlertLog
from receiver.sinks.alert_log.store import LoggedAlert, Store

__all__ = [
    "IQ_META",
    "AlertLog",
    "LoggedAlert",
    "PastAlert",
    "Store",
    "iq_bytes",
    "read_bundle",
    "recall",
    "write_bundle",
]
