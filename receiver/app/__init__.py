"""The service, put together.

| file | holds |
|---|---|
| `service` | `Service`: what runs, from start to finish |
| `signal` | `Signal`: what is listened to |
| `building` | from settings to source, sinks, watch |
| `process` | signals, systemd, folders, a broker of our own |
| `log_lines` | how log lines are written |
"""

from receiver.app.building import build_hub_signal, build_signal, build_sinks, build_watch
from receiver.app.log_lines import set_up_logging
from receiver.app.process import run_service, settings_with_broker, systemd_notify
from receiver.app.service import Service
from receiver.app.signal import Signal

__all__ = [
    "Service",
    "Signal",
    "build_hub_signal",
    "build_signal",
    "build_sinks",
    "build_watch",
    "run_service",
    "set_up_logging",
    "settings_with_broker",
    "systemd_notify",
]
