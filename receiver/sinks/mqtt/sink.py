"""The sink: what is heard becomes topics."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from config.mqtt import MqttSettings
from config.station import StationSettings
from receiver.broker.address import address_of
from receiver.broker.client import Incoming
from receiver.broker.publication import BEAST, PNG, Publication
from receiver.moments import move_moments
from receiver.outbox import Outbox
from receiver.outbox.box import RANKS
from receiver.sinks.mqtt.payloads import (
    Losses,
    aircraft_payload,
    encode,
    event_payload,
    station_payload,
    summary_payload,
)
from receiver.sinks.mqtt.publisher import Publisher
from receiver.sinks.mqtt.significance import ATTRIBUTES, is_significant
from receiver.sinks.mqtt.topics import Topics
from receiver.tracking import Event, Sighting
from receiver.views.aircraft_object import aircraft_object
from receiver.views.discretion import Discretion
from receiver.views.outlets import Air, Sink
from receiver.wire.beast import frame_to_beast
from receiver.wire.frame import Frame

_LOG = logging.getLogger(__name__)

STATS_PERIOD_S = 10.0
OWN_MESSAGE_S = 0.5
"""So long an aircraft that is due is left to its own next message; all of them at the full second would be a jam."""
MAX_PICTURES = 32
BOX = "mqtt"
MAX_NEWCOMERS = 1000
_DATABASE = ("r", "t", "desc", "ownOp", "year", "dbFlags")
_LOUD_EVENTS = frozenset({"emergency", "advisory"})
_EVENT_NAME = re.compile(r"[a-z_]{1,40}")
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")


class _Known:
    """What was published of an aircraft, when the next message is due, and when to look again whether it is news."""

    __slots__ = ("changed", "database", "due_s", "found", "look_s", "published_s", "squitter")

    def __init__(self) -> None:
        self.found: dict[str, Any] | None = None
        self.published_s = 0.0
        self.due_s = 0.0
        self.look_s = 0.0
        self.changed = True
        self.database: dict[str, Any] | None = None
        self.squitter: dict[str, Any] | None = None


class MqttSink(Sink):
    """State, events and alerts on an MQTT broker. Never waits for it.

    Parameters
    ----------
    settings, station
        `[mqtt]` and `[station]`.
    describe
        The payload of the `station` topic as it is now, without a place.
    controls
        Commands by name: they get the payload as text and give back what was done, or raise ValueError with what is
        wrong with it. They are reachable only when `mqtt.commands` is on.
    open_alerts
        Ids of alerts that are open though this run has not told them (yet): they stay on the broker.
    outbox
        Where alerts and events wait; left out, in memory only.
    lasting
        Whether there is a next run that goes on with it. The events of a recording that could not be delivered are for
        nobody, and its alerts are taken back when it is stopped while they are open.

    Raises
    ------
    UsageError
        A file that the settings name cannot be read or used.
    """

    name = "mqtt"

    def __init__(
        self,
        settings: MqttSettings,
        station: StationSettings,
        describe: Callable[[], Mapping[str, Any]],
        controls: Mapping[str, Callable[[str], str]] | None = None,
        open_alerts: Callable[[], Collection[str]] = tuple,
        *,
        outbox: Outbox | None = None,
        lasting: bool = True,
        backoff_s: tuple[float, float] = (1.0, 60.0),
    ) -> None:
        self.settings = settings
        self.lasting = lasting
        self.topics = Topics(f"{settings.base_topic}/{station.name}")
        self.discretion = Discretion(station)
        self._station_name = station.name
        self._describe = describe
        self._open_elsewhere = open_alerts
        self.publisher = Publisher(
            # beside the service on the same broker: one of two with the same id would be thrown out
            address_of(settings, station.name if lasting else f"{station.name}-replay"),
            settings.protocol,
            self.topics.status,
            (outbox if outbox is not None and lasting else Outbox()).box(BOX),
            sweep=(self.topics.all_aircraft, self.topics.all_alerts, self.topics.all_trackers),
            keeps=self._keeps,
            last_words=self._last_words,
            backoff_s=backoff_s,
        )
        self._period_s = 1.0 / settings.rate_hz
        self._known: dict[str, _Known] = {}
        self._newcomers: dict[str, list[Event]] = {}
        self._open: dict[str, None] = {}
        self._pictures: dict[str, None] = {}
        self._stats_due_s: float | None = None
        self._now = 0.0
        self._summary: dict[str, Any] | None = None
        self._station_payload: dict[str, Any] | None = None
        self._objects: Mapping[str, dict[str, Any]] = {}
        self._losses = Losses()
        self._tell_station()
        if settings.commands and controls:
            self._controls = dict(controls)
            self.publisher.subscribe(self.topics.all_commands, self._command)

    async def run(self) -> None:
        """Publish until cancelled, then say goodbye."""
        await self.publisher.run()

    async def finish(self) -> None:
        """Everything that is pending goes out, what the rate has held back as well; gives up after some seconds without
        a broker."""
        for icao, found in self._objects.items():
            known = self._known.get(icao)
            if known is None or known.published_s > self._now:
                continue  # a later message has been told since that picture
            if known.found is None or is_significant(known.found, found):
                self._publish(icao, known, found, self._now)
        await self.publisher.drain()

    def statistics(self) -> dict[str, float]:
        """See `Publisher.statistics`."""
        return {**self.publisher.statistics(), "aircraft": float(len(self._known))}

    def frames(self, frames: Sequence[Frame], now: float) -> None:
        """Beast bytes, when asked for."""
        if self.settings.frames and frames:
            data = b"".join(frame_to_beast(frame) for frame in self.discretion.frames(frames))
            self.publisher.stream(Publication(self.topics.frames, data, content_type=BEAST))

    def sighting(self, sighting: Sighting) -> None:
        """Publish if this aircraft is due; tell its events."""
        icao = sighting.icao
        known = self._known.get(icao)
        if known is None:
            if not sighting.confirmed:
                self._remember(sighting)
                return
            known = self._admit(sighting)
        if sighting.events:
            for event in sighting.events:
                self._event(event, sighting)
        now = sighting.now
        if not (known.changed or ATTRIBUTES.isdisjoint(sighting.changed)):
            known.changed = True
        if not known.changed or self._is_early(known, now) or known.look_s - 1.0 < now < known.look_s:
            return
        found = aircraft_object(sighting, now, known.database, known.squitter)
        if known.found is not None and not is_significant(known.found, found):
            # not at each message: building the object is the dear part
            known.look_s = now + min(0.25, self._period_s / 4)
            known.changed = False
            return
        self._publish(icao, known, found, now)

    def departed(self, sighting: Sighting) -> None:
        """The tombstone."""
        self._newcomers.pop(sighting.icao, None)
        if self._known.pop(sighting.icao, None) is None:
            return
        for event in sighting.events:
            self._event(event, sighting)
        self.publisher.clear(self.topics.aircraft(sighting.icao))

    def alert(self, alert: Any, picture: bytes | None) -> None:
        """The alert, its picture, and the event that it has changed."""
        name = _UNSAFE.sub("_", alert.id)[:120]
        topic, picture_topic = self.topics.alert(name), self.topics.alert_picture(name)
        rank = RANKS.get(alert.severity, RANKS["critical"])
        ended = alert.state == "ended"
        if picture is not None:
            self._picture(picture_topic, picture, keep=not ended)
        found = self._objects.get(alert.icao)
        if found is None and alert.sighting is not None:
            found = aircraft_object(alert.sighting, alert.updated_s)
        payload = alert.payload(
            None if found is None else aircraft_payload(found, alert.updated_s, self.discretion),
            picture_topic
            if not ended and (picture_topic in self._pictures or (alert.picture and alert.trail))
            else None,
        )
        self.publisher.send(Publication(topic, encode(payload), 1, retain=not ended), rank)
        brief = {key: value for key, value in payload.items() if key not in ("aircraft", "facts")}
        event = {"event_type": alert.state, "type": "alert", "time": round(alert.updated_s, 3), **brief}
        if found is not None and "flight" in found:
            event["flight"] = found["flight"]
        self.publisher.send(Publication(self.topics.event("alert"), encode(event), 1), rank)
        if ended:
            self._open.pop(name, None)
            if self._pictures.pop(picture_topic, True) is None:
                self.publisher.clear(picture_topic)
            self.publisher.send(Publication(topic, b"", 1, retain=True), rank)
        else:
            self._open[name] = None

    def picture(self, alert: Any, picture: bytes) -> None:
        """The card of an alert, which is told already, with the topic that it comes under."""
        name = _UNSAFE.sub("_", alert.id)[:120]
        self._picture(self.topics.alert_picture(name), picture, keep=name in self._open)

    def second(self, air: Air) -> None:
        """Publish what has changed and had no message of its own to say so, the summary, the statistics."""
        now = self._now = air.now
        self._objects = air.objects
        for icao, found in air.objects.items():
            known = self._known.get(icao)
            if known is None:
                sighting = air.sightings[icao]
                if not sighting.confirmed:
                    continue
                known = self._admit(sighting)
            known.database = {key: found[key] for key in _DATABASE if key in found} or None
            known.squitter = {key: value for key, value in found["squitter"].items() if key != "confidence"} or None
            if self._is_early(known, now - OWN_MESSAGE_S):
                continue
            if (
                known.found is None
                or is_significant(known.found, found)
                or (
                    abs(now - known.published_s) >= max(self._period_s, self.settings.expiry_s / 2)
                    and air.sightings[icao].last_seen_s > known.published_s
                )
            ):
                self._publish(icao, known, found, now)
        self._sum_up(air)
        if self._stats_due_s is None or not self._stats_due_s - STATS_PERIOD_S <= now < self._stats_due_s:
            self._stats_due_s = now + STATS_PERIOD_S
            stats = self.discretion.statistics(air.statistics)
            self.publisher.put(Publication(self.topics.stats, encode({"now": round(now, 3), **stats}), retain=True))
            self._tell_station()

    def clock_set(self, by_s: float) -> None:
        """What was published, and when more is due, moves along."""
        move_moments(by_s, self._known)
        self._now += by_s

    def _is_early(self, known: _Known, now: float) -> bool:
        """Whether its next message is not due yet; a clock that has stepped back does not make it wait."""
        return known.due_s - 2 * self._period_s < now < known.due_s

    def _publish(self, icao: str, known: _Known, found: dict[str, Any], now: float) -> None:
        known.found, known.published_s, known.due_s, known.changed = found, now, now + self._period_s, False
        self.publisher.put(
            Publication(
                self.topics.aircraft(icao),
                encode(aircraft_payload(found, now, self.discretion)),
                retain=True,
                expiry_s=self.settings.expiry_s,
            )
        )

    def _remember(self, sighting: Sighting) -> None:
        """Hold back the events of an aircraft that is not confirmed: most such addresses never existed."""
        if sighting.events:
            held = self._newcomers.setdefault(sighting.icao, [])
            held.extend(sighting.events[: 5 - len(held)])
            if len(self._newcomers) > MAX_NEWCOMERS:
                del self._newcomers[next(iter(self._newcomers))]

    def _admit(self, sighting: Sighting) -> _Known:
        known = self._known[sighting.icao] = _Known()
        for event in self._newcomers.pop(sighting.icao, ()):
            self._event(event, sighting)
        return known

    def _event(self, event: Event, sighting: Sighting) -> None:
        if not _EVENT_NAME.fullmatch(event.name):
            return
        rank = RANKS["warning"] if event.name in _LOUD_EVENTS else RANKS["event"]
        self.publisher.send(Publication(self.topics.event(event.name), encode(event_payload(event, sighting)), 1), rank)

    def _picture(self, topic: str, picture: bytes, *, keep: bool) -> None:
        if keep:
            self._pictures[topic] = None
            self.publisher.put(Publication(topic, picture, retain=True, content_type=PNG))
            if len(self._pictures) > MAX_PICTURES:
                oldest = next(iter(self._pictures))
                del self._pictures[oldest]
                self.publisher.clear(oldest)
        self.publisher.put(Publication(self.topics.picture, picture, retain=True, content_type=PNG))

    def _sum_up(self, air: Air) -> None:
        objects = {icao: found for icao, found in air.objects.items() if icao in self._known}
        summary = summary_payload(objects, self.discretion, len(self._open))
        loses = self._losses.is_losing(air)
        if loses is not None:
            summary["sample_loss"] = loses
        if summary != self._summary:
            self._summary = summary
            self.publisher.put(
                Publication(self.topics.summary, encode({"now": round(air.now, 3), **summary}), retain=True)
            )

    def _last_words(self) -> list[Publication]:
        """The aircraft are taken back at a clean stop: the summary must not go on counting them. A recording's alerts
        are, too, for nobody will tell their end."""
        words: list[Publication] = []
        if not self.lasting:
            left = [*(self.topics.alert(name) for name in self._open), *self._pictures]
            words += [Publication(topic, b"", 1, retain=True) for topic in left]
        if self._summary is not None:
            alerts = len(self._open) if self.lasting else 0
            summary = {**summary_payload({}, self.discretion, alerts), "now": round(self._now, 3)}
            words.append(Publication(self.topics.summary, encode(summary), retain=True))
        return words

    def _tell_station(self) -> None:
        payload = station_payload(self._describe(), self._station_name, self.discretion.location)
        if payload != self._station_payload:
            self._station_payload = payload
            self.publisher.put(Publication(self.topics.station, encode(payload), 1, retain=True))

    def _keeps(self, topic: str) -> bool:
        """Whether a retained message under our filters belongs to an alert that is open all the same."""
        alerts = self.topics.alert("")
        return topic.startswith(alerts) and topic[len(alerts) :].split("/")[0] in self._open_elsewhere()

    def _command(self, message: Incoming) -> None:
        name = message.topic.rsplit("/", 1)[-1]
        control = self._controls.get(name)
        if control is None:
            self._answer(message, False, f"unknown command; there are {', '.join(sorted(self._controls))}")
            _LOG.warning("Unknown command over MQTT: command=%.40r known=%s", name, ",".join(sorted(self._controls)))
            return
        try:
            done = control(message.payload[:1000].decode())
        except ValueError as error:  # UnicodeDecodeError is one
            self._answer(message, False, str(error) if type(error) is ValueError else "not UTF-8")
            _LOG.warning('Command over MQTT refused: command=%s reason="%.300s"', name, error)
            return
        self._answer(message, True, done)
        _LOG.info('Command over MQTT carried out: command=%s result="%.300s"', name, done)

    def _answer(self, message: Incoming, ok: bool, text: str) -> None:
        """What became of a command, to whom asked: on the topic that it named (MQTT 5), else on the command's own."""
        name = message.topic.rsplit("/", 1)[-1]
        topic = message.response_topic
        if not self.topics.may_answer_on(topic):
            if name not in self._controls:
                return  # a topic of ours gets no name that somebody else has made
            topic = self.topics.response(name)
        payload = {"command": name[:40], "ok": ok, "text": text[:300]}
        self.publisher.stream(Publication(topic, encode(payload), correlation=message.correlation[:128]))
