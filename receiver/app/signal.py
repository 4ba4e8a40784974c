"""What the service listens to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from receiver.clock import SignalClock
from receiver.pipeline.heard import Heard
from receiver.pipeline.hub import Locator
from receiver.pipeline.pump import pump


@dataclass(frozen=True, slots=True)
class Signal:
    """What is listened to.

    Attributes
    ----------
    heard
        Begins to listen.
    close
        Makes it end soon, from any thread.
    kind
        For the station's description: rtlsdr, recording, scene, …
    live
        It goes on for ever, in real time: the watch remembers across restarts, and the end is no silence.
    controls
        What may be asked of it while it runs, by name: takes a text, gives what was done, raises ValueError.
    save
        Keeps the last seconds of it on disk when an alert is raised; None: not wanted.
    finish
        Waits so many seconds (blocking) for a recording that is being saved, then has it closed as it is. None: nothing
        is ever saved.
    about
        What is known of how an aircraft is received, by address: it is added to its object. None: nothing.
    clock
        What live signals are timed by; frames that come in beside the source are stamped with the same one.
    locator
        Locates transmissions of those who broadcast no position; None: a single station cannot.
    """

    heard: Callable[[], AsyncGenerator[Heard, None]]
    close: Callable[[], None]
    kind: str
    live: bool = False
    controls: Mapping[str, Callable[[str], str]] = field(default_factory=dict)
    save: Callable[[str], object] | None = None
    finish: Callable[[float], object] | None = None
    about: Callable[[str], Mapping[str, Any]] | None = None
    clock: SignalClock = field(default_factory=SignalClock)
    locator: Locator | None = None

    @classmethod
    def of_feed(cls, feed: Iterable[Heard], close: Callable[[], None], kind: str) -> Signal:
        """A feed that blocks while there is nothing to hear, and therefore runs in a thread."""
        return cls(lambda: pump(feed, close), close, kind)
