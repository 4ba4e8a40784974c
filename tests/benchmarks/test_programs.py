"""How programs are compared."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from benchmarks.demodulator_recordings import by_aircraft, resampled, same_receptions
from benchmarks.programs import Peer, Received, address_of, score
from dsp.air.densities import Density, air, sweep
from dsp.air.effects import NONE


def test_frames_are_found_at_their_time_and_false_elsewhere() -> None:
    _, truth = air(Density(200.0, 0.0, 5), 1.0, 3, NONE)
    received = Received(truth.start_s.tolist(), [frame.hex() for frame in truth.frames])
    assert score(truth, received, 1e-6).found.all()
    assert score(truth, received, 1e-6).false == 0
    late = Received([at + 1.0 for at in received.start_s], received.frames)
    result = score(truth, late, 1e-6)
    assert not result.found.any()
    assert (result.false, result.invented) == (len(truth), 0)


def test_wrong_codes_are_counted_apart_from_frames_of_nobody() -> None:
    _, truth = sweep(np.full(4, 10.0), df=11)
    frames = [bytearray(frame) for frame in truth.frames]
    frames[0][-1] ^= 3
    frames[1][1] ^= 0x40  # another address
    result = score(truth, Received(truth.start_s.tolist(), [frame.hex() for frame in frames]), 1e-6)
    assert result.found.tolist() == [False, False, True, True]
    assert (result.wrong_codes, result.false, result.invented) == (1, 1, 1)
    known = [int.from_bytes(frames[1][1:4], "big")]
    assert score(truth, Received(truth.start_s.tolist(), [f.hex() for f in frames]), 1e-6, known).invented == 0


def test_addresses_are_read_off_the_frame_or_its_parity() -> None:
    _, truth = air(Density(200.0, 0.0, 5), 1.0, 3, NONE)
    assert [address_of(frame.hex()) for frame in truth.frames] == truth.icao.tolist()


def test_a_peer_is_a_command_that_prints_frames() -> None:
    script = "import sys; print(len(open(sys.argv[1], 'rb').read())); print('@00000000B71B5d4840d6b1b2c3;')"
    peer = Peer.of(f'one={sys.executable} -c "{script}" {{}}')
    assert peer.is_there
    received = peer.receive(np.zeros(10, np.uint8))
    assert received.frames == ["5d4840d6b1b2c3"]
    assert received.start_s == [0xB71B / 12e6]
    assert not Peer.of("none=/no/such/program {}").is_there
    for text in ("one", "one=command", "=x {}"):
        with pytest.raises(ValueError, match="NAME=COMMAND"):
            Peer.of(text)


def test_programs_with_other_clocks_agree_on_what_they_received() -> None:
    _, truth = air(Density(100.0, 0.0, 3), 1.0, 4, NONE)
    texts = [frame.hex() for frame in truth.frames]
    start = truth.start_s.tolist()
    received = {
        "one": Received(start, texts),
        "two": Received([at + 210e-6 for at in start[5:]], texts[5:]),
        "ours": Received([at + 30e-6 for at in start[::2]], texts[::2]),
    }
    receptions = same_receptions(received)
    assert len(receptions) == len(texts)
    assert sum(who == {"one", "two", "ours"} for _, who in receptions) == len(texts[5:][1::2])
    rows = by_aircraft(received, ["one", "two"], "ours")
    assert sum(counts["one"] for _, counts, _, _ in rows) == len(texts)
    assert sum(agreed for _, _, agreed, _ in rows) == len(texts) - 5
    assert sum(ours for _, _, _, ours in rows) == len(texts[6::2])


def test_a_recording_at_another_rate_is_the_same_signal() -> None:
    t = np.arange(4000) / 2.0e6
    tone = np.exp(2j * np.pi * 100e3 * t).astype(np.complex64)
    other = resampled(tone, 2.0e6, 2.4e6)
    wanted = np.exp(2j * np.pi * 100e3 * np.arange(4800) / 2.4e6)
    np.testing.assert_allclose(other, wanted, atol=1e-3)
