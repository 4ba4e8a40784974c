"""Records that are built for every message: frozen dataclasses that cost little to build.

A frozen dataclass sets each of its fields by a call of `object.__setattr__`, which takes ten times as long as an assignment.
With some thirty records a message that was a quarter of what decoding and tracking cost. A record is filled while it is a
twin of its class that takes assignments, and then becomes what it is: half the time with four fields, a fifth with twelve.
"""

from __future__ import annotations

import dataclasses
from typing import Any, TypeVar, dataclass_transform

T = TypeVar("T")


@dataclass_transform(frozen_default=True)
def record(cls: type[T]) -> type[T]:
    """A frozen dataclass with slots, equal and hashed by its fields. Defaults are plain values; a class that derives from
    a record is one, too.

    Raises
    ------
    TypeError
        A field has a default factory, or the class wants to do something after it was built.
    """
    made: Any = dataclasses.dataclass(frozen=True, slots=True)(cls)
    fields = dataclasses.fields(made)
    if hasattr(made, "__post_init__") or any(one.default_factory is not dataclasses.MISSING for one in fields):
        raise TypeError(f"{cls.__name__}: got a default factory or __post_init__, expected plain values in a record")
    # the same slots on the same bases: only then can one become the other
    body = {"__slots__": made.__slots__, "__setattr__": object.__setattr__}
    if "__orig_bases__" in vars(made):
        body["__orig_bases__"] = made.__orig_bases__
    twin = type(f"_{cls.__name__}", made.__bases__, body)
    names = {"_put": object.__setattr__, "_twin": twin, "_made": made}
    parameters = []
    for one in fields:
        if one.default is dataclasses.MISSING:
            parameters.append(one.name)
        else:
            names[f"_{one.name}"] = one.default
            parameters.append(f"{one.name}=_{one.name}")
    lines = [
        f"def __init__(self, {', '.join(parameters)}):",
        " _put(self, '__class__', _twin)",
        *(f" self.{one.name} = {one.name}" for one in fields),
        " self.__class__ = _made",
    ]
    functions: dict[str, Any] = {}
    exec("\n".join(lines), names, functions)  # as dataclasses does; names of fields only
    made.__init__ = functions["__init__"]
    return made  # type: ignore[no-any-return]
