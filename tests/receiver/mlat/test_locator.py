"""The way through a hub: stations' receptions in, aircraft objects, frames and alerts out."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from config.rules import load_rules
from receiver.earth import METRES_PER_NMI, distance_nmi
from receiver.fleet.fleet import Fleet
from receiver.fleet.grouping import Reception, Transmission
from receiver.fleet.heard import Record, encode
from receiver.mlat.ellipsoid import to_place
from receiver.mlat.locator import Locator
from receiver.pipeline.heard import Heard
from receiver.pipeline.hub import Hub
from receiver.sinks import Air, Sink
from receiver.sources.scene.encode import airborne_position, df04, df11, df17, velocity
from receiver.tracking import Sighting, Tracker
from receiver.views.sbs_message import sbs_of_sighting
from receiver.watch import DEFAULT_RULES, Alert, Watch
from receiver.wire.frame import Frame
from tests.receiver.mlat.arrivals import TICKS_HZ, Aircraft, Station, arrivals, ring, traffic

START_S = 1_790_000_000.0
MORE_FT = 400.0  # height above the ellipsoid less barometric altitude
FT = 0.3048


class Ears(Sink):
    name = "ears"

    def __init__(self) -> None:
        self.air: Air | None = None
        self.computed: list[Frame] = []
        self.sightings: list[Sighting] = []

    def frames(self, frames: object, now: float) -> None:
        self.computed += [frame for frame in frames if frame.found == "mlat"]  # type: ignore[attr-defined]

    def sighting(self, sighting: Sighting) -> None:
        if sighting.icao == "ae4bd8":
            self.sightings.append(sighting)

    def second(self, air: Air) -> None:
        self.air = air


class Sky:
    """Aircraft that broadcast positions, one that answers radars only, stations and a hub."""

    def __init__(self, stations: list[Station], circling: Callable[[float], tuple[float, float, float]]) -> None:
        self.stations, self.circling = stations, circling
        self.broadcasting = traffic(6)
        self.rng = np.random.default_rng(7)
        self.ears = Ears()
        self.alerts: list[Alert] = []
        self.locator = Locator()
        self.locator.set_stations({s.name: (s.latitude_deg, s.longitude_deg, s.height_m) for s in stations})
        self.hub = Hub(
            Tracker(), Watch(load_rules(DEFAULT_RULES).rule), sinks=[self.ears], on_alert=self.alerts.append,
            locator=self.locator,
        )  # fmt: skip
        self.lie: Callable[[str, bytes], float] = lambda station, data: 0.0
        self.said_place: Callable[[Aircraft, float], tuple[float, float, float]] = lambda one, t: one.at(t)

    def until(self, begin: float, end: float) -> None:
        for tenth in range(round(begin * 10), round(end * 10)):
            t = tenth / 10
            sent: list[tuple[float, bytes, np.ndarray]] = []
            for number, one in enumerate(self.broadcasting):
                if (tenth + number) % 6:
                    continue
                odd = (tenth + number) // 6 % 2 == 1
                at = t + 0.011 * number
                latitude, longitude, height = self.said_place(one, at)
                icao, baro = int(one.icao, 16), height / FT - MORE_FT
                me = airborne_position(latitude, longitude, odd, baro)
                if (tenth + number) % 24 == 0:
                    me = velocity(300.0, 90.0, 0.0, geom_minus_baro_ft=MORE_FT)
                sent.append((at, df17(icao, me), one.place(at)))
            if tenth % 4 == 0:
                at = t + 0.09
                latitude, longitude, height = self.circling(at)
                data = df04(0xAE4BD8, height / FT - MORE_FT) if tenth % 12 else df11(0xAE4BD8)
                sent.append((at, data, to_place(latitude, longitude, height)))
            self.send(sent)

    def send(self, sent: list[tuple[float, bytes, np.ndarray]]) -> None:
        transmissions, frames = [], []
        for at, data, place in sent:
            read = arrivals(self.stations, place, at, self.rng)
            receptions = tuple(
                Reception(
                    station.name,
                    round((value + self.lie(station.name, data)) * TICKS_HZ),
                    station.clock,
                    -20.0,
                    START_S + at,
                )
                for station, value in zip(self.stations, read.tolist(), strict=True)
            )
            transmissions.append(Transmission(data, receptions, START_S + at))
            frames.append(Frame(data, START_S + at, found="network", source="fleet"))
        self.locator.expect(transmissions)
        self.hub.hear(Heard(frames, sent[-1][0] + START_S if sent else self.hub.now, None))


def orbit(t: float) -> tuple[float, float, float]:
    """Round 51° N, 4° E, 3 km from it, 85 m/s at 6,700 m."""
    angle = 85.0 / 3000.0 * t
    north, east = 3000.0 * math.cos(angle), 3000.0 * math.sin(angle)
    return 51.0 + north / 111_250.0, 4.0 + east / (111_250.0 * math.cos(math.radians(51.0))), 6700.0


def test_an_aircraft_that_broadcasts_no_position_is_located_published_and_noticed_as_orbiting() -> None:
    sky = Sky(ring(5), orbit)
    lap_s = 2 * math.pi * 3000.0 / 85.0
    sky.until(0.0, 3.2 * lap_s)
    air = sky.ears.air
    assert air is not None
    one = air.objects["ae4bd8"]
    assert one["type"] == "mlat"
    assert {"lat", "lon", "gs", "track"} <= set(one["mlat"])
    assert one["seen_pos"] <= 2.0
    latitude, longitude, _ = orbit(air.now - START_S - one["seen_pos"])
    assert distance_nmi(one["lat"], one["lon"], latitude, longitude) * METRES_PER_NMI < 150.0
    told = one["squitter"]["mlat"]
    assert 5 < told["error_m"] < 200
    assert told["stations"] == 5
    assert one["rc"] >= 2 * told["error_m"] or one["rc"] == 186
    assert one["gs"] == pytest.approx(85.0 / 0.51444, abs=25.0)
    # SBS, in the usual way: an airborne position of this address
    lines = [line for line in map(sbs_of_sighting, sky.ears.sightings) if line is not None]
    assert any(line.transmission_type == 3 and line.latitude_deg is not None for line in lines)
    # the watch: within three laps
    noticed = [alert for alert in sky.alerts if alert.icao == "ae4bd8" and "orbiting" in alert.rules]
    assert noticed
    assert sky.ears.computed
    assert {frame.counter_12mhz for frame in sky.ears.computed} == {0xFF004D4C4154}
    status = air.statistics["mlat"]
    assert status["stations"]["s0"]["matched"] == 4
    assert status["stations"]["s0"]["sigma_ns"] < 60
    assert status["transmissions"]["published"] > 400


def errors_m(sky: Sky) -> list[float]:
    """Of every position that was published of the one that answers radars only."""
    found = []
    for sighting in sky.ears.sightings:
        position = sighting.position
        value = sighting.value_of("latitude_deg")
        if position is None or value is None or value.time_s != sighting.now:
            continue
        latitude, longitude, _ = orbit(value.time_s - START_S)
        found.append(distance_nmi(position.latitude_deg, position.longitude_deg, latitude, longitude) * METRES_PER_NMI)
    return found


@pytest.mark.parametrize("by_s", [1e-6, 20e-6, -100e-6])
def test_a_station_that_lies_about_one_aircraft_only_moves_it_nowhere(by_s: float) -> None:
    sky = Sky(ring(6), orbit)
    lies = {df04(0xAE4BD8, orbit(0.0)[2] / FT - MORE_FT), df11(0xAE4BD8)}
    sky.lie = lambda station, data: by_s if station == "s3" and data in lies else 0.0
    sky.until(0.0, 40.0)
    errors = errors_m(sky)
    assert len(errors) > 20
    assert max(errors) < 150.0


def test_a_station_that_lies_about_all_is_named_and_not_used() -> None:
    sky = Sky(ring(6), orbit)
    sky.until(0.0, 10.0)
    sky.lie = lambda station, data: float(sky.rng.uniform(-100e-6, 100e-6)) if station == "s3" else 0.0
    sky.until(10.0, 40.0)
    assert max(errors_m(sky)) < 150.0
    assert sky.ears.air is not None
    status = sky.ears.air.statistics["mlat"]
    assert status["stations"]["s3"]["erratic"] is True
    assert not any(one.get("erratic") for name, one in status["stations"].items() if name != "s3")


def test_the_reason_is_told_while_there_is_no_position() -> None:
    sky = Sky(ring(2), orbit)
    sky.until(0.0, 20.0)
    assert sky.ears.air is not None
    why = sky.ears.air.objects["ae4bd8"]["squitter"]["mlat"]["why_not"]
    assert why == "only 2 stations receive it (s0 and s1): three with its altitude, or four, are needed"


def why_not(sky: Sky, until: float) -> str:
    sky.until(0.0, until)
    assert sky.ears.air is not None
    return str(sky.ears.air.objects["ae4bd8"]["squitter"]["mlat"]["why_not"])


def test_stations_at_one_place_say_that_they_are_too_close() -> None:
    assert "less than 1 km apart" in why_not(Sky(ring(4, radius_km=0.3), orbit), 12.0)


def test_stations_without_a_place_say_so() -> None:
    sky = Sky(ring(4), orbit)
    sky.locator.multilateration._places.clear()
    assert why_not(sky, 4.0) == "no station shares its place: set `fleet.share_location` on at least four of them"
    sky = Sky(ring(4), orbit)
    for name in ("s1", "s2"):
        del sky.locator.multilateration._places[name]
    assert why_not(sky, 4.0) == "s0, s1, s2 and s3 receive it, but s1 and s2 share no place"


def test_clocks_without_a_common_aircraft_say_so() -> None:
    sky = Sky(ring(4), orbit)
    sky.broadcasting = []
    assert "are not matched" in why_not(sky, 6.0)


def test_a_broadcast_position_that_arrival_times_contradict_is_marked_and_doubted() -> None:
    sky = Sky(ring(5), orbit)
    sky.until(0.0, 15.0)
    liar = sky.broadcasting[2]
    # from then on it claims to be 30 km to the north: slowly, as spoofers do
    sky.said_place = lambda one, t: (
        (one.at(t)[0] + 0.27 * min(1.0, (t - 15.0) / 60.0), *one.at(t)[1:]) if one is liar else one.at(t)
    )
    sky.until(15.0, 110.0)
    assert sky.ears.air is not None
    one = sky.ears.air.objects[liar.icao]
    against = one["squitter"]["mlat"]["contradicts"]
    assert against["km"] == pytest.approx(30.0, abs=2.0)
    assert distance_nmi(against["lat"], against["lon"], *liar.at(110.0)[:2]) < 1.0
    assert one["squitter"]["doubt"] == "times"
    others = [
        sky.ears.air.objects[other.icao]["squitter"].get("mlat", {}) for other in sky.broadcasting if other is not liar
    ]
    assert not any("contradicts" in other for other in others)


def test_what_was_expected_and_never_came_is_forgotten() -> None:
    locator = Locator()
    for second in range(200):
        locator.expect([Transmission(bytes(7), (), float(second))])
    assert len(locator._waiting) < 40


def test_a_hubs_frames_find_their_transmissions() -> None:
    fleet, locator = Fleet(), Locator()
    frames = [df04(0xAE4BD8, 21_000.0), df11(0xAE4BD8)]
    for number in range(3):
        records = [
            Record(data, round((5.0 + 0.3 * index + 1e-5 * number) * TICKS_HZ), -20.0, True)
            for index, data in enumerate(frames)
        ]
        fleet.hear(f"s{number}", "ae4bd8", encode(1, START_S, 1e-6, records), START_S + 6.0)
    taken: list[Frame] = []
    for now in np.arange(6.0, 12.0, 0.25):
        groups = fleet.turn(START_S + float(now))
        locator.expect(groups.transmissions(fleet.names))
        taken += fleet.frames(groups)
    found = list(locator._waiting)
    assert [(frame.time_s, frame.data) for frame in taken] == found
    assert [len(one.receptions) for one in locator._waiting.values()] == [3, 3]
