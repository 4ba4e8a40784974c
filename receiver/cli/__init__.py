"""The command line: one file a command, named in the table below.

A command's module has `add_arguments(parser)` and `run(arguments) -> int` (the exit status: 0 done, 1 failed, 2 bad
usage or configuration). Only the module of the command that was typed is imported: `squitter --help` must not wait for
numba on a Raspberry Pi. A failure a person can act on is a `SquitterError` (or a `ConfigError`), one line long.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from receiver import __version__
from receiver.cli.examples import epilog
from receiver.errors import SquitterError, UsageError

# name -> what it does, in the order of --help. The module is receiver.cli.<name>, with _ for -.
COMMANDS = {
    "setup": "create a settings file from a few questions; changes nothing unasked",
    "run": "run the service: receive, track, publish over MQTT, serve the map and the outputs",
    "hub": "run the service for many stations as one: receptions from a broker instead of a dongle",
    "demo": "run the service on simulated traffic: no dongle, no broker, no configuration",
    "replay": "run the service on recordings instead of a dongle",
    "decode": "decode recordings into frames or messages, as fast as possible",
    "record": "record samples from the dongle as SigMF",
    "top": "show aircraft as a live table in the terminal, from the map or from MQTT",
    "history": "list past flights, export their tracks",
    "ha": "remove the device from Home Assistant, show its description, or run as an add-on",
    "synth": "simulate a scene as samples, with the truth beside them",
    "bench": "measure speed and sensitivity of the demodulator on this machine",
    "warmup": "compile the demodulator for this processor, once, before it is needed",
    "doctor": "check dongle, power, clock, broker and settings, and say how to fix what is wrong",
    "service": "install Squitter as a service of this system, or remove it",
    "db": "update the aircraft database, or show what is known of an aircraft",
    "watch": "test rules on recordings, check them",
    "alerts": "list past alerts, show, bundle and replay them",
    "config": "check, show or describe the settings",
    "completion": "print what bash, zsh or fish needs to complete commands and options",
}


# those that are nothing without the action that follows; alone, they show their help
GROUPS = frozenset({"alerts", "config", "db", "ha", "history", "service", "watch"})


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command that `argv` (default: the process's arguments) names; the result is the exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    if argv is None:
        settle_output()
        settle_home()
    try:
        refuse_foreign_config()
        from config.errors import ConfigError
        from dsp.shipped import choose

        choose()

        command = arguments[0] if arguments and arguments[0] in COMMANDS else None
        if command is None:
            refuse_unknown(arguments)
        parser = argparse.ArgumentParser(
            prog="squitter", description="Receive Mode S and ADS-B at 1090 MHz and publish aircraft over MQTT."
        )
        parser.add_argument("-V", "--version", action="version", version=f"squitter {__version__}")
        subparsers = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
        for name, does in COMMANDS.items():
            subparser = subparsers.add_parser(
                name,
                help=does,
                description=does[0].upper() + does[1:] + ".",
                epilog=epilog(name),
                formatter_class=argparse.RawDescriptionHelpFormatter,
            )
            if name == command:
                module = importlib.import_module(f"receiver.cli.{name.replace('-', '_')}")
                module.add_arguments(subparser)
                if arguments == [name] and name in GROUPS:
                    subparser.print_help(sys.stderr)
                    return 2
        if not arguments:
            parser.print_help(sys.stderr)
            return 2
        parsed = parser.parse_args(arguments)
        try:
            return int(module.run(parsed))
        except ConfigError as error:
            raise UsageError(str(error)) from error
    except UsageError as error:
        print(f"squitter: {error}", file=sys.stderr)
        return 2
    except SquitterError as error:
        print(f"squitter: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # The reader of our output has gone (`| head`). Python would complain once more while flushing at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a full disk, a folder that cannot be made: nobody's bug
        where = f"{error.filename}: " if error.filename else ""
        print(f"squitter: {where}{error.strerror or error}", file=sys.stderr)
        try:
            sys.stdout.flush()
        except OSError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130


def refuse_unknown(arguments: Sequence[str]) -> None:
    """Raise UsageError when the first argument is neither a command nor an option, with the command that was likely meant."""
    if not arguments or arguments[0].startswith("-"):
        return
    near = difflib.get_close_matches(arguments[0], COMMANDS, n=1)
    hint = f"did you mean `squitter {near[0]}`?" if near else "`squitter --help` lists the commands"
    raise UsageError(f"unknown command {arguments[0]!r}; {hint}")


def settle_output() -> None:
    """Write UTF-8 into files and pipes, and to a terminal of another alphabet whatever of it there is: `é → °` must end no
    program."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.encoding.lower() not in ("utf-8", "utf8"):
            if stream.isatty():
                stream.reconfigure(errors="replace")
            else:
                stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def settle_home() -> None:
    """A user that has no home folder and no name (a container's `--user 1234`) begins in `/`: what `~` leads to cannot be
    written then, and is told one by one; everything else works."""
    if os.path.expanduser("~") == "~":
        os.environ["HOME"] = "/"
        print(
            "squitter: this user has no home folder: ~ stands for / now; set HOME, or absolute paths in the settings",
            file=sys.stderr,
        )


def refuse_foreign_config() -> None:
    """Raise UsageError when `config` or `dsp` is not the package installed beside this one.

    Both names are common: another distribution's `config` in the same environment overwrites ours, and a `config.py`
    in the working directory shadows it under `python -m`.
    """
    ours = Path(__file__).resolve().parents[2]
    for name in ("config", "dsp"):
        found = getattr(importlib.import_module(name), "__file__", None)
        if found is None or Path(found).resolve().parent != ours / name:
            raise UsageError(
                f"the Python package `{name}` is not Squitter's: got {found}, expected {ours / name}; "
                "install squitter into an environment of its own (pipx, uv tool, a venv) and start it as `squitter`"
            )
