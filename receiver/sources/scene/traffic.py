"""What an aircraft transmits and when, and how much of it arrives at the station.

Squitters come on a grid of their period with a random shift of a tenth of it to either side. That gives nearly the
standard's intervals, and any piece of a scene can be made without all that came before.

| what | each |
|---|---|
| airborne position, velocity; surface position in motion | 0.4–0.6 s |
| surface position standing, identification | 4–6 s |
| aircraft status (squawk); with an emergency | 4–6 s; 0.64–0.96 s |
| target state | 1–1.5 s |
| operational status | 2–3 s |
| acquisition squitter (DF11) | 0.8–1.2 s |

Replies to radars and to other aircraft's ACAS come at the scenario's mean rates.

Source: DO-260B 2.2.3.3 (rates) as readsb and pyModeS documents give them; Annex 10 vol. IV, 3.1.2.8.5 (squitter).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

from config.scenario import Event, Flight, Place, Scenario, ScenarioStation
from receiver.earth import EARTH_M, KM_PER_DEG, wrap_deg
from receiver.sources.scene import encode
from receiver.sources.scene.chance import mixed, normal, uniform
from receiver.sources.scene.motion import Path, State

FOOT_M = 0.3048
FT_PER_HPA = 27.3  # near the sea, in the standard atmosphere
STANDARD_HPA = 1013.25
ALERT_S = 18.0  # a new squawk is announced so long; an ident lasts as long
SHIFT = 0.1  # of the period, to either side

# kind -> period (s). The number is part of the seed: never reuse one.
POSITION, VELOCITY, IDENTIFICATION, STATUS, TARGET, OPERATIONAL, ALL_CALL, RADAR, ACAS, CALLED = range(10)
PERIOD_S = {
    POSITION: 0.5,
    VELOCITY: 0.5,
    IDENTIFICATION: 5.0,
    STATUS: 0.8,
    TARGET: 1.25,
    OPERATIONAL: 2.5,
    ALL_CALL: 1.0,
    CALLED: 20.0,
}
SELDOM = 6  # without an emergency every sixth status is sent
STANDING = 10  # a standing aircraft sends every tenth surface position


class Transmission(NamedTuple):
    """A frame as it arrives: `time_s` after the scene's start, level at the receiver, and what is needed to modulate.

    `chance` is a number of its own for everything random about it; `relayed`: another receiver hears it best; `icao`: of
    the sender.
    """

    time_s: float
    data: bytes
    level_dbfs: float
    carrier_offset_hz: float
    chance: int
    relayed: bool = False
    icao: int = 0


class _Said(NamedTuple):
    """What a crew has set, at one moment."""

    squawk: str
    emergency: str
    callsign: str | None
    position: str
    silent: bool
    squawk_since_s: float
    ident_since_s: float


class Aircraft:
    """One aircraft of a scene: its path, its words, its radio."""

    def __init__(self, flight: Flight, path: Path, scenario: Scenario) -> None:
        self.flight = flight
        self.path = path
        self.icao = int(flight.icao, 16)
        self.key = mixed(mixed(scenario.seed, self.icao), 0)
        self.carrier_hz = _carrier_hz(flight, scenario, normal(self.key, 1))
        self.power_db = flight.power_db + 1.5 * normal(self.key, 2)
        self.events: list[Event] = sorted(flight.events, key=lambda event: event.at_s)
        self.altimeter_ft = scenario.pressure.altimeter_ft * normal(self.key, 3)
        self._scenario = scenario
        self._station = scenario.station
        self._relays = scenario.relay
        self._radio = scenario.radio
        self.fades = [(uniform(self.key, 10 + k), (7.0, 23.0, 61.0)[k]) for k in range(3)]
        self.kinds: dict[int, float] = {ALL_CALL: PERIOD_S[ALL_CALL], CALLED: PERIOD_S[CALLED]}
        if scenario.radio.radar_replies_per_s > 0:
            self.kinds[RADAR] = 1.0 / scenario.radio.radar_replies_per_s
        if scenario.radio.acas_replies_per_s > 0:
            self.kinds[ACAS] = 1.0 / scenario.radio.acas_replies_per_s
        squitters = (POSITION, VELOCITY, IDENTIFICATION, STATUS, TARGET, OPERATIONAL)
        if flight.transponder == "df18":
            self.kinds = {}
        if flight.transponder != "mode_s":
            self.kinds |= {kind: PERIOD_S[kind] for kind in squitters}

    def transmissions(
        self, start_s: float, end_s: float, least_dbfs: float, *, relays: bool = False, keep: float = 1.0
    ) -> Iterator[Transmission]:
        """What arrives with at least so much power from `start_s` to before `end_s`, kind by kind.

        `relays`: also where the scenario's relays are; `keep`: only this share of it, by chance.
        """
        start_s, end_s = max(start_s, self.path.start_s), min(end_s, self.path.end_s)
        if end_s <= start_s:
            return
        for kind, period in self.kinds.items():
            key = mixed(self.key, 100 + kind)
            spread = 0.5 if kind in (RADAR, ACAS, CALLED) else SHIFT  # replies keep no rhythm
            phase = uniform(key, -2) * period
            first = math.floor((start_s - phase) / period - spread)
            for number in range(first, math.ceil((end_s - phase) / period + spread) + 1):
                chance = mixed(key, number)
                time_s = phase + (number + spread * (2.0 * uniform(chance, 0) - 1.0)) * period
                if not start_s <= time_s < end_s:
                    continue
                if keep < 1.0 and uniform(chance, 9) >= keep:
                    continue
                state = self.path.at(time_s)
                if state is None:
                    continue
                level = self.level_dbfs(state, time_s, chance, self._station)
                relayed = False
                if relays:
                    for relay in self._relays:
                        there = self.level_dbfs(state, time_s, chance, relay)
                        if there > level:
                            level, relayed = there, True
                if level < least_dbfs:
                    continue
                said = self.said(time_s)
                data = None if said.silent else self._frame(kind, number, chance, time_s, state, said)
                if data is not None:
                    carrier = self.carrier_hz + 2e3 * normal(chance, 1)
                    yield Transmission(time_s, data, level, carrier, chance, relayed, self.icao)

    def level_dbfs(self, state: State, time_s: float, chance: int, station: ScenarioStation) -> float:
        """Power at a receiver; −999 below its horizon (4/3 of the earth's radius, for the air bends the ray)."""
        north = math.radians(state.latitude - station.latitude)
        east = math.radians(wrap_deg(state.longitude - station.longitude))
        flat = EARTH_M * math.hypot(north, east * math.cos(math.radians((state.latitude + station.latitude) / 2)))
        above = max(state.altitude_ft * FOOT_M - station.altitude_m, 3.0)
        if state.on_ground:
            above = 3.0
        if flat > 4120.0 * (math.sqrt(station.antenna_m) + math.sqrt(above)):
            return -999.0
        slant = max(math.hypot(flat, above), 300.0)
        fade = sum(math.sin(2 * math.pi * (time_s / period + phase)) for phase, period in self.fades) / 2.0
        return (
            self._radio.level_at_100_km_dbfs
            + 20.0 * math.log10(100_000.0 / slant)
            + self.power_db
            + self._radio.fading_db * fade
            + 0.5 * normal(chance, 2)
        )

    def above_pressure_ft(self, state: State, time_s: float) -> float:
        """How much higher it is than its barometric altitude says."""
        if not self._scenario.stations:
            return 0.035 * state.altitude_ft  # warm air
        pressure, origin = self._scenario.pressure, self._scenario.stations[0]
        north = (state.latitude - origin.latitude) * KM_PER_DEG / 100.0
        east = wrap_deg(state.longitude - origin.longitude) * KM_PER_DEG / 100.0
        east *= math.cos(math.radians(origin.latitude))
        hpa = pressure.qnh_hpa - STANDARD_HPA + pressure.trend_hpa_h * time_s / 3600.0
        hpa += pressure.slope_hpa_100_km[0] * east + pressure.slope_hpa_100_km[1] * north
        return FT_PER_HPA * hpa + pressure.warm * state.altitude_ft + self.altimeter_ft

    def said(self, time_s: float) -> _Said:
        flight = self.flight
        said = _Said(flight.squawk, "none", flight.callsign, "good", False, -1e9, -1e9)
        for event in self.events:
            if event.at_s > time_s:
                break
            if event.squawk is not None and event.squawk != said.squawk:
                said = said._replace(squawk=event.squawk, squawk_since_s=event.at_s)
            if event.emergency is not None:
                said = said._replace(emergency=event.emergency)
            if event.callsign is not None:
                said = said._replace(callsign=event.callsign)
            if event.ident:
                said = said._replace(ident_since_s=event.at_s)
            if event.position is not None:
                said = said._replace(position=event.position)
            if event.silent is not None:
                said = said._replace(silent=event.silent)
        return said

    def _frame(self, kind: int, number: int, chance: int, time_s: float, state: State, said: _Said) -> bytes | None:
        if kind == ALL_CALL:
            return encode.df11(self.icao, capability=4 if state.on_ground else 5)
        if kind == CALLED:
            return encode.df11(
                self.icao, capability=4 if state.on_ground else 5, interrogator=1 + mixed(chance, 3) % 15
            )
        if kind == RADAR:
            return self._radar_reply(chance, time_s, state, said)
        if kind == ACAS:
            if uniform(chance, 3) < 0.03 and not state.on_ground:
                return encode.df16(self.icao, state.altitude_ft)
            return encode.df00(self.icao, None if state.on_ground else state.altitude_ft, on_ground=state.on_ground)
        me = self._register(kind, number, time_s, state, said)
        if me is None:
            return None
        if self.flight.transponder == "df18":
            return encode.df18(self.icao, me)
        return encode.df17(self.icao, me, capability=4 if state.on_ground else 5)

    def _status(self, time_s: float, said: _Said) -> tuple[bool, bool]:
        """Whether a new squawk is being announced, and whether ident was pressed."""
        alert = said.emergency != "none" or 0.0 <= time_s - said.squawk_since_s < ALERT_S
        return alert, 0.0 <= time_s - said.ident_since_s < ALERT_S

    def _register(self, kind: int, number: int, time_s: float, state: State, said: _Said) -> int | None:
        """The register of a squitter; None when it is not due."""
        if kind == POSITION:
            return self._position(number, time_s, state, said)
        if kind == VELOCITY:
            if state.on_ground:
                return None
            height = self.above_pressure_ft(state, time_s)
            return encode.velocity(
                state.ground_speed_kt,
                state.track_deg,
                state.vertical_rate_fpm,
                geom_minus_baro_ft=height,
                nac_v={"good": 2, "poor": 1}.get(said.position, 0),
            )
        if kind == IDENTIFICATION:
            return None if said.callsign is None else encode.identification(said.callsign, self.flight.category)
        if kind == STATUS:
            if self.flight.version == 0 or (said.emergency == "none" and number % SELDOM):
                return None
            return encode.emergency_status(said.emergency, said.squawk)
        nac_p = {"good": 9, "poor": 5}.get(said.position, 0)
        sil = 3 if said.position == "good" else 0
        if kind == TARGET:
            if self.flight.version == 0 or state.on_ground or self.flight.category in ("A1", "B6", "A7"):
                return None
            return encode.target_state(
                round(state.altitude_ft, -2),
                self._scenario.pressure.qnh_hpa,
                (state.track_deg - 4.5) % 360,
                nac_p=nac_p,
                sil=sil,
            )
        return encode.operational_status(
            surface=state.on_ground, version=self.flight.version, nac_p=nac_p, sil=sil, sda=2 if sil else 0
        )

    def _position(self, number: int, time_s: float, state: State, said: _Said) -> int | None:
        odd = bool(number & 1)
        latitude, longitude = told_place(state.latitude, state.longitude, self.flight.told_offset_km)
        if state.on_ground:
            if said.position == "lost":
                return None
            if state.ground_speed_kt < 1.0:
                if number % STANDING:
                    return None
                odd = bool(number // STANDING & 1)
            return encode.surface_position(latitude, longitude, odd, state.ground_speed_kt, state.track_deg)
        if said.position == "lost":
            return encode.no_position(state.altitude_ft)
        alert, ident = self._status(time_s, said)
        return encode.airborne_position(
            latitude,
            longitude,
            odd,
            state.altitude_ft,
            type_code=11 if said.position == "good" else 16,
            surveillance_status=3 if ident else 1 if said.emergency != "none" else 2 if alert else 0,
        )

    def _radar_reply(self, chance: int, time_s: float, state: State, said: _Said) -> bytes:
        alert, ident = self._status(time_s, said)
        status = (4 if alert else 5) if ident else (2 if alert else 0) + state.on_ground
        altitude_ft = None if state.on_ground else state.altitude_ft
        which = uniform(chance, 3)
        if which < 0.25:
            return encode.df04(self.icao, altitude_ft, flight_status=status)
        if which < 0.40:
            return encode.df05(self.icao, said.squawk, flight_status=status)
        mb = self._comm_b(uniform(chance, 4), state, said)
        if which < 0.70:
            return encode.df20(self.icao, altitude_ft, mb, flight_status=status)
        return encode.df21(self.icao, said.squawk, mb, flight_status=status)

    def _comm_b(self, which: float, state: State, said: _Said) -> int:
        """A register of the sort that radars ask for."""
        true_kt = state.ground_speed_kt
        if which < 0.04:
            return encode.bds10()
        if which < 0.08:
            return encode.bds17()
        if which < 0.25 and said.callsign is not None:
            return encode.bds20(said.callsign)
        if which < 0.50 or state.on_ground:
            return encode.bds40(max(round(state.altitude_ft, -2), 0), self._scenario.pressure.qnh_hpa)
        if which < 0.75:
            turn = state.turn_deg_s
            roll = math.degrees(math.atan(math.radians(turn) * true_kt * 0.514444 / 9.81))
            return encode.bds50(roll, state.track_deg, true_kt, turn, true_kt)
        # The standard atmosphere, roughly: good to a few per cent, as the wind that is not there would be
        kelvin = max(288.15 - 0.0019812 * state.altitude_ft, 216.65)
        mach = true_kt / (38.967854 * math.sqrt(kelvin))
        indicated = true_kt * math.sqrt(max(0.2, math.exp(-state.altitude_ft / 30_000.0)))
        return encode.bds60((state.track_deg - 4.5) % 360, indicated, mach, state.vertical_rate_fpm)


def told_place(latitude: float, longitude: float, offset_km: tuple[float, float]) -> Place:
    """Where an aircraft says that it is, which may be km to the east and north of where it is."""
    if offset_km == (0.0, 0.0):
        return latitude, longitude
    north = latitude + offset_km[1] / KM_PER_DEG
    east = longitude + offset_km[0] / (KM_PER_DEG * math.cos(math.radians(latitude)))
    return min(max(north, -89.0), 89.0), wrap_deg(east)


def _carrier_hz(flight: Flight, scenario: Scenario, chance: float) -> float:
    """An aircraft's carrier against the tuned frequency; `chance`: normally distributed."""
    if flight.carrier_khz is not None:
        return 1e3 * flight.carrier_khz
    most, sigma = 300e3, 90e3
    if scenario.air.carriers_khz is not None:
        most, sigma = 1e3 * scenario.air.carriers_khz, 400.0 * scenario.air.carriers_khz
    return max(-most, min(most, sigma * chance))
