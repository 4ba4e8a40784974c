"""How kernels are compiled: `stage` once each and called by address, `helper` into whatever calls it, `kernel` by what Python hands it.

numba links every function that a compiled function calls into it and optimises both again, so a deep call tree is compiled once for each level:
a hundred seconds and 600 MB for the demodulator. A `stage` is compiled alone, for the types that its annotations name, and its callers hold no
more than its name (docs/decisions/0017-stages-by-address.md).

With `NUMBA_DISABLE_JIT=1` all three are plain Python, which is what the tests compare with their twins.
"""

from __future__ import annotations

import functools
import threading
import typing
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding
from numba import config, njit, types
from numba.core import cgutils
from numba.extending import intrinsic
from numba.np.numpy_support import from_dtype

from dsp.kernel_cache import KernelCache
from dsp.references import Reference

Function = typing.TypeVar("Function", bound=Callable[..., Any])

SCALARS = {
    int: types.int64,
    float: types.float64,
    bool: types.boolean,
    np.float32: types.float32,
    type(None): types.none,
}

_lock = threading.RLock()


class Stage:
    """A function that is compiled by itself, for the types of its annotations.

    Attributes
    ----------
    dispatcher
        numba's.
    symbol
        The name by which compiled code calls it.
    """

    def __init__(self, function: Callable[..., Any], fastmath: bool, entry: bool) -> None:
        hints = typing.get_type_hints(function, include_extras=True)
        self.result = numba_type(hints.pop("return"))
        arguments = (numba_type(hint) for hint in hints.values())
        self.arguments = tuple(
            Reference(one) if isinstance(one, types.NamedTuple) and not entry else one for one in arguments
        )
        self.symbol = f"squitter.{function.__module__}.{function.__qualname__}"
        # What Python does not call needs no wrapper, which would take longer to compile than the function. Nothing is allocated in a stage:
        # without `_nrt` every call would count the references of every array, atomically, which was a third of a crowded sky's time
        self.dispatcher = njit(
            nogil=True,
            _nrt=False,
            error_model="numpy",
            fastmath=fastmath,
            no_cpython_wrapper=not entry,
            no_cfunc_wrapper=True,
        )(function)
        self.dispatcher._cache = KernelCache(function)
        self._loaded = False

    def load(self) -> None:
        """Compile it, or load it from the cache, and tell its address to what calls it by name."""
        with _lock:
            if self._loaded:
                return
            self.dispatcher.compile(self.result(*self.arguments))
            compiled = self.dispatcher.overloads[self.arguments]
            address = compiled.library.get_pointer_to_function(compiled.fndesc.llvm_func_name)
            binding.add_symbol(self.symbol, address)
            self._loaded = True


STAGES: list[Stage] = []  # in the order in which they call each other: a stage is defined before what calls it
KERNELS: list[Any] = []  # the dispatchers of `kernel`


def stage(*, fastmath: bool = False, entry: bool = False) -> Callable[[Function], Function]:
    """Compile a function once, for the types of its annotations, and apart from what calls it.

    Parameters
    ----------
    fastmath
        Sums may be reordered, so that they vectorise.
    entry
        Python calls it. Whatever it calls is loaded first.
    """

    def decorate(function: Function) -> Function:
        if config.DISABLE_JIT:
            return function
        made = Stage(function, fastmath, entry)
        STAGES.append(made)
        return typing.cast(Function, _entry(made) if entry else _by_address(made))

    return decorate


def helper(*, fastmath: bool = False) -> Callable[[Function], Function]:
    """Compile a small function into every kernel that calls it. Python cannot call it."""

    def decorate(function: Function) -> Function:
        made = njit(
            nogil=True,
            _nrt=False,
            error_model="numpy",
            fastmath=fastmath,
            no_cpython_wrapper=True,
            no_cfunc_wrapper=True,
        )(function)
        return typing.cast(Function, made)

    return decorate


def kernel(*, fastmath: bool = False) -> Callable[[Function], Function]:
    """Compile a function for each kind of arguments that Python calls it with."""

    def decorate(function: Function) -> Function:
        if config.DISABLE_JIT:
            return function
        dispatcher = njit(nogil=True, error_model="numpy", fastmath=fastmath, no_cfunc_wrapper=True)(function)
        dispatcher._cache = KernelCache(function)
        KERNELS.append(dispatcher)
        return typing.cast(Function, dispatcher)

    return decorate


def load_stages(last: Stage | None = None) -> None:
    """Compile all stages, or load them from the cache; or those up to one, which are all that it calls."""
    for one in STAGES if last is None else STAGES[: STAGES.index(last) + 1]:
        one.load()


def numba_type(hint: Any) -> types.Type:
    """What numba calls the type of an annotation.

    int, float, bool and np.float32; an array as `Annotated[NDArray[…], dimensions]`, which is taken for C-contiguous; named and
    plain tuples of these.
    """
    if hint in SCALARS:
        return SCALARS[hint]
    origin, given = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        array, dimensions = given
        element = typing.get_args(typing.get_args(array)[1])[0]
        return types.Array(from_dtype(np.dtype(element)), dimensions, "C")
    if origin is tuple:
        return types.BaseTuple.from_types([numba_type(one) for one in given])
    fields = typing.get_type_hints(hint, include_extras=True)
    return types.BaseTuple.from_types([numba_type(one) for one in fields.values()], hint)


def _entry(made: Stage) -> Callable[..., Any]:
    def call(*arguments: Any) -> Any:
        if not made._loaded:
            load_stages(made)
        return made.dispatcher(*arguments)

    return functools.wraps(made.dispatcher.py_func)(call)


def _by_address(made: Stage) -> Any:
    """What other kernels see of a stage: its types and its symbol."""

    def call(typing_context: Any, *given: types.Type) -> tuple[Any, Callable[..., Any]]:
        if len(given) != len(made.arguments):
            raise TypeError(f"{made.symbol}: got {len(given)} arguments, expected {len(made.arguments)}")
        made.load()

        def code(context: Any, builder: Any, signature: Any, packed: Any) -> Any:
            # The arguments come as one tuple
            values = [
                context.cast(builder, value, is_type, wanted)
                for value, is_type, wanted in zip(
                    cgutils.unpack_tuple(builder, packed[0]), signature.args[0].types, made.arguments, strict=True
                )
            ]
            function_type = context.call_conv.get_function_type(made.result, made.arguments)
            function = cgutils.get_or_insert_function(builder.module, function_type, made.symbol)
            status, result = context.call_conv.call_function(builder, function, made.result, made.arguments, values)
            with cgutils.if_unlikely(builder, status.is_error):
                context.call_conv.return_status_propagate(builder, status)
            return result

        return made.result(types.BaseTuple.from_types(given)), code

    return intrinsic(call)
