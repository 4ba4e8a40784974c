"""What is transmitted, many frames at once: the same as `traffic` makes one by one, with the places in three dimensions.

Times, contents and chances of each transmission are those of `receiver.sources.scene.traffic` (periods and sources are
told there); what is added is who transmits from where, and replies that come several times within milliseconds.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from config.scenario import Scenario
from receiver.earth import KM_PER_DEG
from receiver.sources.scene import encode, traffic
from receiver.sources.scene.stations import words
from receiver.sources.scene.stations.chances import Floats, Keys, mixed, uniform
from receiver.sources.scene.stations.globe import FOOT_M, cartesian
from receiver.sources.scene.stations.settings import Setting, Settings
from receiver.sources.scene.traffic import Aircraft

EVERYBODY = -1
MOST_REPEATS = 5
REPEAT_S = (0.002, 0.009)
_LONGEST_REPEAT_S = MOST_REPEATS * REPEAT_S[1]
_WIDTH = 8  # numbers in a state of `motion`

Integers = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Transmissions:
    """Frames on the air, as parallel arrays in order of time.

    Attributes
    ----------
    time_s
        float64: when the first pulse leaves the aircraft's antenna, after the scene's start.
    data, n_bytes
        uint8 (n, 14), and int64: 7 or 14.
    who
        intp: number of the aircraft; only: int64, the only station that receives it (it invents it), or `EVERYBODY`.
    place_m
        float64 (n, 3): where it is, earth-centred.
    latitude, longitude, height_m
        float64: the same as degrees and metres above the ellipsoid.
    altitude_ft
        float64: barometric, as its altimeter shows it.
    on_ground
        bool
    chance
        uint64: of everything random about it.
    """

    time_s: Floats
    data: NDArray[np.uint8]
    n_bytes: Integers
    who: NDArray[np.intp]
    only: Integers
    place_m: Floats
    latitude: Floats
    longitude: Floats
    height_m: Floats
    altitude_ft: Floats
    on_ground: Bools
    chance: Keys

    def __len__(self) -> int:
        return len(self.time_s)

    def __getitem__(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Transmissions:
        """Some of them."""
        return Transmissions(*(getattr(self, field.name)[rows] for field in fields(self)))

    def frame(self, row: int) -> bytes:
        """The bytes of one."""
        return self.data[row, : self.n_bytes[row]].tobytes()


@dataclass(slots=True)
class _Asked:
    """Frames to be made: one row each. `own`: the chance of its reception, which a repeated reply has anew."""

    kind: NDArray[np.int64]
    number: Integers
    chance: Keys
    who: NDArray[np.intp]
    time_s: Floats
    own: Keys

    def where(self, rows: Bools) -> _Asked:
        return _Asked(*(getattr(self, field.name)[rows] for field in fields(self)))


class Sky:
    """All aircraft of a scene as arrays.

    Parameters
    ----------
    scenario
        For its rates and its pressure.
    aircraft
        Who flies; `only` says for each of them who receives it: a station's number, or `EVERYBODY`.
    """

    def __init__(self, scenario: Scenario, aircraft: list[Aircraft], only: list[int]) -> None:
        self.aircraft = aircraft
        self._scenario = scenario
        self._only = np.array(only, np.int64)
        self.icao = np.array([a.icao for a in aircraft], np.int64)
        self.power_db = np.array([a.power_db for a in aircraft])
        self.carrier_hz = np.array([a.carrier_hz for a in aircraft])
        self.fades = np.array([a.fades for a in aircraft]).reshape(-1, 3, 2)
        self._key = np.array([a.key for a in aircraft], np.uint64)
        self._altimeter_ft = np.array([a.altimeter_ft for a in aircraft])
        self._start_s = np.array([a.path.start_s for a in aircraft])
        self._end_s = np.array([a.path.end_s for a in aircraft])
        lengths = np.array([len(a.path.values) // _WIDTH for a in aircraft], np.int64)
        self._first = np.concatenate([[0], np.cumsum(lengths)])[:-1]
        self._states = np.concatenate([np.frombuffer(a.path.values) for a in aircraft]).reshape(-1, _WIDTH)
        self._version = np.array([a.flight.version for a in aircraft], np.int64)
        self._is_df18 = np.array([a.flight.transponder == "df18" for a in aircraft])
        self._has_target = np.array([a.flight.category not in ("A1", "B6", "A7") for a in aircraft])
        self._offset_km = np.array([a.flight.told_offset_km for a in aircraft]).reshape(-1, 2)
        self._periods = {
            kind: np.array([a.kinds.get(kind, np.inf) for a in aircraft]) for kind in range(traffic.CALLED + 1)
        }
        self._said = Settings(aircraft)

    def transmissions(self, start_s: float, end_s: float) -> Transmissions:
        """What is sent, start_s ≤ time < end_s."""
        asked = self._asked(start_s, end_s)
        state = self._state(asked)
        said = self._said.at(asked.who, asked.time_s)
        head, body, overlay, is_long, is_sent = self._frames(asked, state, said)
        is_sent &= ~said.silent
        is_sent &= (asked.time_s >= start_s) & (asked.time_s < end_s)
        rows = np.flatnonzero(is_sent)
        rows = rows[np.argsort(asked.time_s[rows], kind="stable")]
        who, time_s, at = asked.who[rows], asked.time_s[rows], state[rows]
        height_m = FOOT_M * (at[:, 2] + self._above_pressure_ft(at, time_s, who))
        return Transmissions(
            time_s=time_s,
            data=words.frames(head[rows], body[rows], overlay[rows], is_long[rows]),
            n_bytes=np.where(is_long[rows], 14, 7),
            who=who,
            only=self._only[who],
            place_m=cartesian(at[:, 0], at[:, 1], height_m),
            latitude=at[:, 0],
            longitude=at[:, 1],
            height_m=height_m,
            altitude_ft=at[:, 2],
            on_ground=at[:, 7] != 0.0,
            chance=asked.own[rows],
        )

    def _asked(self, start_s: float, end_s: float) -> _Asked:
        """Every moment at which something is due."""
        parts = []
        repeats = self._scenario.arrivals.repeats
        for kind, periods in self._periods.items():
            rhythmless = kind in (traffic.RADAR, traffic.ACAS, traffic.CALLED)
            is_repeated = repeats > 0.0 and kind in (traffic.RADAR, traffic.CALLED)
            begin = np.maximum(start_s - (_LONGEST_REPEAT_S if is_repeated else 0.0), self._start_s)
            end = np.minimum(end_s, self._end_s)
            who = np.flatnonzero(np.isfinite(periods) & (end > begin))
            if not len(who):
                continue
            spread = 0.5 if rhythmless else traffic.SHIFT
            period, begin, end = periods[who], begin[who], end[who]
            key = mixed(self._key[who], 100 + kind)
            phase = uniform(key, -2) * period
            first = np.floor((begin - phase) / period - spread).astype(np.int64)
            last = np.ceil((end - phase) / period + spread).astype(np.int64)
            number = first[:, None] + np.arange(int((last - first).max()) + 1)
            chance = mixed(key[:, None], number)
            time_s = phase[:, None] + (number + spread * (2.0 * uniform(chance, 0) - 1.0)) * period[:, None]
            row, column = np.nonzero((time_s >= begin[:, None]) & (time_s < end[:, None]) & (number <= last[:, None]))
            at = row, column
            part = _Asked(np.full(len(row), kind), number[at], chance[at], who[row], time_s[at], chance[at])
            parts.append(part)
            if is_repeated:
                parts += self._repeated(part, repeats)
        if not parts:
            empty = np.zeros(0, np.int64)
            keys = empty.astype(np.uint64)
            return _Asked(empty, empty, keys, empty, empty.astype(np.float64), keys)
        asked = _Asked(*(np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(_Asked)))
        return asked.where(asked.time_s < self._end_s[asked.who])

    def _repeated(self, part: _Asked, mean: float) -> list[_Asked]:
        """The same replies again: another one follows with a chance that makes `mean` of them, up to MOST_REPEATS."""
        again = []
        for k in range(MOST_REPEATS):
            part = part.where(uniform(part.chance, 40 + k) < mean / (1.0 + mean))
            part.time_s += REPEAT_S[0] + (REPEAT_S[1] - REPEAT_S[0]) * uniform(part.chance, 50 + k)
            part.own = mixed(part.chance, 60 + k)
            again.append(part)
        return again

    def _state(self, asked: _Asked) -> Floats:
        """States as `motion.Path.at` has them; (n, 8)."""
        x = asked.time_s - self._start_s[asked.who]
        whole = np.floor(x).astype(np.int64)
        part = x - whole
        row = self._first[asked.who] + whole
        a, b = self._states[row], self._states[row + 1]
        state: Floats = a.copy()
        state[:, :4] += part[:, None] * (b[:, :4] - a[:, :4])
        state[:, 4] = (a[:, 4] + part * a[:, 6]) % 360.0
        return state

    def _above_pressure_ft(self, state: Floats, time_s: Floats, who: NDArray[np.intp]) -> Floats:
        pressure, origin = self._scenario.pressure, self._scenario.stations[0]
        north = (state[:, 0] - origin.latitude) * KM_PER_DEG / 100.0
        east = ((state[:, 1] - origin.longitude + 180.0) % 360.0 - 180.0) * KM_PER_DEG / 100.0
        east *= np.cos(np.radians(origin.latitude))
        hpa = pressure.qnh_hpa - traffic.STANDARD_HPA + pressure.trend_hpa_h * time_s / 3600.0
        hpa += pressure.slope_hpa_100_km[0] * east + pressure.slope_hpa_100_km[1] * north
        above: Floats = traffic.FT_PER_HPA * hpa + pressure.warm * state[:, 2] + self._altimeter_ft[who]
        return above

    def _frames(self, asked: _Asked, state: Floats, said: Setting) -> tuple[Integers, Integers, Integers, Bools, Bools]:
        n = len(asked.kind)
        head, body, overlay = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
        is_long, is_sent = np.zeros(n, bool), np.zeros(n, bool)
        icao, on_ground = self.icao[asked.who], state[:, 7] != 0.0
        code = words.altitude_code(state[:, 2], on_ground)
        capability = np.where(on_ground, 4, 5)
        kind = asked.kind

        rows = (kind == traffic.ALL_CALL) | (kind == traffic.CALLED)
        head[rows] = 11 << 27 | capability[rows] << 24 | icao[rows]
        called = kind == traffic.CALLED
        overlay[called] = (1 + mixed(asked.chance[called], 3) % np.uint64(15)).astype(np.int64)
        is_sent |= rows

        rows = kind == traffic.ACAS
        coordinating = rows & (uniform(asked.chance, 3) < 0.03) & ~on_ground
        head[rows] = on_ground[rows].astype(np.int64) << 26 | 1 << 25 | 7 << 21 | 3 << 15 | code[rows]
        head[coordinating] = 16 << 27 | 7 << 21 | 3 << 15 | code[coordinating]
        body[coordinating] = 0x30 << 48
        is_long |= coordinating
        overlay[rows] = icao[rows]
        is_sent |= rows

        self._radar_replies(asked, state, said, head, body, overlay, is_long, code)
        is_sent |= kind == traffic.RADAR

        registers, due = self._registers(asked, state, said)
        squitter = due & (kind <= traffic.OPERATIONAL)
        is_df18 = self._is_df18[asked.who]
        start = np.where(is_df18, 18 << 27, 17 << 27 | capability << 24)
        head[squitter] = start[squitter] | icao[squitter]
        body[squitter] = registers[squitter]
        is_long |= squitter
        is_sent |= squitter
        return head, body, overlay, is_long, is_sent

    def _radar_replies(
        self,
        asked: _Asked,
        state: Floats,
        said: Setting,
        head: Integers,
        body: Integers,
        overlay: Integers,
        is_long: Bools,
        code: Integers,
    ) -> None:
        rows = np.flatnonzero(asked.kind == traffic.RADAR)
        chance, at, who = asked.chance[rows], state[rows], asked.who[rows]
        on_ground = at[:, 7] != 0.0
        alert, ident = said.alert[rows], said.ident[rows]
        status = np.where(ident, np.where(alert, 4, 5), np.where(alert, 2, 0) + on_ground)
        which = uniform(chance, 3)
        df = np.select([which < 0.25, which < 0.40, which < 0.70], [4, 5, 20], 21)
        field = np.where((df == 4) | (df == 20), code[rows], said.squawk[rows])
        head[rows] = df << 27 | status << 24 | field
        overlay[rows] = self.icao[who]
        is_long[rows] = df >= 20
        # Registers of the sort that radars ask for
        asks = uniform(chance, 4)
        speed, track, rate, turn = at[:, 3], at[:, 4], at[:, 5], at[:, 6]
        roll = np.degrees(np.arctan(np.radians(turn) * speed * 0.514444 / 9.81))
        kelvin = np.maximum(288.15 - 0.0019812 * at[:, 2], 216.65)
        mach = speed / (38.967854 * np.sqrt(kelvin))
        indicated = speed * np.sqrt(np.maximum(0.2, np.exp(-at[:, 2] / 30_000.0)))
        qnh = self._scenario.pressure.qnh_hpa
        body[rows] = np.select(
            [asks < 0.04, asks < 0.08, (asks < 0.25) & said.is_called[rows], (asks < 0.50) | on_ground, asks < 0.75],
            [
                np.full(len(rows), encode.bds10()),
                np.full(len(rows), encode.bds17()),
                0x20 << 48 | said.callsign[rows],
                words.bds40(np.maximum(np.round(at[:, 2], -2), 0), qnh),
                words.bds50(roll, track, speed, turn, speed),
            ],
            words.bds60((track - 4.5) % 360, indicated, mach, rate),
        )

    def _registers(self, asked: _Asked, state: Floats, said: Setting) -> tuple[Integers, Bools]:
        """Registers of the squitters, and whether they are due."""
        n = len(asked.kind)
        me, due = np.zeros(n, np.int64), np.zeros(n, bool)
        on_ground, version = state[:, 7] != 0.0, self._version[asked.who]
        good, lost = said.position == 0, said.position == 2
        self._positions(asked, state, said, me, due)

        rows = np.flatnonzero((asked.kind == traffic.VELOCITY) & ~on_ground)
        at = state[rows]
        above = self._above_pressure_ft(at, asked.time_s[rows], asked.who[rows])
        nac_v = np.array([2, 1, 0])[said.position[rows]]
        me[rows] = words.velocity(at[:, 3], at[:, 4], at[:, 5], above, nac_v)
        due[rows] = True

        rows = np.flatnonzero((asked.kind == traffic.IDENTIFICATION) & said.is_called)
        me[rows] = said.identification[rows]
        due[rows] = True

        seldom = (said.emergency == 0) & (asked.number % traffic.SELDOM != 0)
        rows = np.flatnonzero((asked.kind == traffic.STATUS) & (version > 0) & ~seldom)
        me[rows] = 28 << 51 | 1 << 48 | said.emergency[rows] << 45 | said.squawk[rows] << 32
        due[rows] = True

        nac_p, sil = np.array([9, 5, 0])[said.position], np.where(good, 3, 0)
        rows = np.flatnonzero((asked.kind == traffic.TARGET) & (version > 0) & ~on_ground & self._has_target[asked.who])
        at, qnh = state[rows], self._scenario.pressure.qnh_hpa
        heading = (at[:, 4] - 4.5) % 360
        me[rows] = words.target_state(np.round(at[:, 2], -2), qnh, heading, nac_p[rows], sil[rows])
        due[rows] = True

        rows = np.flatnonzero(asked.kind == traffic.OPERATIONAL)
        sda = np.where(sil[rows] > 0, 2, 0)
        me[rows] = words.operational_status(on_ground[rows], version[rows], nac_p[rows], sil[rows], sda)
        due[rows] = True
        assert not np.any(lost & good)
        return me, due

    def _positions(self, asked: _Asked, state: Floats, said: Setting, me: Integers, due: Bools) -> None:
        is_position = asked.kind == traffic.POSITION
        on_ground, lost = state[:, 7] != 0.0, said.position == 2
        offset = self._offset_km[asked.who]
        is_off = np.any(offset != 0.0, axis=1)
        latitude, longitude = state[:, 0], state[:, 1]
        north = np.clip(latitude + offset[:, 1] / KM_PER_DEG, -89.0, 89.0)
        east = longitude + offset[:, 0] / (KM_PER_DEG * np.cos(np.radians(latitude)))
        latitude = np.where(is_off, north, latitude)
        longitude = np.where(is_off, (east + 180.0) % 360.0 - 180.0, longitude)

        standing = state[:, 3] < 1.0
        number = np.where(on_ground & standing, asked.number // traffic.STANDING, asked.number)
        odd = (number & 1) != 0
        rows = np.flatnonzero(is_position & on_ground & ~lost & (~standing | (asked.number % traffic.STANDING == 0)))
        me[rows] = words.surface_position(latitude[rows], longitude[rows], odd[rows], state[rows, 3], state[rows, 4])
        due[rows] = True

        rows = np.flatnonzero(is_position & ~on_ground & lost)
        me[rows] = words.altitude_code_12(state[rows, 2]) << 36
        due[rows] = True

        rows = np.flatnonzero(is_position & ~on_ground & ~lost)
        emergency = said.emergency[rows] != 0
        status = np.where(said.ident[rows], 3, np.where(emergency, 1, np.where(said.alert[rows], 2, 0)))
        type_code = np.where(said.position[rows] == 0, 11, 16)
        me[rows] = words.airborne_position(
            latitude[rows], longitude[rows], odd[rows], state[rows, 2], type_code, status
        )
        due[rows] = True


__all__ = ["EVERYBODY", "Sky", "Transmissions"]
