"""A scenario's `[air]` is in the samples, switch by switch."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray

from config.scenario import Scenario
from dsp.air.effects import NONE
from dsp.samples import SampleFormat
from receiver.sources.scene import Scene, Sent
from receiver.sources.scene.channel import PlainChannel, RealChannel, effects_of

ICAO = "0d0b01"


def scene(air: Mapping[str, object], *, flight: Mapping[str, object] | None = None, **radio: object) -> Scene:
    """One aircraft that circles near the station."""
    return Scene(
        Scenario.model_validate(
            {
                "title": "one",
                "start": "2026-02-01T15:00:00Z",
                "duration_s": 60,
                "station": {"latitude": 19.3, "longitude": -99.75},
                "radio": {"noise_dbfs": -60, **radio},
                "air": air,
                "aircraft": [
                    {
                        "icao": ICAO,
                        "start": [19.5, -99.75],
                        "altitude_ft": 20_000,
                        "speed_kt": 250,
                        "legs": [{"orbit": [19.5, -99.75], "for_s": 300}],
                        **(flight or {}),
                    }
                ],
            }
        )
    )


def samples(one: Scene, start_s: float, end_s: float, rate: float = 10e6) -> tuple[NDArray[np.complex128], list[Sent]]:
    """Complex samples and the truth about them."""
    parts, frames = [], []
    for block, sent in one.source(start_s, end_s, rate, SampleFormat.CF32).blocks_and_sent():
        parts.append(block.iq.astype(float))
        frames += sent
    iq = np.concatenate(parts)
    return iq[0::2] + 1j * iq[1::2], frames


def first_pulses(one: Scene, rate: float = 10e6) -> tuple[NDArray[np.complex128], NDArray[np.complex128]]:
    """The middles of the first two preamble pulses of each frame of two seconds."""
    iq, frames = samples(one, 2.0, 4.0, rate)
    at = np.array([frame.time_s for frame in frames if frame.time_s < 1.999]) * rate
    return iq[np.rint(at + 0.25e-6 * rate).astype(int)], iq[np.rint(at + 1.25e-6 * rate).astype(int)]


def test_without_air_the_channel_is_the_plain_one_and_with_one_key_it_is_not() -> None:
    assert isinstance(scene({}).source(0.0, 1.0).channel, PlainChannel)
    channel = scene({"droop_db": 0.0}).source(0.0, 1.0).channel
    assert isinstance(channel, RealChannel)
    assert channel.effects.with_(jitter_s=0.0, noise_dbfs=-36.0, echo_s=NONE.echo_s) == NONE


def test_each_key_switches_its_effect() -> None:
    keys = {
        "carriers_khz": 1000.0,
        "phase_walk_share": 0.5,
        "phase_walk_rad": (0.4, 0.5),
        "phase_independent_share": 0.5,
        "chirp_khz": 100.0,
        "drift_khz": 10.0,
        "droop_db": 2.0,
        "edges_ns": (50.0, 150.0),
        "width_ns": (450.0, 550.0),
        "edge_jitter_ns": 50.0,
        "echo_share": 0.5,
        "echo_us": (0.2, 0.3),
        "echo_db": (-9.0, -8.0),
        "fast_fading_db": 2.0,
        "mode_ac_per_s": 100.0,
        "mode_ac_carriers_khz": 2000.0,
        "dme_pairs_per_s": 10.0,
        "passband_tilt_db": 2.0,
        "passband_top": 0.4,
        "gain_db": -3.0,
    }
    off = effects_of(scene({"passband_bottom": 0.48}).scenario)
    seen = {key: effects_of(scene({key: value}).scenario) for key, value in keys.items()}
    assert all(effects != off for effects in seen.values())
    assert len({repr(effects) for effects in seen.values()}) == len(keys)


def test_the_carrier_of_a_flight_is_the_peak_of_its_spectrum() -> None:
    for air in ({}, {"droop_db": 0.0}):
        iq, frames = samples(scene(air, flight={"carrier_khz": 700}), 2.0, 4.0)
        for frame in frames[:5]:
            assert frame.carrier_offset_hz == pytest.approx(700e3, abs=8e3)
            begin = round((frame.time_s - 0.2e-6) * 10e6)
            spectrum = np.abs(np.fft.fft(iq[begin : begin + 9], 1 << 14))
            peak = np.fft.fftfreq(1 << 14, 1e-7)[np.argmax(spectrum)]
            assert peak == pytest.approx(700e3, abs=60e3)


@pytest.mark.parametrize(
    ("phase", "low", "high"), [("steady", 0.9, 1.0), ("walk", 0.5, 0.9), ("independent", 0.0, 0.5)]
)
def test_a_flight_has_the_phase_that_it_is_given(phase: str, low: float, high: float) -> None:
    first, second = first_pulses(scene({"droop_db": 0.0}, flight={"phase": phase, "carrier_khz": 0}))
    resultant = abs(np.mean(np.exp(1j * np.angle(second * np.conj(first)))))
    assert low <= resultant <= high


def test_other_signals_are_there_and_in_the_truth() -> None:
    iq, _ = samples(scene({"mode_ac_per_s": 5000, "dme_pairs_per_s": 500}), 2.0, 2.5, 2.4e6)
    quiet, _ = samples(scene({"droop_db": 0.0}), 2.0, 2.5, 2.4e6)
    busy = np.mean(np.abs(iq) > 10 ** (-50 / 20)) - np.mean(np.abs(quiet) > 10 ** (-50 / 20))
    assert 0.008 < busy < 0.03
    _, frames = samples(scene({"mode_ac_per_s": 20_000}), 2.0, 8.0, 2.4e6)
    # whatever begins up to a reply's length before a frame, or within it
    expected = np.mean([20_000 * (20.75e-6 + 8e-6 + 8e-6 * len(frame.data)) for frame in frames])
    assert np.mean([frame.more["overlaps"]["mode_ac"] for frame in frames]) == pytest.approx(expected, abs=0.7)


def test_it_does_not_matter_where_a_scene_is_begun_or_how_it_is_read() -> None:
    air = {"mode_ac_per_s": 3000, "fast_fading_db": 2, "echo_share": 1, "phase_walk_share": 1, "carriers_khz": 1000}
    long, sent = samples(scene(air, noise_dbfs=-60), 1.0, 4.0, 2.4e6)
    short, late = samples(scene(air, noise_dbfs=-60), 2.5, 3.5, 2.4e6)
    part = long[round(1.5 * 2.4e6) : round(2.5 * 2.4e6)]
    # the noise is another one, 60 dB down
    assert np.abs(part - short).max() < 10 * 10 ** (-60 / 20)
    wanted = [frame._replace(time_s=frame.time_s - 1.5) for frame in sent if 1.5 <= frame.time_s < 2.5]
    assert [frame.data for frame in wanted] == [frame.data for frame in late]
    assert [frame.more for frame in wanted] == [frame.more for frame in late]


def test_gain_moves_signals_and_noise() -> None:
    plain, _ = samples(scene({"gain_db": 0.0}), 2.0, 3.0, 2.4e6)
    louder, _ = samples(scene({"gain_db": 6.0}), 2.0, 3.0, 2.4e6)
    np.testing.assert_allclose(np.abs(louder), 10 ** (6 / 20) * np.abs(plain), rtol=1e-3, atol=1e-6)


def test_what_cannot_be_is_refused() -> None:
    for air, flight, says in (
        ({"edges_ns": [150, 50]}, {}, "edges_ns"),
        ({"echo_db": [-15, 3]}, {}, "echo_db"),
        ({"carriers_khz": 1500}, {}, "carriers_khz"),
        ({}, {"phase": "walk"}, "a phase needs"),
    ):
        with pytest.raises(ValueError, match=says):
            scene(air, flight=flight)
