"""`squitter replay FILE…`: the service, with recordings instead of a dongle."""

from __future__ import annotations

import argparse
import logging
import threading
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from config.settings import Settings
from receiver.cli.decode import add_recording_arguments, open_source
from receiver.cli.serving import add_broker_argument
from receiver.cli.settings import add_log_arguments, add_settings_arguments, load_settings, log_settings
from receiver.errors import UsageError
from receiver.sources.files.frame_file import FrameFile
from receiver.sources.files.iq_reader import Recording

if TYPE_CHECKING:
    from receiver.app import Signal
    from receiver.pipeline.heard import Heard

log = logging.getLogger(__name__)

# What was recorded somewhere else, or long ago, has no place among what this station has heard: an output is off, whatever
# the settings of the service say, unless the command line names one of its settings.
OFF: dict[str, Any] = {
    "mqtt.enabled": False,
    "notify.channel": [],
    "history.enabled": False,
    "alerts.enabled": False,
    "json_files.dir": None,
    "metrics.textfile": None,
    "network.feed": [],
    "network.beast_out_port": None,
    "network.avr_out_port": None,
    "network.sbs_out_port": None,
    "web.enabled": False,
    "feed": [],
}


def off_unless_asked(arguments: argparse.Namespace) -> dict[str, tuple[str, Any]]:
    """Every output that `--set` does not speak of, switched off; `--with-broker` speaks of MQTT."""
    asked = {text.partition(".")[0].strip() for text in arguments.settings}
    if arguments.with_broker:
        asked.add("mqtt")
    return {key: ("replay", value) for key, value in OFF.items() if key.partition(".")[0] not in asked}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Files, what they are, how fast, and the settings."""
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="recordings: IQ as `decode` takes it, or frames (.beast, .avr, .txt)"
    )
    add_recording_arguments(parser)
    parser.add_argument(
        "--speed", default="1", metavar="X|max", help="1 is real time (the default), 10 ten times as fast, max no limit"
    )
    add_broker_argument(parser)
    add_log_arguments(parser)
    add_settings_arguments(parser)


def run(arguments: argparse.Namespace) -> int:
    """Play the files one after the other; exit status 0, or the error of the first that cannot be read."""
    loaded = load_settings(arguments, off_unless_asked(arguments) | log_settings(arguments))
    speed = parse_speed(arguments.speed)
    sources = [open_source(path, arguments) for path in arguments.files]  # all mistakes before anything is sent
    from receiver.app import Service, run_service, set_up_logging, settings_with_broker

    set_up_logging(loaded.settings.log)
    if len(off_unless_asked(arguments)) == len(OFF):
        log.warning(
            "No output is active; name one, such as --set mqtt.enabled=true, --set web.enabled=true, --with-broker"
        )
    settings, own_broker = settings_with_broker(loaded.settings) if arguments.with_broker else (loaded.settings, False)
    run_service(Service(settings, recordings(sources, speed, settings), own_broker=own_broker), leave_at_once=True)
    return 0


def parse_speed(text: str) -> float | None:
    """A multiple of real time; None for as fast as it goes."""
    if text == "max":
        return None
    try:
        speed = float(text)
    except ValueError:
        speed = 0.0
    if not 0.0 < speed < 1e6:
        raise UsageError(f"--speed: got {text!r}, expected a number above 0 such as 1 or 10, or max")
    return speed


def recordings(sources: list[Recording | FrameFile], speed: float | None, settings: Settings) -> Signal:
    """The files as one signal. Each begins where the one before has ended, unless it says itself when it was made."""
    from dsp.effort import Effort
    from receiver.app import Signal
    from receiver.pipeline.feeds import frame_feed, paced, sample_feed
    from receiver.sources.files.paced import PacedSource

    closing = threading.Event()
    effort = Effort(settings.demodulator.effort)
    playing: list[PacedSource | Recording] = []

    def feed_of(source: Recording | FrameFile) -> Iterator[Heard]:
        if isinstance(source, FrameFile):
            heard = frame_feed(source.kind, source.frames(), 0.1)
            return heard if speed is None else paced(heard, speed, closing.wait)
        paced_source = source if speed is None else PacedSource(source, speed)
        playing.append(paced_source)
        return sample_feed(paced_source, effort)

    def one_after_the_other() -> Iterator[Heard]:
        now = 0.0
        for source in sources:
            if not source.start_utc_s:
                source.start_utc_s = now
            anew = source.start_utc_s < now
            for heard in feed_of(source):
                if closing.is_set():
                    return
                if anew:
                    heard, anew = replace(heard, begins_anew=True), False
                now = heard.now
                yield heard

    def close() -> None:
        closing.set()
        for source in playing:
            source.close()

    return Signal.of_feed(one_after_the_other(), close, sources[0].kind)
