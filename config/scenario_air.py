"""`[air]` of a scenario: what real air has and a textbook has not. Everything is off unless it is written."""

from __future__ import annotations

from typing import Self

from pydantic import model_validator

from config.base import Section, setting

Pair = tuple[float, float]

_SHARE = {"ge": 0, "le": 1}


class RealAir(Section):
    """`[air]`: transmitters, paths, other signals and the tuner as they are. One key is enough to have it."""

    carriers_khz: float | None = setting(
        None, "Carriers", "They lie within ± this (σ: 0.4 of it). Unset: within ±300 kHz, σ 90 kHz.",
        "10–1000 kHz", ge=10, le=1000,
    )  # fmt: skip
    phase_walk_share: float = setting(0.0, "Walking", "Share of aircraft whose phase walks.", "0–1", **_SHARE)
    phase_walk_rad: Pair = setting((0.3, 1.2), "Walk", "σ from pulse to pulse, of each of them.", "[from, to] in rad")
    phase_independent_share: float = setting(
        0.0, "Independent", "Share of aircraft that begin each pulse with any phase.", "0–1", **_SHARE
    )
    chirp_khz: float = setting(
        0.0, "Chirp", "Within ± this carriers are off at a pulse's begin.", "0–2000 kHz", ge=0, le=2000
    )
    drift_khz: float = setting(0.0, "Drift", "Within ± this carriers drift in 120 µs.", "0–500 kHz", ge=0, le=500)
    droop_db: float = setting(0.0, "Droop", "Up to this is lost at a long frame's end.", "0–10 dB", ge=0, le=10)
    edges_ns: Pair = setting((75.0, 75.0), "Edges", "Rise and fall times, 10–90 %.", "[from, to] in ns, 20–300")
    width_ns: Pair = setting((500.0, 500.0), "Width", "Of a pulse.", "[from, to] in ns, 300–700")
    edge_jitter_ns: float = setting(
        0.0, "Jitter", "Up to ± this each edge is off; instead of the radio's jitter_ns.", "0–200 ns", ge=0, le=200
    )
    echo_share: float = setting(0.0, "Echoes", "Share of aircraft with a second path.", "0–1", **_SHARE)
    echo_us: Pair = setting((0.1, 0.8), "Delay", "Of the second path.", "[from, to] in µs, 0–2")
    echo_db: Pair = setting((-15.0, -6.0), "Echo", "Second path against the first.", "[from, to] in dB, -40–0")
    fast_fading_db: float = setting(0.0, "Fading", "σ of levels within seconds.", "0–10 dB", ge=0, le=10)
    mode_ac_per_s: float = setting(0.0, "Mode A/C", "Replies to other radars.", "0–50000 a second", ge=0, le=50_000)
    mode_ac_carriers_khz: float = setting(
        3000.0, "Their carriers", "They lie within ± this, evenly.", "0–3000 kHz", ge=0, le=3000
    )
    dme_pairs_per_s: float = setting(0.0, "DME", "Pairs of pulses.", "0–10000 a second", ge=0, le=10_000)
    passband_tilt_db: float = setting(
        0.0, "Tilt", "The upper end of the band against the lower.", "-12–12 dB", ge=-12, le=12
    )
    passband_top: float = setting(
        0.48, "Upper edge", "Where half of the amplitude is left, in sample rates.", "0.2–0.6", ge=0.2, le=0.6
    )
    passband_bottom: float = setting(0.48, "Lower edge", "The same below.", "0.2–0.6", ge=0.2, le=0.6)
    gain_db: float = setting(
        0.0, "Gain", "Signals and noise both: too low rounds, too high clips.", "-30–30 dB", ge=-30, le=30
    )

    @model_validator(mode="after")
    def _ranges(self) -> Self:
        for name, low, high in (
            ("phase_walk_rad", 0.0, 7.0),
            ("edges_ns", 20.0, 300.0),
            ("width_ns", 300.0, 700.0),
            ("echo_us", 0.0, 2.0),
            ("echo_db", -40.0, 0.0),
        ):
            first, last = getattr(self, name)
            if not low <= first <= last <= high:
                raise ValueError(
                    f"{name}: got [{first:g}, {last:g}], expected two numbers from {low:g} to {high:g}, the lower first"
                )
        return self

    @property
    def is_on(self) -> bool:
        """Whether any key was written."""
        return bool(self.model_fields_set)
