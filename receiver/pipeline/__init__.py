"""From a source to the sinks: a thread that hears, one event loop that understands, nothing shared between them.

```
  thread (feeds.py)                     │  event loop (hub.py)
  source ─▶ demodulator ─▶ Heard ──────▶│─▶ decoder ─▶ tracker ─▶ watch ─▶ sinks
                            bounded, waits when full: what cannot be carried is lost at the source, where it is counted
```
"""
