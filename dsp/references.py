"""Named tuples handed from stage to stage by their address: numba would pass each of a hundred arrays by itself, each time.

A `Reference` is what a stage's code sees of such an argument: attributes read as those of the tuple, which never changes while it is referred to.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.datamodel import models
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, lower_cast, lower_getattr_generic, register_model


class Reference(types.Type):
    """The address of a named tuple of numba's type `to`."""

    def __init__(self, to: types.NamedTuple) -> None:
        self.to = to
        super().__init__(f"reference({to})")


@register_model(Reference)
class _Address(models.PrimitiveModel):
    def __init__(self, manager: Any, reference: Reference) -> None:
        super().__init__(manager, reference, manager.lookup(reference.to).get_value_type().as_pointer())


@infer_getattr
class _Attributes(AttributeTemplate):
    key = Reference

    def generic_resolve(self, reference: Reference, name: str) -> types.Type | None:
        fields = reference.to.fields
        return reference.to.types[fields.index(name)] if name in fields else None


@lower_getattr_generic(Reference)
def _attribute(context: Any, builder: Any, reference: Reference, address: Any, name: str) -> Any:
    field = cgutils.gep_inbounds(builder, address, 0, reference.to.fields.index(name))
    return _loaded(builder, field, builder.module.add_metadata([]))


def _loaded(builder: Any, address: Any, nothing: Any) -> Any:
    """What is at an address, number by number: LLVM may then take each load out of a loop, as it is told that none changes."""
    kind = address.type.pointee
    if isinstance(kind, ir.Aggregate):
        value = ir.Constant(kind, ir.Undefined)
        for index in range(len(kind)):
            one = _loaded(builder, cgutils.gep_inbounds(builder, address, 0, index), nothing)
            value = builder.insert_value(value, one, index)
        return value
    load = builder.load(address)
    load.set_metadata("invariant.load", nothing)
    return load


@lower_cast(types.NamedTuple, Reference)
def _taken(context: Any, builder: Any, given: types.Type, wanted: Reference, value: Any) -> Any:
    return cgutils.alloca_once_value(builder, value)
