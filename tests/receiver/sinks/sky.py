"""A sky for the tests of sinks: frames through the real decoder and tracker, handed to a sink as the app does it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from receiver.decode.decoder import Decoder
from receiver.tracking import Station, Tracker, TrackingLimits
from receiver.views.aircraft_object import aircraft_object
from receiver.views.outlets import Air, Sink
from receiver.watch.alerts import Alert
from receiver.watch.identity import Identity
from receiver.wire.frame import Frame
from tests.receiver.watch.air import frame, identification, position, velocity

START_S = 1_760_000_000.0


class Sky:
    """Aircraft in view, told to sinks."""

    def __init__(self, *sinks: Sink, station: Station | None = None, limits: TrackingLimits | None = None) -> None:
        self.sinks = sinks
        self.tracker = Tracker(station, limits)
        self.decoder = Decoder()
        self.now = START_S
        self.statistics: dict[str, Any] = {"messages_per_s": 12.5, "noise_dbfs": -32.1, "gain_db": 40.2}

    def hear(self, frames: Iterable[Frame]) -> None:
        """Frames in the order of their time."""
        for one in frames:
            self.now = max(self.now, one.time_s)
            message = self.decoder.decode(one)
            sighting = self.tracker.update(message) if message is not None else None
            for sink in self.sinks:
                sink.frames([one], self.now)
                if sighting is not None:
                    sink.sighting(sighting)

    def second(self, seconds: float = 1.0) -> Air:
        """Time passes; then the sinks get the picture of the second."""
        self.now += seconds
        for sighting in self.tracker.expire(self.now):
            for sink in self.sinks:
                sink.departed(sighting)
        sightings = {sighting.icao: sighting for sighting in self.tracker.aircraft(self.now)}
        objects = {icao: aircraft_object(sighting, self.now) for icao, sighting in sightings.items()}
        air = Air(self.now, sightings, objects, self.statistics)
        for sink in self.sinks:
            sink.second(air)
        return air


def flight(
    icao: str,
    time_s: float,
    *,
    callsign: str | None = "TROY701",
    latitude_deg: float = 19.4,
    longitude_deg: float = -99.1,
    altitude_ft: float = 19000,
    speed_kt: float = 180,
    track_deg: float = 90,
) -> list[Frame]:
    """One aircraft: call sign, position (both halves) and velocity within a second."""
    said = [] if callsign is None else [identification(callsign)]
    said += [
        position(latitude_deg, longitude_deg, altitude_ft, odd=False),
        position(latitude_deg, longitude_deg, altitude_ft, odd=True),
        velocity(speed_kt, track_deg),
    ]
    return [frame(icao, me, time_s + 0.1 * i) for i, me in enumerate(said)]


def alert(
    alert_id: str = "drones-ae4bd7-20251009T085320",
    state: str = "raised",
    *,
    icao: str = "ae4bd7",
    severity: str = "warning",
    now: float = START_S,
    tracker: bool = False,
    rule: str = "drones",
) -> Alert:
    """An alert as the watch makes it."""
    return Alert(
        id=alert_id,
        rule=rule,
        title="Drones",
        clause='type = "Q9" (database)',
        severity=severity,
        rules=(rule,),
        state=state,
        text="TROY701, MQ-9, orbiting for 12 min, 12 km W of Valle de Bravo",
        icao=icao,
        sighting=None,
        identity=Identity(),
        pattern=None,
        raised_s=START_S,
        updated_s=now,
        ended_s=now if state == "ended" else None,
        notify=(),
        picture=True,
        tracker=tracker,
        trail=(),
    )
