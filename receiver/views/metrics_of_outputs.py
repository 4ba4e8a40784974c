"""How the numbers that outputs report become metrics: fixed names, each with its own help.

An output reports by keys of its own (`Sink.statistics`), which MQTT publishes as they are. Here each key is given the metric
that it stands for; the label `output` says whose it is, `protocol` which of a network output's ports.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple


class Metric(NamedTuple):
    """A metric of outputs: its name without prefix, and its help."""

    name: str
    said: str


_WRITTEN = Metric("files_written_total", "Files written.")
_FAILED = Metric("write_failures_total", "Writes that failed.")
_WAITING = Metric("messages_waiting", "Messages waiting in the durable queue.")
_DROPPED = Metric("messages_dropped_total", "Messages dropped because the queue was full.")
_BY_KEY: dict[str, Metric] = {
    # MQTT
    "connected": Metric("connected", "1 while connected to the broker."),
    "connects_total": Metric("connections_total", "Connections made to the broker."),
    "published_total": Metric("messages_published_total", "Messages published."),
    "topics": Metric("retained_topics", "Topics with a retained message."),
    "topics_refused_total": Metric("topics_refused_total", "Topics not created because the maximum was reached."),
    "refused_total": Metric("messages_refused_total", "Messages that the broker refused."),
    "pending": Metric("topics_pending", "Topics whose newest state waits to be published."),
    "stream_dropped_total": Metric(
        "stream_messages_dropped_total", "Frames' messages dropped because the queue was full."
    ),
    "waiting": _WAITING,
    "waiting_bytes": Metric("waiting_bytes", "Bytes waiting in the durable queue."),
    "dropped_total": _DROPPED,
    "aircraft": Metric("aircraft", "Aircraft that the output publishes."),
    # files
    "files_written_total": _WRITTEN,
    "write_failures_total": _FAILED,
    "rows_written_total": Metric("rows_written_total", "Rows written to the history."),
    "rows_dropped_total": Metric("rows_dropped_total", "Rows dropped because the queue was full."),
    "rows_waiting": Metric("rows_waiting", "Rows waiting to be written."),
    "disk_errors_total": Metric("disk_errors_total", "Failed writes of the durable queue."),
    # log of alerts
    "alert_log_frames_bytes": Metric("frames_bytes", "Memory used by recent frames, in bytes."),
    "alert_log_written_total": Metric("alert_states_written_total", "Alert states written to the log."),
    "alert_log_failures_total": _FAILED,
    "alert_log_waiting": _WAITING,
    "alert_log_dropped_total": _DROPPED,
    # push
    "notify_waiting": _WAITING,
    "notify_dropped_total": _DROPPED,
    "notify_sent_total": Metric("pushes_sent_total", "Push messages sent."),
    "notify_refused_total": Metric("pushes_refused_total", "Push messages that the service refused."),
    "notify_given_up_total": Metric("pushes_given_up_total", "Push messages given up after retrying."),
    "notify_failed_attempts_total": Metric("push_attempts_failed_total", "Failed attempts to send a push message."),
    "notify_without_picture_total": Metric("pushes_without_picture_total", "Push messages sent without their picture."),
    "notify_summed_up_total": Metric("pushes_summed_up_total", "Alerts covered by a summary message."),
    # web
    "pages": Metric("clients", "Clients connected."),
    "slow_pages": Metric("slow_clients_disconnected_total", "Clients disconnected because they read too slowly."),
    "requests": Metric("http_requests_total", "HTTP requests answered."),
    "refused": Metric("http_requests_refused_total", "HTTP requests and streams refused by a limit."),
    "connections_cut": Metric("http_connections_cut_total", "HTTP connections closed by a limit."),
    # feeds
    "feeds_connected": Metric("feeds_connected", "Outgoing feeds that are connected."),
    "feed_attempts_total": Metric("feed_attempts_total", "Attempts to connect outgoing feeds."),
}
_BY_PORT: dict[str, Metric] = {
    "clients": _BY_KEY["pages"],
    "dropped_total": Metric("client_messages_dropped_total", "Messages dropped for clients that read too slowly."),
    "kicked_total": _BY_KEY["slow_pages"],
    "bytes_total": Metric("client_bytes_total", "Bytes sent to clients."),
    "refused_total": Metric("clients_refused_total", "Clients refused because the maximum was reached."),
}
_PORT = re.compile(r"(?P<protocol>[a-z]\w*?)_(?P<key>clients|bytes_total|dropped_total|kicked_total|refused_total)\Z")
_NOT_A_NAME = re.compile(r"[^a-zA-Z0-9_]")

Samples = list[tuple[dict[str, str], float]]


def metrics_of_outputs(outputs: Mapping[str, Mapping[str, float]]) -> dict[Metric, Samples]:
    """Samples by metric, sorted by name; the names have the prefix `output_`.

    A key that is not in the table belongs to an output that somebody added: its metric is named after the key.
    """
    out: dict[Metric, Samples] = {}
    for output, values in outputs.items():
        for key, value in values.items():
            metric, labels = _metric(key)
            out.setdefault(metric, []).append(({"output": output, **labels}, value))
    return {metric: out[metric] for metric in sorted(out)}


def _metric(key: str) -> tuple[Metric, dict[str, str]]:
    labels: dict[str, str] = {}
    metric = _BY_KEY.get(key)
    port = None if metric else _PORT.match(key)
    if port:
        metric, labels = _BY_PORT[port["key"]], {"protocol": port["protocol"]}
    if metric is None:
        metric = Metric(_NOT_A_NAME.sub("_", key), f"The output's own number {key!a}.")
    return Metric(f"output_{metric.name}", metric.said), labels
