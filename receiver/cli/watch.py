"""`squitter watch test|check`: what a set of rules would have noticed in recordings; whether rules are good."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from config.privacy import coarse_rules
from config.rules import Rule, load_rules
from config.settings import Settings
from receiver.cli.archive import add_archive_arguments, run_archive
from receiver.cli.decode import add_recording_arguments, frames_of, open_source
from receiver.cli.decode_summary import Summary
from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import UsageError
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.watch.replay import replay
from receiver.wire.frame import Frame

DEFAULT = "default"
COLUMNS = {"at": "double"} | dict.fromkeys(
    ("file", "id", "rule", "state", "severity", "icao", "clause", "text", "notify", "payload"), "string"
)
_COLOURS = {"info": "cyan", "warning": "yellow", "critical": "red"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """test and check."""
    actions = parser.add_subparsers(dest="action", metavar="test|check", required=True)
    test = actions.add_parser("test", help="say what rules would have noticed in recordings, when and why")
    test.add_argument("rules", metavar="RULES", help="rules file (TOML), or `default` for the built-in rules")
    test.add_argument(
        "files",
        nargs="+",
        metavar="RECORDING",
        help="IQ as `decode` takes it, frames (.beast, .avr, .txt), or a scene (.toml)",
    )
    add_recording_arguments(test)
    add_archive_arguments(test)
    test.add_argument(
        "--all", action="store_true", help="show updates as well, not only where an alert begins and ends"
    )
    test.add_argument("--json", action="store_true", help="every alert as JSON, one a line")
    test.add_argument("--pictures", type=Path, metavar="DIR", help="write the last card of each alert into this folder")
    test.add_argument("-q", "--quiet", action="store_true", help="no summary")
    add_settings_arguments(test)
    check = actions.add_parser("check", help="say whether a rules file is good, and name every mistake")
    check.add_argument(
        "rules", metavar="RULES", nargs="?", default=DEFAULT, help="rules file (default: the built-in rules)"
    )


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 2 when rules or options are bad."""
    path = DEFAULT_RULES if arguments.rules == DEFAULT else Path(arguments.rules)
    rules = load_rules(path).rule
    if arguments.action == "check":
        Watch(rules, folder=path.parent)  # reads polygons as well
        print(f"{len(rules)} rules are good ({path})")
        for rule in rules:
            print(f"  {rule.name}: {rule.severity}, {describe(rule)}")
        return 0
    settings = load_settings(arguments).settings
    if arguments.workers is not None:
        if arguments.pictures is not None or arguments.json:
            raise UsageError("--workers: results go to --results; --json and --pictures need one process")
        work = partial(alerts_in, arguments=arguments, rules=rules, folder=path.parent, loaded=settings)
        asked = repr(
            (
                path.read_bytes(),
                arguments.rate,
                arguments.format,
                arguments.start_time,
                settings.watch,
                settings.station,
            )
        )
        return run_archive(arguments, arguments.files, "alerts", asked, COLUMNS, work)
    return test(arguments, rules, path.parent, settings)


def describe(rule: Rule) -> str:
    """Who is told, in words."""
    told = f"tells {', '.join(rule.notify)}" if rule.notify else "no push, logged only"
    return told + ("" if rule.enabled else "; switched off")


def test(arguments: argparse.Namespace, rules: list[Rule], folder: Path, loaded: Settings) -> int:
    """Run the recordings through decoder, tracker and watch, as one flow."""
    sources = [frames_in(path, arguments) for path in arguments.files]  # all mistakes before any output
    from receiver.atlas import Atlas
    from receiver.registry import Registry

    atlas = Atlas(loaded.web.map_file)
    settings = loaded.watch
    watch = Watch(
        coarse_rules(rules, loaded.station), settings, Registry(loaded.registry.database.expanduser()), atlas, folder
    )
    zone = ZoneInfo(settings.time_zone)
    console = Console(highlight=False, soft_wrap=True)
    counts = {"raised": 0, "pushes": 0}
    last: dict[str, Alert] = {}
    for alert in replay((frame for source in sources for frame in source), watch):
        counts["raised"] += alert.state == "raised"
        counts["pushes"] += bool(alert.notify)
        if alert.picture and alert.trail:
            last[alert.id] = alert
        if arguments.json:
            print(json.dumps({**alert.payload(), "notify": list(alert.notify)}, ensure_ascii=False))
        elif arguments.all or alert.state != "updated" or alert.notify:
            show(console, alert, zone)
    if arguments.pictures:
        from receiver.watch.picture import draw_card

        arguments.pictures.mkdir(parents=True, exist_ok=True)
        for alert in last.values():
            card = draw_card(alert, atlas, settings.picture_theme, language=settings.language, zone=zone)
            (arguments.pictures / f"{alert.id}.png").write_bytes(card)
    if not arguments.quiet:
        raised, pushes = (
            f"{counts[what]} {one if counts[what] == 1 else many}"
            for what, one, many in (("raised", "alert", "alerts"), ("pushes", "push", "pushes"))
        )
        print(f"{raised}, {pushes}", file=sys.stderr)
    return 0


def alerts_in(
    path: str, arguments: argparse.Namespace, rules: list[Rule], folder: Path, loaded: Settings
) -> list[dict[str, Any]]:
    """What the rules would have noticed in one recording, by itself: a row for each beginning and end."""
    from receiver.atlas import Atlas
    from receiver.registry import Registry

    registry = Registry(loaded.registry.database.expanduser())
    watch = Watch(coarse_rules(rules, loaded.station), loaded.watch, registry, Atlas(), folder)
    return [
        {
            "file": path,
            "at": alert.updated_s,
            "id": alert.id,
            "rule": alert.rule,
            "state": alert.state,
            "severity": alert.severity,
            "icao": alert.icao,
            "clause": alert.clause,
            "text": alert.text,
            "notify": ",".join(alert.notify),
            "payload": json.dumps(alert.payload(), ensure_ascii=False),
        }
        for alert in replay(frames_in(path, arguments), watch)
        if alert.state != "updated" or alert.notify
    ]


def show(console: Console, alert: Alert, zone: ZoneInfo) -> None:
    """One state of an alert in three lines."""
    moment = datetime.fromtimestamp(alert.updated_s, zone)
    push = f"  → {', '.join(alert.notify)}" if alert.notify else ""
    colour = _COLOURS[alert.severity]
    console.print(
        f"{moment:%Y-%m-%d %H:%M:%S} [{colour}]{alert.state:7}[/] {escape(alert.rule)}{escape(push)}  {alert.id}"
    )
    console.print(f"    because: {escape(alert.clause)}")
    console.print(f"    {escape(alert.text)}")


def frames_in(path: str, arguments: argparse.Namespace) -> Iterator[Frame]:
    """The frames of a recording or a scene, oldest first. Raises at once when it cannot be opened."""
    if path.endswith(".toml"):
        from receiver.sources.scene import open_scene

        if arguments.rate or arguments.format:
            raise UsageError(f"{path}: a scene takes neither --rate nor --format")
        scene = open_scene(path)
        return (frame for frames in scene.frames(0.0, scene.duration_s) for frame in frames)
    source = open_source(path, arguments)
    return (frame for frames in frames_of(source, "thorough", Summary()) for frame in frames)
