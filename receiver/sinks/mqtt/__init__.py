"""MQTT: state, events and alerts on a broker, however the broker does. Topics and payloads: docs/mqtt.md."""

from receiver.broker.publication import Publication
from receiver.sinks.mqtt.publisher import Publisher
from receiver.sinks.mqtt.sink import MqttSink

__all__ = ["MqttSink", "Publication", "Publisher"]
