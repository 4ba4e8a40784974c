"""What is to be done to a machine: files and commands in their order, shown or done."""

from __future__ import annotations

import os
import shlex
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from receiver.errors import SquitterError


@dataclass(frozen=True, slots=True)
class Step:
    """One of them: a file that is written, a file that is removed, or a command.

    Attributes
    ----------
    why
        A few words for people.
    path, content
        A file and what stands in it; content None: it is removed.
    command
        A program with its arguments, when `path` is None.
    may_fail
        A command whose failure stops nothing (no systemd in a container, a driver that is not loaded).
    mode
        The file's permissions.
    """

    why: str
    path: Path | None = None
    content: bytes | None = None
    command: tuple[str, ...] = ()
    may_fail: bool = False
    mode: int = 0o644

    def shown(self) -> str:
        """As a line for the terminal."""
        if self.path is not None:
            what = f"remove {self.path}" if self.content is None else f"write  {self.path} ({len(self.content)} bytes)"
        else:
            what = f"run    {shlex.join(self.command)}"
        return f"{what}\n         {self.why}"


def take(steps: Iterable[Step], tell: Callable[[str], None], root: Path = Path("/")) -> None:
    """Do them, each told before.

    Parameters
    ----------
    root
        Where files are written; commands are run only on the real machine, that is below "/".

    Raises
    ------
    SquitterError
        A step failed; those before it are done.
    """
    for step in steps:
        tell(step.shown())
        if step.path is not None:
            _put(root / step.path.relative_to("/"), step)
        elif root == Path("/"):
            _run(step)


def _put(path: Path, step: Step) -> None:
    try:
        if step.content is None:
            path.unlink(missing_ok=True)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f".{path.name}.new")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, step.mode)
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(step.content)
        fresh.chmod(step.mode)
        fresh.replace(path)
    except OSError as error:
        raise SquitterError(f"{path}: {error.strerror}; is this run as root (sudo)?") from None


def _run(step: Step) -> None:
    try:
        done = subprocess.run(step.command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        if step.may_fail:
            return
        raise SquitterError(f"{step.command[0]} is not installed; it was needed to: {step.why}") from None
    if done.returncode and not step.may_fail:
        said = (done.stderr or done.stdout).strip().splitlines()
        raise SquitterError(
            f"{shlex.join(step.command)}: status {done.returncode}: {said[-1] if said else 'no output'}"
        )
