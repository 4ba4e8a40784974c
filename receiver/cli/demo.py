"""`squitter demo`: hours of a made-up sky in a minute, then live from modulated samples. Needs nothing."""

from __future__ import annotations

import argparse
import socket
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from receiver.cli.settings import (
    add_lan_argument,
    add_log_arguments,
    add_settings_arguments,
    lan_settings,
    load_settings,
    log_settings,
)

if TYPE_CHECKING:
    from receiver.app import Signal
    from receiver.pipeline.heard import Heard
    from receiver.sources.scene.scene import Scene

SCENE = "valle-de-bravo"
MAP_PORT = 8080
MOST_LINKS = 2
FORWARD_WITHIN_S = 40.0  # the hours before now, fast-forwarded
SLOWEST = 20.0  # times real time, where there are minutes only
FORWARD_KEEP = 0.4  # of their frames: a position a second or two is plenty
LIVE_FROM = {SCENE: 18_000.0}  # when there is most to see: hours of circles, and a quarter of an hour to come


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What to play, and for how long."""
    parser.add_argument("--scene", default=SCENE, metavar="SCENE", help=f"a scene by name or file (default: {SCENE})")
    parser.add_argument(
        "--live-from",
        type=float,
        metavar="S",
        help="seconds of the scene that are fast-forwarded as frames before it goes on in real time as samples "
        "(default: until there is most to see)",
    )
    parser.add_argument("--seconds", type=float, metavar="N", help="end after N seconds of real time")
    add_lan_argument(parser)
    add_log_arguments(parser)
    add_settings_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Play until the scene is over, or SIGINT."""
    print("Squitter is getting ready …", flush=True)
    from receiver.app import Service, run_service, set_up_logging, settings_with_broker
    from receiver.cli.live_table import LiveTable
    from receiver.cli.table_sink import TableSink
    from receiver.sources.scene.scene import open_scene
    from receiver.web.reach import is_loopback, links
    from receiver.web.token import token_of

    scene = open_scene(arguments.scene)
    live_from_s = arguments.live_from
    if live_from_s is None:
        live_from_s = LIVE_FROM.get(arguments.scene, max(0.0, scene.duration_s - 600.0))
    with tempfile.TemporaryDirectory(prefix="squitter-demo-") as folder:
        # not the station's own file: nothing simulated goes to its broker, its folders, its friends
        extra = defaults(scene, Path(folder)) | lan_settings(arguments) | log_settings(arguments)
        settings = load_settings(arguments, extra, search=False).settings
        settings, own_broker = settings_with_broker(settings)
        web = settings.web
        shown = links(web.host, web.port, token_of(web), web.allowed_hosts)[:MOST_LINKS]
        elsewhere = "   (from another device: squitter demo --lan)" if is_loopback(web.host) else ""
        notes = [
            f"map        {'  or  '.join(shown)}{elsewhere}",
            f"subscribe  mosquitto_sub -h {settings.mqtt.host} -p {settings.mqtt.port} -v "
            f"-t '{settings.mqtt.base_topic}/{settings.station.name}/#' -T '+/+/picture' -T '+/+/alerts/+/picture'",
            f"playing    {scene.title}; ends with Ctrl-C",
        ]
        with LiveTable("Squitter demo") as table:
            set_up_logging(settings.log)  # in here, so that lines go above the table
            sink = TableSink(table, lambda: notes)
            service = Service(settings, demo_signal(scene, live_from_s), [sink], own_broker=own_broker)
            run_service(service, arguments.seconds)
    return 0


def defaults(scene: Scene, folder: Path) -> dict[str, tuple[str, Any]]:
    """Settings of a demo: a map, nothing outside this machine, nothing left behind."""
    latitude, longitude = scene.station
    values = {
        "station.name": "demo",
        "station.latitude": latitude,
        "station.longitude": longitude,
        "tracking.max_range_nmi": 500.0,  # scenes may have friends far away who send what they hear
        "web.enabled": True,
        "web.port": free_port(MAP_PORT),
        "web.token_file": str(folder / "web-token"),
        "history.enabled": False,
        "home_assistant.enabled": False,
        "alerts.dir": str(folder / "alerts"),
        "watch.time_zone": "America/Mexico_City",
        "watch.state_file": str(folder / "watch.json"),
        "outbox.file": str(folder / "outbox.sqlite3"),
        "notify.channel": [],
        "network.feed": [],
        "feed": [],
        "log.level": "warning",
    }
    return {key: ("demo", value) for key, value in values.items()}


def free_port(wanted: int) -> int:
    """The wanted port, or another when it is taken."""
    for port in (wanted, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    return wanted


def demo_signal(scene: Scene, live_from_s: float) -> Signal:
    """The hours as frames, at a pace that brings them in within some tens of seconds, then samples in real time."""
    from dsp.effort import Effort
    from receiver.app import Signal
    from receiver.pipeline.feeds import frame_feed, paced, sample_feed
    from receiver.sources.files.paced import PacedSource

    closing = threading.Event()
    source = PacedSource(scene.source(live_from_s), 1.0)

    def feed() -> Iterator[Heard]:
        if live_from_s > 0:
            frames = scene.frames(0.0, live_from_s, keep=FORWARD_KEEP)
            yield from paced(frame_feed("scene", frames), max(live_from_s / FORWARD_WITHIN_S, SLOWEST), closing.wait)
        if not closing.is_set():
            yield from sample_feed(source, Effort.NORMAL)

    def close() -> None:
        closing.set()
        source.close()

    return Signal.of_feed(feed(), close, "scene")
