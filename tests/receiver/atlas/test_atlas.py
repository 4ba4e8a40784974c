"""The seed's own place, first."""

from __future__ import annotations

from receiver.atlas import Atlas

ATLAS = Atlas()


def test_an_orbit_west_of_valle_de_bravo_is_told_by_the_town() -> None:
    near = ATLAS.near(19.15, -100.24, "en")
    assert near is not None
    assert (near.name, near.region, near.country) == ("Valle de Bravo", "Estado de México", "Mexico")
    assert 12 < near.distance_km < 13
    assert 240 < near.bearing_deg < 255
