"""What sightings prove about one aircraft, each piece with its age: who it is, where it is, what it flies."""

from __future__ import annotations

from receiver.tracking import Sighting
from receiver.tracking.sighting import Slot
from receiver.watch.company import Present
from receiver.watch.identity import Identity
from receiver.watch.levels import Levels
from receiver.watch.patterns import PathPoint
from receiver.watch.patterns.detector import GROUND_REACH_KM
from receiver.watch.patterns.steps import MIN_STEP_S
from receiver.watch.watched import Crossing, Watched
from receiver.watch.world import Atlas, Registry

LAND_EVERY_S = 20.0
POSITION_FRESH_S = 60.0
QUALITY_FRESH_S = 60.0
TRACK_FRESH_S = 12.0  # a reported track older than the position by more than this says nothing of it
FLYING_KT = 50.0
GLIDER = "B1"
SMALL = "A1"  # who practises approaches all day
LOW_FT = 18_000.0  # an aerodrome is not above, nor is an approach to one
MILITARY = "military"

_POSITION, _TRACK, _SPEED, _QUALITY = int(Slot.POSITION), int(Slot.TRACK), int(Slot.GROUND_SPEED), int(Slot.QUALITY)


class Evidence:
    """Keeps a `Watched` up to date: `position` at every sighting, `look` before its rules are looked at."""

    def __init__(self, registry: Registry, atlas: Atlas, language: str) -> None:
        self._registry = registry
        self._atlas = atlas
        self._language = language
        self.levels = Levels()

    def ground(self, latitude_deg: float, longitude_deg: float) -> float | None:
        """Elevation of an aerodrome nearby, feet: what a detector asks for."""
        field = self._atlas.aerodrome(latitude_deg, longitude_deg)
        return field.elevation_ft if field is not None and field.distance_km <= GROUND_REACH_KM else None

    def position(self, aircraft: Watched, sighting: Sighting) -> None:
        """Take the position of a sighting if it is a new one."""
        value = sighting.values[_POSITION]
        if value is None or value is aircraft.position:
            return
        aircraft.position = value
        if value.time_s >= aircraft.fixed_s and value.time_s - aircraft.fixed_s < MIN_STEP_S:
            return
        aircraft.fixed_s = value.time_s
        position = value.value
        track, speed = sighting.values[_TRACK], sighting.values[_SPEED]
        track_deg = track.value if track is not None and value.time_s - track.time_s <= TRACK_FRESH_S else None
        altitude = sighting.altitude_baro_ft
        point = PathPoint(
            value.time_s,
            position.latitude_deg,
            position.longitude_deg,
            altitude,
            None if speed is None else speed.value,
            track_deg,
            bool(sighting.on_ground),
        )
        if not aircraft.belief.take(point, sighting.category):
            return
        aircraft.detector.glider = sighting.category == GLIDER
        aircraft.detector.update(point)
        aircraft.trail.add(value.time_s, position.latitude_deg, position.longitude_deg, altitude, track_deg)

    def identify(self, aircraft: Watched) -> None:
        """Who it is, if it calls itself otherwise than before."""
        sighting = aircraft.sighting
        key = (sighting.callsign, sighting.category)
        if key != aircraft.identity_key:
            aircraft.identity_key = key
            aircraft.identity = Identity.of(self._registry.identify(sighting.icao, *key), sighting.category)

    def look(self, aircraft: Watched, now: float) -> None:
        """Bring up to date what need not be known at every sighting."""
        sighting = aircraft.sighting
        self.identify(aircraft)
        flying = not sighting.on_ground and (sighting.ground_speed_kt or 0.0) >= FLYING_KT
        quality = sighting.values[_QUALITY]
        told = quality is not None and now - quality.time_s <= QUALITY_FRESH_S
        nac_p = sighting.nac_p if told else None
        aircraft.integrity.update(now, nac_p, sighting.nic, flying)
        position = sighting.position
        if position is None or not flying:
            aircraft.belief.weigh(None, nac_p)
        else:
            excess_db = self.levels.excess_db(
                sighting.icao, now, sighting.rssi_dbfs, position.distance_nmi, aircraft.belief.doubt is None
            )
            aircraft.belief.weigh(excess_db, nac_p)
        if (
            now // LAND_EVERY_S != aircraft.land_s // LAND_EVERY_S
        ):  # on a fixed beat: silences move no look; also without a rule about it: the story may begin later
            self._look_down(aircraft, now)

    def descend(self, aircraft: Watched, now: float) -> None:
        """Follow an approach to an aerodrome."""
        sighting, here = aircraft.sighting, aircraft.place_now()
        altitude = sighting.altitude_baro_ft
        low = altitude is not None and altitude < LOW_FT and here is not None and sighting.category != SMALL
        aircraft.descent.update(
            now, altitude, sighting.ground_speed_kt, bool(sighting.on_ground),
            self._atlas.aerodrome(*here) if low and here is not None else None,
        )  # fmt: skip

    def _look_down(self, aircraft: Watched, now: float) -> None:
        """Which country is below, and was a border crossed."""
        value = aircraft.position
        if value is None or now - value.time_s > POSITION_FRESH_S or aircraft.belief.doubt is not None:
            return
        position = value.value
        before, first = aircraft.land, aircraft.land_s < 0
        land = self._atlas.land(position.latitude_deg, position.longitude_deg, self._language)
        aircraft.land, aircraft.land_s = land, now
        if not first and (before.code if before else None) != (land.code if land else None):
            aircraft.crossed(Crossing(land, before, value.time_s))


def present(aircraft: Watched) -> Present | None:
    """Where it is in the air, for those who look for company; None: not known, or on the ground."""
    sighting, here, value = aircraft.sighting, aircraft.place_now(), aircraft.position
    altitude, track, speed = sighting.altitude_baro_ft, sighting.track_deg, sighting.ground_speed_kt
    if here is None or value is None or altitude is None or track is None or speed is None or sighting.on_ground:
        return None
    military = aircraft.identity.value(MILITARY) == "yes"
    return Present(value.time_s, value.time_s, *here, altitude, track, speed, military)
