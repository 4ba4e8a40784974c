"""A scene, ready to be heard: as frames for the hours, as samples for the minutes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from functools import cached_property
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from config.scenario import Flight, Place, Scenario, load_scenario
from dsp.samples import SampleFormat
from receiver.errors import UsageError
from receiver.sources.scene.chance import mixed, uniform
from receiver.sources.scene.crowd import crowd_flights
from receiver.sources.scene.motion import fly
from receiver.sources.scene.source import SceneSource
from receiver.sources.scene.stations.hostile import ghosts
from receiver.sources.scene.stations.sky import EVERYBODY, Sky
from receiver.sources.scene.stations.stations import Stations
from receiver.sources.scene.traffic import Aircraft, Transmission
from receiver.wire.beast import COUNTER_HZ, COUNTER_MASK
from receiver.wire.frame import Frame

PIECE_S = 1.0


class Scene:
    """A scenario with all its aircraft on their ways. Two scenes of the same file are alike to the last bit.

    Attributes
    ----------
    scenario
        As it was read.
    """

    def __init__(self, scenario: Scenario) -> None:
        self.scenario = scenario

    @property
    def title(self) -> str:
        """What it shows."""
        return self.scenario.title

    @property
    def duration_s(self) -> float:
        """How long it lasts."""
        return self.scenario.duration_s

    @property
    def start_utc_s(self) -> float:
        """UTC of its first moment."""
        return self.scenario.start_utc_s

    @property
    def station(self) -> Place:
        """Latitude and longitude of who listens."""
        return self.scenario.station.latitude, self.scenario.station.longitude

    @cached_property
    def aircraft(self) -> list[Aircraft]:
        """Everybody, in the file's order, crowds last."""
        scenario = self.scenario
        return [self._flown(flight) for flight in self._flights if flight.enters_s < scenario.duration_s]

    @cached_property
    def _flights(self) -> list[Flight]:
        scenario = self.scenario
        flights = list(scenario.aircraft)
        for number, crowd in enumerate(scenario.crowd):
            flights += crowd_flights(crowd, scenario, mixed(scenario.seed, 1000 + number))
        return flights

    def _flown(self, flight: Flight) -> Aircraft:
        scenario = self.scenario
        route = scenario.routes[flight.route] if flight.route is not None else None
        return Aircraft(flight, fly(flight, route, scenario.duration_s), scenario)

    @cached_property
    def stations(self) -> Stations:
        """Its several stations, with what each of them receives.

        Raises
        ------
        UsageError
            The scenario has no `[[stations]]`.
        """
        scenario = self.scenario
        if not scenario.stations:
            raise UsageError(f"{self.title}: got no [[stations]], expected at least one in the scene's file")
        aircraft, only = list(self.aircraft), [EVERYBODY] * len(self.aircraft)
        for number, station in enumerate(scenario.stations):
            if station.hostile is not None:
                for flight in ghosts(station.hostile, number, scenario, self._flights):
                    ghost = self._flown(flight)
                    ghost.key = mixed(ghost.key, 5000 + number)  # where its address is another's, its chances are not
                    aircraft.append(ghost)
                    only.append(number)
        return Stations(scenario, Sky(scenario, aircraft, only))

    def with_aircraft(self, icao: str, /, **changes: object) -> Scene:
        """The same scene with one aircraft changed: `scene.with_aircraft("ae4bd8", icao="0d0b01", callsign=None)`.

        Raises
        ------
        KeyError
            There is no such aircraft.
        """
        known = self.scenario.aircraft
        if all(flight.icao != icao for flight in known):
            raise KeyError(icao)
        aircraft = [flight.model_copy(update=changes) if flight.icao == icao else flight for flight in known]
        return Scene(self.scenario.model_copy(update={"aircraft": aircraft}))

    def transmissions(
        self,
        start_s: float,
        end_s: float,
        least_snr_db: float = 0.0,
        *,
        relays: bool = False,
        keep: float = 1.0,
    ) -> Iterator[list[Transmission]]:
        """What arrives, in order of time, in pieces of `PIECE_S`; `start_s` ≤ time < `end_s`.

        Parameters
        ----------
        least_snr_db
            Leave out what is weaker against the noise.
        relays
            With what the scenario's relays hear.
        keep
            Share of it all, chosen by chance.
        """
        least_dbfs = self.scenario.radio.noise_dbfs + least_snr_db
        end_s = min(end_s, self.duration_s)
        begin_s = max(start_s, 0.0)
        while begin_s < end_s:
            # Pieces begin at whole multiples, so that it does not matter where a caller began
            next_s = min((math.floor(begin_s / PIECE_S) + 1) * PIECE_S, end_s)
            here = [a for a in self.aircraft if a.path.start_s < next_s and a.path.end_s > begin_s]
            yield sorted(
                itertools.chain.from_iterable(
                    a.transmissions(begin_s, next_s, least_dbfs, relays=relays, keep=keep) for a in here
                )
            )
            begin_s = next_s

    def frames(
        self, start_s: float = 0.0, end_s: float | None = None, chunk_s: float = 1.0, *, keep: float = 1.0
    ) -> Iterator[list[Frame]]:
        """The frames that a good receiver would hand out, oldest first, one list for each `chunk_s` (often empty).

        Weak frames are heard by chance, as the scenario's `needed_snr_db` says; three in a hundred are lost to
        overlaps. What a relay hears better comes as found by "network". The clock is the scene's, the 12 MHz counter begins at its start.

        Parameters
        ----------
        start_s, end_s
            Seconds after the scene's start; None for its end.
        keep
            Share of the frames to hand out at all: 0.25 is a receiver that misses three of four, for quick runs.
        """
        scenario = self.scenario
        end_s = self.duration_s if end_s is None else min(end_s, self.duration_s)
        noise, needed = scenario.radio.noise_dbfs, scenario.radio.needed_snr_db
        chunk: list[Frame] = []
        due_s = start_s + chunk_s
        for piece in self.transmissions(start_s, end_s, needed - 4.0, relays=bool(scenario.relay), keep=keep):
            for sent in piece:
                while sent.time_s >= due_s:
                    yield chunk
                    chunk = []
                    due_s += chunk_s
                snr = sent.level_dbfs - noise
                if uniform(sent.chance, 5) >= 0.97 / (1.0 + math.exp((needed - snr) / 0.7)):
                    continue
                chunk.append(
                    Frame(
                        data=sent.data,
                        time_s=self.start_utc_s + sent.time_s,
                        counter_12mhz=round(sent.time_s * COUNTER_HZ) & COUNTER_MASK,
                        signal_dbfs=min(sent.level_dbfs, 0.0),
                        noise_dbfs=noise,
                        carrier_offset_hz=sent.carrier_offset_hz,
                        found="network" if sent.relayed else "direct",
                        source="scene",
                    )
                )
        while due_s < end_s:
            yield chunk
            chunk = []
            due_s += chunk_s
        yield chunk

    def source(
        self,
        start_s: float = 0.0,
        end_s: float | None = None,
        rate: float = 2.4e6,
        format: SampleFormat = SampleFormat.CU8,
    ) -> SceneSource:
        """The samples of a part of the scene, modulated while they are read; None as end is the scene's end."""
        end_s = self.duration_s if end_s is None else end_s
        return SceneSource(self.scenario, self.transmissions, self.start_utc_s, start_s, end_s, rate, format)


def scene_names() -> list[str]:
    """Names of the scenes that come along."""
    return sorted(entry.name.removesuffix(".toml") for entry in _shipped().iterdir() if entry.name.endswith(".toml"))


def _shipped() -> Traversable:
    return resources.files("receiver") / "scenes"


def open_scene(path_or_name: str | Path) -> Scene:
    """A scene of a TOML file, or by the name of one that comes along ("valle-de-bravo").

    Raises
    ------
    ConfigError
        The file cannot be used; one line a mistake.
    UsageError
        There is no such file or scene.
    """
    path = Path(path_or_name)
    if path.is_file():
        return Scene(load_scenario(path))
    name = str(path_or_name).removesuffix(".toml")
    if name in scene_names():
        with resources.as_file(_shipped() / f"{name}.toml") as shipped:
            return Scene(load_scenario(shipped))
    raise UsageError(f"{path_or_name}: no such file; built-in scenes: {', '.join(scene_names())}")


__all__ = ["Scene", "open_scene", "scene_names"]
