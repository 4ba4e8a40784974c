"""Keys as they are pressed, in a terminal that hands them over one by one."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

SEQUENCES = {
    b"\x1b[A": "up", b"\x1b[B": "down", b"\x1b[5~": "page up", b"\x1b[6~": "page down", b"\x1b[H": "home", b"\x1b[F": "end",
    b"\x1bOA": "up", b"\x1bOB": "down", b"\x1b[1~": "home", b"\x1b[4~": "end", b"\r": "enter", b"\n": "enter", b"\x1b": "escape",
    b"k": "up", b"j": "down", b" ": "page down", b"b": "page up", b"g": "home", b"G": "end",
}  # fmt: skip
"""What a terminal sends, and what it means; as less and vi have them, too."""


def names(data: bytes) -> list[str]:
    """The keys in what a terminal has sent: a name of `SEQUENCES`, else the character; unknown sequences are passed over."""
    out: list[str] = []
    while data:
        found = next((s for s in sorted(SEQUENCES, key=len, reverse=True) if data.startswith(s)), None)
        if found == b"\x1b" and len(data) > 1:  # an unknown sequence: nothing that follows is a key of its own
            return out
        if found is not None:
            out.append(SEQUENCES[found])
            data = data[len(found) :]
            continue
        character = chr(data[0])
        if character.isprintable() and data[0] < 128:
            out.append(character)
        data = data[1:]
    return out


class Keys:
    """Calls `press` with each key while it is entered. Where standard input is no terminal, nothing happens."""

    def __init__(self, press: Callable[[str], None]) -> None:
        self._press = press
        self._before: list[Any] | None = None

    def __enter__(self) -> Self:
        if sys.stdin.isatty() and sys.stdout.isatty():
            import termios
            import tty

            self._descriptor = sys.stdin.fileno()
            self._before = termios.tcgetattr(self._descriptor)
            tty.setcbreak(self._descriptor)
            asyncio.get_running_loop().add_reader(self._descriptor, self._read)
        return self

    def _read(self) -> None:
        data = os.read(self._descriptor, 256)
        if not data:  # the terminal has gone
            asyncio.get_running_loop().remove_reader(self._descriptor)
        for name in names(data):
            self._press(name)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._before is not None:
            import termios

            asyncio.get_running_loop().remove_reader(self._descriptor)
            termios.tcsetattr(self._descriptor, termios.TCSADRAIN, self._before)
            self._before = None
