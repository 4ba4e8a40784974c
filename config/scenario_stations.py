"""`[[stations]]` of a scenario, and what only several stations can tell apart: pressure, arrival times, lies."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.base import Section, setting

Seconds = Annotated[float, Field(ge=0, le=864_000)]
Samples = Annotated[int, Field(ge=1, le=2_000_000)]
Bearing = Annotated[float, Field(ge=0, le=360)]
Elevation = Annotated[float, Field(ge=-10, le=90)]
MOST_STATIONS = 64


class Hostile(Section):
    """`[stations.hostile]`: a station that sends what it did not receive, beside what it did."""

    from_s: float = setting(0.0, "From", "When it begins, seconds after the scene's start.", "0–864000 seconds", ge=0)
    ghosts: int = setting(0, "Ghosts", "Aircraft that nobody else receives, with positions.", "0–200", ge=0, le=200)
    displaced: int = setting(
        0, "Displaced", "Real aircraft for which it also sends positions 20–40 km away.", "0–200", ge=0, le=200
    )
    replay_share: float = setting(
        0.0, "Replays", "Share of its frames that it sends again as new, 0.5–60 s later.", "0–1", ge=0, le=1
    )
    shifted_share: float = setting(0.0, "Shifted", "Share of its frames with a wrong time.", "0–1", ge=0, le=1)
    shift_us: tuple[float, float] = setting(
        (1.0, 100.0), "Shift", "How wrong, either way.", "[from, to] in µs, 0.01–1e6"
    )

    @model_validator(mode="after")
    def _range(self) -> Self:
        low, high = self.shift_us
        if not 0.01 <= low <= high <= 1e6:
            raise ValueError(
                f"shift_us: got [{low:g}, {high:g}], expected two numbers from 0.01 to 1e6, the lower first"
            )
        return self


class SceneStation(Section):
    """`[[stations]]`: one of several that receive the same sky, with a clock of its own."""

    name: str = setting(..., "Name", "Of the station; part of file names.", "a–z, 0–9, -", pattern=r"^[a-z0-9-]{1,24}$")
    latitude: float = setting(..., "Latitude", "Degrees north.", "-89–89 degrees", ge=-89, le=89)
    longitude: float = setting(..., "Longitude", "Degrees east.", "-180–180 degrees", ge=-180, le=180)
    altitude_m: float = setting(0.0, "Altitude", "Of the land, above the ellipsoid.", "-430–6000 m", ge=-430, le=6000)
    antenna_m: float = setting(10.0, "Antenna", "Its height above the land.", "1–2000 m", ge=1, le=2000)
    gain_db: float = setting(0.0, "Gain", "Antenna and cable against the others'.", "-30–30 dB", ge=-30, le=30)
    noise_dbfs: float | None = setting(None, "Noise", "Unset: the radio's.", "-60–-10 dBFS", ge=-60, le=-10)
    ripple_db: float = setting(2.0, "Ripple", "How far its antenna's gain swings around.", "0–10 dB", ge=0, le=10)
    blind: list[tuple[Bearing, Bearing, Elevation]] = Field(
        default_factory=list, max_length=20, title="Blind",
        description="Sectors behind obstacles: bearings clockwise from, to, and the elevation up to which nothing arrives.",
    )  # fmt: skip
    loss: float = setting(0.01, "Loss", "Share of frames lost at random.", "0–1", ge=0, le=1)
    clock: Literal["free", "gps"] = setting(
        "free", "Clock", "free: its own oscillator; gps: 12 MHz since UTC midnight.", '"free" or "gps"'
    )
    ppm: float | None = setting(
        None, "Frequency", "Error of its oscillator. Unset: by chance, ±2.", "-100–100 ppm", ge=-100, le=100
    )
    temperature_ppm: float = setting(
        0.1, "Temperature", "How far its frequency swings with the temperature.", "0–10 ppm", ge=0, le=10
    )
    walk_ppb: float = setting(
        1.0, "Walk", "σ of what its frequency changes in a second, at random.", "0–100 ppb", ge=0, le=100
    )
    lost_samples: list[tuple[Seconds, Samples]] = Field(
        default_factory=list, max_length=10_000, title="Lost samples",
        description="When the clock falls behind, and by how many samples of 2.4 MHz.",
    )  # fmt: skip
    losses_per_hour: float = setting(
        0.0, "Losses", "More of them at random, 10–2000 samples each.", "0–3600", ge=0, le=3600
    )
    restarts: list[Seconds] = Field(
        default_factory=list, max_length=1000, title="Restarts",
        description="When the receiver starts again: silent for 8 s, then its counter begins at 0.",
    )  # fmt: skip
    gaps: list[tuple[Seconds, Seconds]] = Field(
        default_factory=list, max_length=1000, title="Gaps",
        description="From, to: nothing comes from it, its clock goes on.",
    )  # fmt: skip
    gaps_per_hour: float = setting(0.0, "Random gaps", "More of them at random, 1–60 s each.", "0–360", ge=0, le=360)
    hostile: Hostile | None = Field(default=None, title="Hostile", description="It sends what it did not receive.")


class Pressure(Section):
    """`[pressure]`: barometric altitude against true height; only in scenes with stations."""

    qnh_hpa: float = setting(
        1016.0, "Pressure", "At the sea, at the first station, at the start.", "940–1060 hPa", ge=940, le=1060
    )
    trend_hpa_h: float = setting(0.0, "Trend", "What it gains in an hour.", "-10–10 hPa", ge=-10, le=10)
    slope_hpa_100_km: tuple[float, float] = setting(
        (0.0, 0.0), "Slope", "What it gains in 100 km.", "[east, north] in hPa"
    )
    warm: float = setting(
        0.035,
        "Warm",
        "How much thicker than the standard atmosphere the air is, as a share.",
        "-0.2–0.2",
        ge=-0.2,
        le=0.2,
    )
    altimeter_ft: float = setting(30.0, "Altimeters", "σ of each aircraft's own error.", "0–500 ft", ge=0, le=500)


class Arrivals(Section):
    """`[arrivals]`: how well receivers know when a frame arrived, and what arrives more than once."""

    sigma_ns: float = setting(
        20.0, "Sigma", "σ at 20 dB of signal to noise, ten times that at 0 dB.", "0–1000 ns", ge=0, le=1000
    )
    floor_ns: float = setting(5.0, "Floor", "σ that stays however strong a frame is.", "0–1000 ns", ge=0, le=1000)
    refractivity: float = setting(
        0.0,
        "Refractivity",
        "Of the air at the sea; slows the signal. 0: vacuum; 315: as it is.",
        "0–450 N",
        ge=0,
        le=450,
    )
    late_share: float = setting(0.0, "Late", "Share that arrives over a detour.", "0–1", ge=0, le=1)
    late_ns: float = setting(300.0, "Detour", "Mean of the delay, exponential.", "1–10000 ns", ge=1, le=10_000)
    repeats: float = setting(
        0.0,
        "Repeats",
        "Mean number of identical replies, 2–9 ms apart, that follow one to a radar.",
        "0–10",
        ge=0,
        le=10,
    )
