"""Frames through decoder, tracker and watch, without a service around them: what would have been noticed."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from config.rules import Rule
from config.watch import WatchSettings
from receiver.decode import Decoder
from receiver.tracking import Tracker
from receiver.watch.alerts import Alert
from receiver.watch.identity import is_derived
from receiver.watch.watch import Watch
from receiver.watch.world import Atlas, Fact
from receiver.wire.frame import Frame

SILENCE_S = 4 * 3600.0  # after the last frame: longer than any patience that settings allow
LONGEST_GAP_S = 86_400.0  # a leap of time that is larger is stepped over


def replay(frames: Iterable[Frame], watch: Watch, tracker: Tracker | None = None) -> Iterator[Alert]:
    """Every alert, as the service would have told it, up to the silence after the last frame."""
    decoder, tracker = Decoder(), tracker if tracker is not None else Tracker()
    second: float | None = None
    for frame in frames:
        now = frame.time_s
        if second is None or now < second:
            second = float(math.floor(now))
        elif now >= second + 1.0:
            # every second, also those in which nothing came: alerts end when their time is over
            if now - second > LONGEST_GAP_S:
                second = float(math.floor(now)) - LONGEST_GAP_S
            while second + 1.0 <= now:
                second += 1.0
                tracker.expire(now)
                yield from watch.expire(second)
        message = decoder.decode(frame)
        sighting = tracker.update(message) if message is not None else None
        if sighting is not None:
            yield from watch.update(sighting)
    if second is not None:
        until = second + SILENCE_S
        while second < until and watch.open_alerts():
            second += 1.0
            yield from watch.expire(second)


class RememberedRegistry:
    """Who an aircraft was, as the states of an alert tell it: its facts by what it called itself then."""

    def __init__(self, states: Sequence[Mapping[str, Any]]) -> None:
        self._known: dict[tuple[str, str | None, str | None], tuple[Fact, ...]] = {}
        for state in states:
            payload = state["payload"]
            facts = tuple(Fact(f["name"], f["value"], f["source"]) for f in payload.get("facts", ()))
            key = (payload.get("hex", ""), state.get("callsign"), state.get("category"))
            self._known[key] = tuple(fact for fact in facts if not is_derived(fact))

    def identify(self, icao: str, callsign: str | None, category: str | None) -> Sequence[Fact]:
        """The facts of that time; none for anybody else."""
        return self._known.get((icao, callsign, category), ())


def replay_alert(
    states: Sequence[Mapping[str, Any]], frames: Iterable[Frame], context: Mapping[str, Any], atlas: Atlas | None
) -> list[Alert]:
    """What the watch says of the frames kept with an alert, under the rules of then: the states of that alert only.

    Parameters
    ----------
    states, context
        As the alert log keeps them.
    """
    rules = [Rule.model_validate(rule) for rule in context["rules"]]
    settings = WatchSettings(language=context["language"], time_zone=context["time_zone"])
    watch = Watch(rules, settings, RememberedRegistry(states), atlas)
    wanted = states[0]["payload"]["id"]
    return [alert for alert in replay(frames, watch) if alert.id == wanted]
