"""`squitter setup`: a few questions, a settings file, and what to type next. Changes nothing unasked."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where the file goes."""
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="FILE",
        help="where to (default: ~/.config/squitter/squitter.toml; as root /etc/squitter/squitter.toml)",
    )
    parser.add_argument("--print", action="store_true", help="print the file instead of writing it")


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, also when the owner would rather not."""
    from config.load import load
    from receiver.atlas import Atlas
    from receiver.setup.questions import Interview, broker, feeds, lists, place, web
    from receiver.setup.settings_file import settings_text

    path = arguments.output or default_path()
    interview = Interview(input, print)
    print(f"A few questions; Enter takes what stands in brackets, Ctrl-C leaves everything as it is. The file: {path}")
    print("`squitter doctor` looks after dongle and broker at any time.")

    def near(latitude: float, longitude: float) -> str | None:
        found = Atlas().near(latitude, longitude, "en")
        if found is None:
            return None
        apart = f"{found.distance_km:.0f} km from " if found.distance_km >= 1 else ""
        return ", ".join(part for part in (f"{apart}{found.name}", found.region, found.country) if part)

    values: dict[str, object] = {"station.name": interview.text("\nname of this station", "home")}
    values |= place(interview, near)
    for ask in (broker, web, lists, feeds):
        values |= ask(interview)
    text = settings_text(values)
    if arguments.print:
        print(f"\n{text}")
        return 0
    print(f"\n{text.replace(str(values.get('mqtt.password') or chr(0)), '…')}")
    question = (
        f"{path} is there already. Replace it? The old one is kept as {path.name}.old"
        if path.exists()
        else f"Write {path}?"
    )
    if not interview.yes(question, not path.exists()):
        print("Nothing was written.")
        return 0
    write(path, text)
    load(path, os.environ)  # says so when something in the environment contradicts it
    own = own_name()
    print(
        f"\nWritten: {path}\nNext:\n  {own} doctor\n      what is wrong, if anything\n  {own} run\n      start it here"
    )
    if values.get("registry.update") != "weekly":
        print(f"  {own} db update\n      types and operators, once")
    print("  To start it at each boot: README, “At each boot”, with this file as --settings")
    return 0


def own_name() -> str:
    """What a person types to start this program: its name where the shell finds it, else its path."""
    found = Path(sys.argv[0])
    return "squitter" if shutil.which("squitter") or found.name != "squitter" else str(found)


def default_path() -> Path:
    """Where `run` finds it: root's is the system's."""
    return (
        Path("/etc/squitter/squitter.toml")
        if os.geteuid() == 0
        else Path("~/.config/squitter/squitter.toml").expanduser()
    )


def write(path: Path, text: str) -> None:
    """The file, readable by its owner only, for it may hold a password; one that was there is kept beside it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        path.replace(path.with_name(path.name + ".old"))
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as stream:
        stream.write(text)
