"""`squitter alerts list|show|replay`: past alerts; one of them in full, as a bundle or for other programs; again."""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from rich.console import Console
from rich.markup import escape

from receiver.cli.settings import add_settings_arguments, load_settings
from receiver.errors import SquitterError, UsageError
from receiver.history.export import FlownTrack, geojson, kml
from receiver.history.flights import Flight
from receiver.history.reader import Point
from receiver.sinks.alert_log import IQ_META, LoggedAlert, Store, iq_bytes, read_bundle, write_bundle
from receiver.sources.files.saved import SavedRecording, recordings_at, saved_recording
from receiver.sources.files.tap import name_word

LEAD_S = 120.0  # a recording may begin so long before its alert: the most that is ever kept
SLACK_S = 5.0  # what is raised is saved a moment later


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """list, show and replay."""
    actions = parser.add_subparsers(dest="action", metavar="list|show|replay")
    parser.set_defaults(action="list", limit=50, json=False, settings=[], config=None, dir=None)
    listing = actions.add_parser("list", help="list past alerts, the latest last")
    listing.add_argument("--limit", type=int, default=50, help="maximum number, the latest first (default: 50)")
    listing.add_argument("--json", action="store_true", help="as JSON, one alert a line")
    one = actions.add_parser("show", help="one alert in full; write its card, track or bundle")
    one.add_argument("id", metavar="ID", help="of the alert, or the beginning of it")
    one.add_argument("--json", action="store_true", help="every state as JSON, one a line")
    one.add_argument("--picture", type=Path, metavar="FILE", help="write the card (PNG)")
    one.add_argument("--geojson", type=Path, metavar="FILE", help="write the track as GeoJSON")
    one.add_argument("--kml", type=Path, metavar="FILE", help="write the track as KML")
    one.add_argument(
        "--bundle", type=Path, metavar="FILE", help="write everything into one zip archive, which `replay` takes"
    )
    one.add_argument(
        "--iq", nargs="?", type=Path, const=Path(), metavar="FILE",
        help="put IQ samples into the bundle: a recording (SigMF), or, without FILE, the one that was saved when the "
        "alert was raised (recording.on_alert)",
    )  # fmt: skip
    again = actions.add_parser(
        "replay", help="run the frames of a bundle or an alert again; says whether it is the same"
    )
    again.add_argument("bundle", metavar="BUNDLE|ID", help="a file of `show --bundle`, or the id of a logged alert")
    again.add_argument("--picture", type=Path, metavar="FILE", help="draw the card again (PNG)")
    for action in (listing, one, again):
        action.add_argument("--dir", type=Path, help="where the alerts are (default: alerts.dir of the settings)")
        add_settings_arguments(action)


def run(arguments: argparse.Namespace) -> int:
    """Exit status 0, or 1: no such alert, or a replay that differs."""
    settings = load_settings(arguments).settings
    store = Store((arguments.dir or settings.alerts.dir).expanduser())
    zone = ZoneInfo(settings.watch.time_zone)
    if arguments.action == "list":
        return list_alerts(store, arguments.limit, arguments.json, zone)
    if arguments.action == "show":
        if arguments.iq is not None and arguments.bundle is None:
            raise UsageError("--iq: samples go into a bundle; add --bundle FILE")
        return show(find(store, arguments.id), arguments, zone, settings.recording.dir.expanduser())
    path = Path(arguments.bundle)
    if path.is_file():
        with tempfile.TemporaryDirectory() as folder:
            alert = read_bundle(path, Path(folder))
            if size := iq_bytes(path):
                print(f"{path}: has {size / 1e6:.1f} MB of IQ samples, too; a replay needs frames only",
                      file=sys.stderr)  # fmt: skip
            return replay(alert, arguments.picture)
    return replay(find(store, arguments.bundle), arguments.picture)


def find(store: Store, name: str) -> LoggedAlert:
    """The alert of that id, or the only one whose id begins so."""
    exact = store.get(name)
    if exact is not None:
        return exact
    found = [alert for alert in store.alerts() if alert.id.startswith(name)]
    if len(found) != 1:
        what = "no alert" if not found else f"{len(found)} alerts"
        raise SquitterError(
            f"{what} with an id that begins with {name!r} in {store.folder}; see `squitter alerts list`"
        )
    return found[0]


def list_alerts(store: Store, limit: int, as_json: bool, zone: ZoneInfo) -> int:
    """Two lines an alert, or one of JSON."""
    alerts = store.alerts()[-limit:] if limit > 0 else []
    if not alerts:
        Console(stderr=True).print(f"no alerts in {store.folder}", highlight=False)
        return 0
    console = Console(highlight=False, soft_wrap=True)
    for alert in alerts:
        states = alert.states()
        warn_of_damage(alert)
        if not states:
            continue
        last: dict[str, Any] = states[-1]["payload"]
        if as_json:
            print(json.dumps(last, ensure_ascii=False))
            continue
        raised = datetime.fromtimestamp(last["raised_at"], zone)
        console.print(f"{raised:%Y-%m-%d %H:%M} {last['state']:7} {last['severity']:8} {alert.id}")
        console.print(f"    {escape(last['text'])}")
    return 0


def show(alert: LoggedAlert, arguments: argparse.Namespace, zone: ZoneInfo, recordings: Path) -> int:
    """Every state, and the files that were asked for."""
    states = alert.states()
    warn_of_damage(alert)
    if not states:
        raise SquitterError(f"{alert.folder}: holds no state that can be read")
    if arguments.json:
        for state in states:
            print(json.dumps(state["payload"], ensure_ascii=False))
    else:
        tell(states, zone)
    track = track_of(alert, states[-1]["payload"])
    if arguments.picture is not None:
        picture = alert.picture()
        if picture is None:
            raise SquitterError(f"{alert.id}: there is no picture of it; its rule has picture = false")
        write(arguments.picture, picture)
    for path, writer in ((arguments.geojson, geojson), (arguments.kml, kml)):
        if path is not None:
            if track is None:
                raise SquitterError(f"{alert.id}: no position was received, there is no track")
            write(path, writer([track]).encode())
    if arguments.bundle is not None:
        more = {} if track is None else {"track.geojson": geojson([track]), "track.kml": kml([track])}
        samples = None
        if arguments.iq is not None:
            recording = recording_of(states, arguments.iq, recordings)
            samples = recording.data_path
            more[IQ_META] = recording.description
            print(f"IQ samples: {samples}, {recording.data_bytes / 1e6:.1f} MB", file=sys.stderr)
        try:
            write_bundle(alert, arguments.bundle, more, samples)
        except OSError as error:
            raise SquitterError(f"{arguments.bundle}: {error.strerror}") from None
    return 0


def warn_of_damage(alert: LoggedAlert) -> None:
    """Name what cannot be read; the rest is told."""
    damaged = alert.damaged()
    if damaged:
        print(f"{alert.folder / 'states.jsonl'}: damaged lines skipped: {damaged}", file=sys.stderr)


def recording_of(states: list[dict[str, Any]], path: Path, folder: Path) -> SavedRecording:
    """The recording at that path, or with an empty one the only one in the folder that was saved for the alert."""
    last: dict[str, Any] = states[-1]["payload"]
    raised_s: float = last["raised_at"]
    raised = f"{datetime.fromtimestamp(raised_s, UTC):%Y-%m-%d %H:%M:%S} UTC"
    if path != Path():
        one = saved_recording(path)
        if not one.holds(raised_s - LEAD_S, last.get("ended_at", last["updated_at"]) + SLACK_S):
            begins, ends = (datetime.fromtimestamp(time_s, UTC) for time_s in (one.start_s, one.end_s))
            raise SquitterError(
                f"{one.data_path}: holds {begins:%Y-%m-%d %H:%M:%S} to {ends:%Y-%m-%d %H:%M:%S} UTC and nothing of "
                f"the alert, raised {raised}"
            )
        return one
    found = recordings_at(folder, raised_s - SLACK_S, raised_s + SLACK_S)
    named = [one for one in found if one.data_path.stem.endswith(f"Z-{name_word(last['rule'])}")]
    if len(named) != 1 and len(found) != 1:
        what = ", ".join(one.data_path.stem for one in named or found[:5])
        raise SquitterError(
            f"{what}: each holds {raised}, when the alert was raised; say which one, --iq FILE" if what else
            f"{folder}: no recording holds {raised}, when the alert was raised (recording.on_alert saves one each); "
            "name another with --iq FILE"
        )  # fmt: skip
    return named[0] if len(named) == 1 else found[0]


def tell(states: list[dict[str, Any]], zone: ZoneInfo) -> None:
    """The alert for a person."""
    console = Console(highlight=False, soft_wrap=True)
    last: dict[str, Any] = states[-1]["payload"]
    console.print(f"[bold]{escape(last['title'])}[/]  {last['id']}  {last['severity']}, {last['state']}")
    console.print(escape(last["text"]))
    console.print(f"because: {escape(last['clause'])}")
    for fact in last.get("facts", ()):
        console.print(f"  {escape(fact['name'])}: {escape(fact['value'])} ({escape(fact['source'])})")
    for state in states:
        payload = state["payload"]
        moment = datetime.fromtimestamp(payload["updated_at"], zone)
        console.print(f"{moment:%Y-%m-%d %H:%M:%S} {payload['state']:7} {escape(payload['text'])}")


def track_of(alert: LoggedAlert, payload: dict[str, Any]) -> FlownTrack | None:
    """Its track, as the history has tracks."""
    points = [
        Point(time_s, latitude, longitude, None if feet is None else round(feet), None, None, None, None, False)
        for time_s, latitude, longitude, feet, _ in alert.trail()
    ]
    if not points:
        return None
    facts = {fact["name"]: fact["value"] for fact in reversed(payload.get("facts", []))}
    states = alert.states()
    callsign = next((state["callsign"] for state in reversed(states) if state.get("callsign")), None)
    flight = Flight(
        payload.get("hex", ""),
        points[0].time_s,
        points[-1].time_s,
        len(points),
        (callsign or "").strip() or None,
        facts.get("registration"),
        facts.get("type"),
        facts.get("category"),
    )
    return FlownTrack(flight, points)


def replay(alert: LoggedAlert, picture: Path | None) -> int:
    """Run the frames again and compare every state, byte for byte."""
    from config.watch import WatchSettings
    from receiver.atlas import Atlas
    from receiver.watch.replay import replay_alert

    states, context = alert.states(), alert.context()
    atlas = Atlas()
    again = replay_alert(states, alert.frames(), context, atlas)
    told = [json.dumps(state["payload"], ensure_ascii=False) for state in states]
    new = [json.dumps(one.payload(), ensure_ascii=False) for one in again]
    if told[-1:] and states[-1]["payload"]["state"] != "ended":
        new = new[: len(told)]  # it was open when the bundle was made; the silence after the last frame ends it
    if picture is not None:
        shown = [one for one in again[: len(told)] if one.trail]
        if not shown:
            raise SquitterError(f"{alert.id}: no position was received, there is nothing to draw")
        from receiver.watch.picture import draw_card

        settings = WatchSettings(language=context["language"], time_zone=context["time_zone"])
        zone = ZoneInfo(settings.time_zone)
        theme = context.get("picture_theme", settings.picture_theme)
        write(picture, draw_card(shown[-1], atlas, theme, language=settings.language, zone=zone))
    for k, (old, fresh) in enumerate(zip(told, new, strict=False)):
        if old != fresh:
            print(f"state {k + 1} of {len(told)} differs:\n  told:   {old}\n  replay: {fresh}")
            return 1
    if len(told) != len(new):
        whole = all(state.get("frames_whole", False) for state in states)
        why = "" if whole else "; not all frames were kept (see alerts.frames_memory_mb)"
        print(f"{len(told)} states were told, the replay gives {len(new)}{why}")
        return 1
    print(f"{len(told)} states, each the same byte for byte")
    return 0


def write(path: Path, content: bytes) -> None:
    """Write a file; a failure is one line."""
    try:
        path.write_bytes(content)
    except OSError as error:
        raise SquitterError(f"{path}: {error.strerror}") from None
