"""The connection to an MQTT broker, for everybody who publishes or subscribes: sinks, the fleet's hub, commands."""
