"""Where what was heard goes. To add a sink: a file here, a line in `receiver/app/building.py`, a table in `config/`.

Every sink derives from `Sink` and overrides what it wants to hear. The app calls it on the event loop, in the order of
signal time, and nothing may block or wait there: what needs time (a broker, a disk, a slow client) goes through a
bounded queue of the sink's own, worked off in its `run`.
"""

from receiver.views.outlets import Air, Sink

__all__ = ["Air", "Sink"]
