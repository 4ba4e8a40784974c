"""Moves every moment in what is remembered, when the clock has been set.

A moment is a float from `FIRST` up: seconds since 1970. Nothing else in memory is as large: degrees, feet, durations and
counters are small or whole numbers, and the signal clock never says less than 2026. So whatever a class remembers, it
moves along, and a field that is added tomorrow does, too. What is shared before is shared after; what is frozen is made
anew. The cost is that of a walk, some 20 µs an aircraft, once a step of the clock.
"""

from __future__ import annotations

import dataclasses
from array import array
from collections import deque
from collections.abc import Iterator
from enum import Enum
from typing import Any

FIRST = 1e9  # September 2001
LAST = 1e11  # the year 5138; what is larger stands for "never"
ROOMS = (
    "receiver.tracking",
    "receiver.watch",
    "receiver.decode",
    "receiver.wire",
    "receiver.mlat",
    "receiver.fleet",
    "receiver.pipeline",
    "receiver.sinks",
    "receiver.web",
)
"""Whose objects are looked into; anything else (the atlas, a time zone, a rule) knows no moments."""
_PLAIN = (int, str, bytes, bool, type(None), frozenset)


def move_moments(by_s: float, *roots: Any, since: float = FIRST, until: float = LAST) -> None:
    """Move all moments that can be reached from the roots; a root itself must be a mutable object or container.

    Parameters
    ----------
    since, until
        Moments outside are left: what an earlier run has left was told by another clock, mostly a right one.
    """
    walk = _Walk(by_s, max(FIRST, since), min(LAST, until))
    for root in roots:
        walk.moved(root)


class _Walk:
    def __init__(self, by_s: float, first: float, last: float) -> None:
        self._by_s = by_s
        self._first, self._last = first, last
        self._done: dict[int, tuple[Any, Any]] = {}  # id -> what it was (kept, or its id is given away), what it is

    def moved(self, thing: Any) -> Any:
        """The thing after the move: itself, unless it had to be made anew."""
        kind = type(thing)
        if kind is float:
            return thing + self._by_s if self._first <= thing < self._last else thing
        if kind in _PLAIN:
            return thing
        known = self._done.get(id(thing))
        if known is not None:
            return known[1]
        self._done[id(thing)] = (thing, thing)  # a circle ends here
        now = self._visit(thing, kind)
        if now is not thing:
            self._done[id(thing)] = (thing, now)
        return now

    def _visit(self, thing: Any, kind: type) -> Any:
        if kind is dict or kind.__name__ in ("defaultdict", "OrderedDict", "Counter"):
            for key, value in list(thing.items()):
                new_key, new = self.moved(key), self.moved(value)
                if new_key is not key and new_key != key:
                    del thing[key]
                    thing[new_key] = new
                elif new is not value:
                    thing[key] = new
            return thing
        if kind is list or kind is deque:
            for k, value in enumerate(thing):
                new = self.moved(value)
                if new is not value:
                    thing[k] = new
            return thing
        if kind is set:
            anew = {self.moved(value) for value in thing}
            if anew != thing:
                thing.clear()
                thing.update(anew)
            return thing
        if kind is array:
            if thing.typecode == "d":
                for k, value in enumerate(thing):
                    if self._first <= value < self._last:
                        thing[k] = value + self._by_s
            return thing
        if isinstance(thing, tuple):
            parts = [self.moved(value) for value in thing]
            if all(new is old for new, old in zip(parts, thing, strict=True)):
                return thing
            return kind(*parts) if hasattr(kind, "_fields") else tuple(parts)
        if isinstance(thing, type | Enum) or not kind.__module__.startswith(ROOMS):
            return thing
        return self._visit_object(thing, kind)

    def _visit_object(self, thing: Any, kind: type) -> Any:
        frozen = dataclasses.is_dataclass(kind) and kind.__dataclass_params__.frozen  # type: ignore[attr-defined]
        changes: dict[str, Any] = {}
        for name in _attributes(thing, kind):
            try:
                value = getattr(thing, name)
            except AttributeError:
                continue  # a slot that was never filled
            new = self.moved(value)
            if new is not value:
                changes[name] = new
        if frozen:
            return dataclasses.replace(thing, **changes) if changes else thing
        for name, new in changes.items():
            setattr(thing, name, new)
        return thing


def _attributes(thing: Any, kind: type) -> Iterator[str]:
    for base in kind.__mro__:
        slots = base.__dict__.get("__slots__", ())
        yield from (slots,) if isinstance(slots, str) else slots
    yield from list(getattr(thing, "__dict__", ()))
