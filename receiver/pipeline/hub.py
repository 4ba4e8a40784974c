"""The middle of the service: frames in, calls to the sinks out. Pure: no thread, no clock, no loop, no file."""

from __future__ import annotations

import logging
import math
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from receiver.clock import step_note
from receiver.decode import Decoder
from receiver.moments import move_moments
from receiver.pipeline.heard import Heard, Reception
from receiver.pipeline.statistics import Rates, Silence, statistics_payload
from receiver.sinks import Air, Sink
from receiver.sources.dongle.live import ReceiverHealth
from receiver.tracking import Sighting, Tracker
from receiver.views.aircraft_object import aircraft_object, is_listed
from receiver.watch import Alert, Watch
from receiver.watch.language import language
from receiver.watch.sentence import from_place
from receiver.watch.world import Atlas, NoAtlas, Registry
from receiver.wire.frame import Frame

log = logging.getLogger(__name__)

ENGLISH = language("en")
AROUND_S = 60.0  # before the first moment of this run and after the newest, what is told by its clock
FRAMES_A_STEP = 32
AIRCRAFT_A_STEP = 64
PLACE_EVERY_S = 20.0  # a jet flies 5 km meanwhile
WIND_DOWN_S = 4 * 3600.0  # more than the longest patience that settings allow
NOTES = 5  # of what the owner should read, the newest


class Database(Registry, Protocol):
    """A registry that also has what the aircraft object wants."""

    def database(self, icao: str) -> Mapping[str, Any]:
        """Under the keys `r`, `t`, `desc`, `ownOp`, `year`, `dbFlags`; empty when the address is not known."""

    def size(self) -> int:
        """Aircraft that it lists."""


class Locator(Protocol):
    """Somebody who finds out where transmissions come from (`receiver.mlat.locator`)."""

    def take(self, frame: Frame, sighting: Sighting) -> Sequence[Frame]:
        """A frame has changed an aircraft; frames with its computed position."""

    def contradicted_km(self, icao: str) -> float | None:
        """How far an aircraft is from where it says; None: nothing contradicts it."""

    def about(self, icao: str, now: float) -> Mapping[str, Any]:
        """For `squitter.mlat` of the aircraft object."""

    def second(self, now: float) -> None:
        """A second has passed."""

    def status(self) -> Mapping[str, Any]:
        """For the statistics."""


class Hub:
    """Decoder, tracker and watch in a row, and everybody who is told.

    Parameters
    ----------
    tracker
        Fresh, with the station and the limits in force.
    watch
        None: nothing is noticed.
    registry, atlas
        Who and where, for the aircraft objects; left out, nothing is known.
    sinks
        In the order in which they are told.
    on_alert
        Takes the alerts, in order; whoever it is has a picture drawn and passes them on to the sinks.
    about
        What the source adds to an aircraft's object, under `squitter`, by address.
    locator
        Gives positions of those who broadcast none, and checks those that are; None: nobody does.
    """

    def __init__(
        self,
        tracker: Tracker,
        watch: Watch | None = None,
        registry: Database | None = None,
        atlas: Atlas | None = None,
        sinks: Iterable[Sink] = (),
        on_alert: Callable[[Alert], None] = lambda alert: None,
        about: Callable[[str], Mapping[str, Any]] | None = None,
        locator: Locator | None = None,
    ) -> None:
        self._locator = locator
        self.decoder = Decoder()
        self.tracker = tracker
        self.watch = watch
        self._registry = registry
        self._atlas: Atlas = atlas or NoAtlas()
        self._on_alert = on_alert
        self._about = about
        self._rates = Rates()
        self._silence = Silence()
        self._started_s: float | None = None
        self._second = -math.inf
        self._places: dict[str, tuple[float, dict[str, Any]]] = {}
        self._reception: Reception | None = None
        self.now = -math.inf
        self.air: Air | None = None
        self.notes: deque[str] = deque(maxlen=NOTES)
        self._place_noted = False
        self.failures: Counter[str] = Counter()  # of what a sink was told, by its name
        self.restarts: Mapping[str, int] = Counter()  # of its `run`; kept by whoever runs it
        self.beside: ReceiverHealth | None = (
            None  # of the ports that take frames beside the source; set by whoever runs them
        )
        self.loop_gap: tuple[float, float] | None = None  # s by clock and processor, set by whoever runs the loop
        self.attach(sinks)

    def attach(self, sinks: Iterable[Sink]) -> None:
        """Tell these from now on, and nobody else."""
        self.sinks = tuple(sinks)
        # Only those that listen are called for every frame and every sighting: that is the hot path.
        self._frame_sinks = [(sink, sink.frames) for sink in self.sinks if type(sink).frames is not Sink.frames]
        self._sighting_sinks = [
            (sink, sink.sighting) for sink in self.sinks if type(sink).sighting is not Sink.sighting
        ]

    @property
    def reception(self) -> Reception | None:
        """How the hearing goes; None before anything was heard."""
        return self._reception

    def hear(self, heard: Heard) -> None:
        """Take in what was heard, and let each second that has passed be known."""
        for _ in self.steps(heard):
            pass

    def steps(self, heard: Heard) -> Iterator[None]:
        """The same, with a pause after each few frames or aircraft, in which others may call `steps_beside`."""
        if heard.clock_step_s:
            self._move(heard.clock_step_s)
        if heard.begins_anew:
            self.now = self._second = -math.inf
        if heard.reception is not None:
            self._reception = heard.reception
        clock = None if self._reception is None else self._reception.clock
        if self.watch is not None and clock is not None:
            self.watch.trust_clock(clock.synchronised is not False, heard.now)
        self.notes.extend(heard.notes)
        yield from self._take(heard.frames, heard.now, sets_time=True)
        yield from self._advance_to(heard.now)

    def steps_beside(self, frames: Sequence[Frame], now: float) -> Iterator[None]:
        """Take in frames that came beside the source: they set no time."""
        yield from self._take(frames, now, sets_time=False)

    def _take(self, frames: Sequence[Frame], now: float, sets_time: bool) -> Iterator[None]:
        for first in range(0, max(1, len(frames)), FRAMES_A_STEP):
            some = frames[first : first + FRAMES_A_STEP]
            self._tell_frames(some, some[-1].time_s if some else now)
            decode, update, locator = self.decoder.decode, self.tracker.update, self._locator
            for frame in some:
                if sets_time and frame.time_s >= self._second + 1.0:
                    yield from self._advance_to(frame.time_s)
                message = decode(frame)
                if message is None:
                    continue
                sighting = update(message)
                if sighting is None:
                    continue
                self._show(sighting)
                if locator is not None:
                    self._locate(locator, frame, sighting)
            yield

    def _tell_frames(self, frames: Sequence[Frame], now: float) -> None:
        for sink, tell in self._frame_sinks:
            try:
                tell(frames, now)
            except Exception as error:  # noqa: BLE001 - one output's fault is no other's
                self._failed(sink, error)

    def _show(self, sighting: Sighting) -> None:
        """Let all know what has just become of an aircraft."""
        for sink, show in self._sighting_sinks:
            try:
                show(sighting)
            except Exception as error:  # noqa: BLE001 - one output's fault is no other's
                self._failed(sink, error)
        if self.watch is not None:
            for alert in self.watch.update(sighting):
                self._on_alert(alert)

    def _locate(self, locator: Locator, frame: Frame, sighting: Sighting) -> None:
        """Have a transmission located, and take the computed position in as frames that came by another way."""
        made = locator.take(frame, sighting)
        if made:
            self._tell_frames(made, frame.time_s)
            for one in made:
                message = self.decoder.decode(one)
                found = None if message is None else self.tracker.update(message)
                if found is not None:
                    self._show(found)
        elif self.watch is not None and sighting.position is not None:
            km = locator.contradicted_km(sighting.icao)
            if km is not None:
                self.watch.contradict(sighting.icao, km, sighting.now)

    def call(self, sink: Sink, method: Callable[..., None], *arguments: Any) -> None:
        """Tell a sink something; what it raises is its own affair, counted and logged."""
        try:
            method(*arguments)
        except Exception as error:  # noqa: BLE001 - one output's fault is no other's
            self._failed(sink, error)

    def _failed(self, sink: Sink, error: Exception) -> None:
        count = self.failures[sink.name] = self.failures[sink.name] + 1
        if count in (1, 10, 100) or count % 1000 == 0:
            log.error(
                'An output failed to process an update: output=%s errors=%d reason="%r"',
                sink.name,
                count,
                error,
                exc_info=error,
            )

    def advance(self, now: float) -> None:
        """Nothing was heard until `now`."""
        for _ in self._advance_to(now):
            pass

    def publish_now(self) -> None:
        """Let all know how things are now, though the second is not over: the source has ended."""
        if self._started_s is not None:
            for _ in self._publish_second(self.now):
                pass

    def wind_down(self) -> None:
        """The signal has ended: time goes on in silence until every aircraft has left and every alert is over.

        Only departures and alerts are told; how things were at the end of the signal stays as it was told last.
        """
        if self._started_s is None:
            return
        now = self.now
        until = now + WIND_DOWN_S
        while now < until and (len(self.tracker) or (self.watch is not None and self.watch.open_alerts())):
            now += 1.0
            for _ in self._expire(now):
                pass

    def _advance_to(self, now: float) -> Iterator[None]:
        """Time has come to `now`: what has grown too old goes, and once a second all are told how things are."""
        if self._started_s is None:
            self._started_s = now
            self._second = math.floor(now)
        if now < self.now:
            return  # late: time does not go back
        self.now = now
        if now < self._second + 1.0:
            return
        self._second = math.floor(now)
        yield from self._expire(now)
        yield
        yield from self._publish_second(now)

    def _move(self, by_s: float) -> None:
        """The clock was set: whatever is remembered moves along, so that nothing grows old or young by it."""
        self.notes.append(step_note(by_s, self.now + by_s))
        since = self.now if self._started_s is None else self._started_s
        move_moments(
            by_s, self.tracker, self.watch, self._places, self._rates, self._silence, self._locator,
            since=since - AROUND_S, until=self.now + AROUND_S,
        )  # fmt: skip
        self.now += by_s
        self._second = math.floor(self._second + by_s) if math.isfinite(self._second) else self._second
        if self._started_s is not None:
            self._started_s += by_s
        for sink in self.sinks:
            self.call(sink, sink.clock_set, by_s)

    def _expire(self, now: float) -> Iterator[None]:
        departed = self.tracker.expire(now)
        yield
        for number, sighting in enumerate(departed):
            if number % AIRCRAFT_A_STEP == 0:
                yield
            self._places.pop(sighting.icao, None)
            for sink in self.sinks:
                self.call(sink, sink.departed, sighting)
        if self.watch is not None:
            for alert in self.watch.expire(now):
                self._on_alert(alert)

    def _publish_second(self, now: float) -> Iterator[None]:
        sightings: dict[str, Sighting] = {}
        objects: dict[str, dict[str, Any]] = {}
        with_position = 0
        for number, sighting in enumerate(self.tracker.aircraft(now)):
            if number % AIRCRAFT_A_STEP == 0:
                yield
            sightings[sighting.icao] = sighting
            if sighting.position is not None:
                with_position += 1
            if is_listed(sighting, now):
                objects[sighting.icao] = self._object(sighting, now)
        messages = sum(self.tracker.statistics.messages.values())
        per_second = self._rates.per_second(now, messages)
        self._note_place()
        statistics = statistics_payload(
            now,
            self._started_s if self._started_s is not None else now,
            per_second,
            self._reception,
            self.decoder.statistics,
            self.tracker.statistics,
            len(sightings),
            with_position,
            {sink.name: self._statistics_of(sink) for sink in self.sinks},
            self.notes,
            None if self._registry is None else self._registry.size(),
            self.beside,
        )
        if self._locator is not None:
            self._locator.second(now)
            statistics["mlat"] = dict(self._locator.status())
        statistics["silent_s"] = round(self._silence.seconds(now, messages, self._reception), 1)
        if self.loop_gap is not None:
            statistics["loop_gap_s"], statistics["loop_busy_s"] = (round(seconds, 4) for seconds in self.loop_gap)
        self.air = Air(now, sightings, objects, statistics)
        for sink in self.sinks:
            yield
            self.call(sink, sink.second, self.air)

    def _note_place(self) -> None:
        """Say once what is probably wrong with the station's place: an empty map does not."""
        if self._place_noted or (hint := self.tracker.place_hint()) is None:
            return
        self._place_noted = True
        self.notes.append(hint)
        log.warning("%s", hint)

    def _statistics_of(self, sink: Sink) -> dict[str, float]:
        out: dict[str, float] = {}
        self.call(sink, lambda: out.update(sink.statistics()))
        for name, counts in (("errors_total", self.failures), ("restarts_total", self.restarts)):
            if counts[sink.name]:
                out[name] = float(counts[sink.name])
        return out

    def _object(self, sighting: Sighting, now: float) -> dict[str, Any]:
        known = None if self._registry is None else self._registry.database(sighting.icao)
        return aircraft_object(sighting, now, known, self._added(sighting, now))

    def _added(self, sighting: Sighting, now: float) -> dict[str, Any]:
        """What goes under `squitter`: who and where in words, and what the watch has noticed."""
        told_s, words = self._places.get(sighting.icao, (-math.inf, {}))
        if not 0.0 <= now - told_s < PLACE_EVERY_S:
            words = self._words(sighting)
            self._places[sighting.icao] = (now, words)
        if self._about is not None:
            words = {**words, **self._about(sighting.icao)}
        if self._locator is not None:
            words = {**words, "mlat": self._locator.about(sighting.icao, now)}
        if self.watch is None:
            return words
        pattern = self.watch.pattern_of(sighting.icao)
        return {
            **words,
            "watch": list(self.watch.rules_of(sighting.icao)),
            "pattern": None if pattern is None else pattern.kind,
            "doubt": self.watch.doubt_of(sighting.icao),
        }

    def _words(self, sighting: Sighting) -> dict[str, Any]:
        out: dict[str, Any] = {}
        if self._registry is not None:
            facts = self._registry.identify(sighting.icao, sighting.callsign, sighting.category)
            country = next((fact.value for fact in facts if fact.name == "country"), None)
            out["country"] = country
        position = sighting.position
        if position is None:
            return out
        latitude, longitude = position.latitude_deg, position.longitude_deg
        land = self._atlas.land(latitude, longitude, "en")
        if land is not None:
            out["over"] = ", ".join(part for part in (land.region, land.country) if part)
        near = self._atlas.near(latitude, longitude, "en")
        if near is not None:
            out["place"] = from_place(near, near.name, ENGLISH.sentence) or near.name
        return out
