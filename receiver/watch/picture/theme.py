"""Colours of the card, light and dark."""

from __future__ import annotations

from dataclasses import dataclass

Colour = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours, and ramps from the first to the last for the track."""

    paper: Colour
    ink: Colour
    faint_ink: Colour
    rule: Colour
    sea: Colour
    land: Colour
    shore: Colour
    lake: Colour
    river: Colour
    road: Colour
    street: Colour
    runway: Colour
    border: Colour
    region: Colour
    grid: Colour
    halo: Colour
    place: Colour
    water_name: Colour
    country_name: Colour
    casing: Colour
    by_time: tuple[Colour, ...]
    by_altitude: tuple[Colour, ...]
    severity: dict[str, Colour]


LIGHT = Theme(
    paper=(253, 252, 249),
    ink=(28, 32, 38),
    faint_ink=(112, 118, 126),
    rule=(222, 219, 211),
    sea=(203, 220, 232),
    land=(244, 240, 230),
    shore=(138, 164, 184),
    lake=(186, 211, 230),
    river=(158, 194, 220),
    road=(216, 188, 140),
    street=(226, 219, 203),
    runway=(122, 134, 146),
    border=(142, 104, 124),
    region=(201, 187, 184),
    grid=(186, 205, 219),
    halo=(250, 247, 240),
    place=(54, 58, 66),
    water_name=(58, 104, 146),
    country_name=(152, 124, 136),
    casing=(255, 255, 255),
    by_time=((116, 138, 196), (126, 88, 178), (190, 48, 128), (226, 72, 44)),
    by_altitude=((222, 120, 24), (152, 158, 24), (22, 150, 104), (26, 118, 196), (112, 62, 190)),
    severity={"info": (58, 110, 165), "warning": (214, 120, 16), "critical": (200, 34, 44)},
)

DARK = Theme(
    paper=(22, 25, 30),
    ink=(234, 236, 239),
    faint_ink=(146, 153, 162),
    rule=(52, 57, 65),
    sea=(22, 33, 46),
    land=(42, 46, 52),
    shore=(86, 112, 134),
    lake=(26, 44, 62),
    river=(46, 78, 104),
    road=(92, 88, 76),
    street=(60, 64, 70),
    runway=(168, 180, 192),
    border=(170, 128, 148),
    region=(74, 74, 82),
    grid=(32, 45, 60),
    halo=(34, 38, 44),
    place=(212, 215, 220),
    water_name=(122, 172, 216),
    country_name=(148, 120, 134),
    casing=(12, 14, 17),
    by_time=((94, 122, 196), (150, 110, 214), (228, 92, 160), (255, 150, 84)),
    by_altitude=((255, 158, 64), (206, 206, 70), (64, 200, 140), (84, 164, 248), (178, 130, 250)),
    severity={"info": (94, 152, 212), "warning": (240, 160, 56), "critical": (240, 82, 88)},
)

THEMES = {"light": LIGHT, "dark": DARK}


def along(ramp: tuple[Colour, ...], share: float) -> Colour:
    """The ramp's colour at a share of 0 to 1."""
    place = min(max(share, 0.0), 1.0) * (len(ramp) - 1)
    k = min(int(place), len(ramp) - 2)
    part = place - k
    r, g, b = (round(one + (two - one) * part) for one, two in zip(ramp[k], ramp[k + 1], strict=True))
    return r, g, b
