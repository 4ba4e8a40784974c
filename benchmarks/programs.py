"""Demodulators side by side on the same samples: ours in this process, others as commands that read a file.

A peer is `NAME=COMMAND`; `{}` in the command stands for a file of 8-bit samples at 2.4 MS/s. It must print frames as dump1090's
`--raw --mlat` does: `@`, twelve hex digits of a 12 MHz counter, the frame, `;`.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dsp.air.densities import tuner_of
from dsp.air.drawing import Air
from dsp.air.effects import Effects
from dsp.air.signals import Signals
from dsp.air.truth import Truth
from dsp.demodulator import Demodulator
from dsp.effort import Effort
from dsp.samples import SampleBlock, SampleFormat

BLOCK = 131_072
OURS_TOLERANCE_S = 3e-6
PEER_TOLERANCE_S = 600e-6  # their counters tell the end of a frame, or of its block, or run ahead
MUTABILITY = "dump1090-mutability=dump1090-mutability --ifile {} --iformat UC8 --raw --mlat --fix"


@dataclass
class Received:
    """What a program reports: when (s after the first sample), frames (hex); CPU seconds, user and system."""

    start_s: list[float] = field(default_factory=list)
    frames: list[str] = field(default_factory=list)
    cpu_s: float = 0.0


@dataclass(frozen=True)
class Ours:
    """This project's demodulator at one level of effort."""

    effort: Effort
    tolerance_s: float = OURS_TOLERANCE_S

    @property
    def name(self) -> str:
        """As it is called in tables."""
        return str(self.effort.value)

    def receive(self, iq: NDArray[np.generic], rate_hz: float = 2.4e6, known: Sequence[int] = ()) -> Received:
        """Demodulate 8-bit samples; addresses `known` are believed from the start."""
        demodulator = Demodulator(rate_hz, SampleFormat.CU8, effort=self.effort)
        for icao in known:
            demodulator.believed.add(icao, 0.0)
        n = len(iq) // 2
        began_s = time.process_time()
        batches = [demodulator.feed(SampleBlock(iq[2 * k : 2 * min(n, k + BLOCK)], k)) for k in range(0, n, BLOCK)]
        batches.append(demodulator.flush())
        received = Received(cpu_s=time.process_time() - began_s)
        for batch in batches:
            for sample, row, bits in zip(batch.sample, batch.data, batch.n_bits, strict=True):
                received.start_s.append(float(sample) / rate_hz)
                received.frames.append(bytes(row[: bits // 8]).hex())
        return received


@dataclass(frozen=True)
class Peer:
    """Another program."""

    name: str
    command: str
    tolerance_s: float = PEER_TOLERANCE_S

    @classmethod
    def of(cls, text: str) -> Peer:
        """From NAME=COMMAND.

        Raises
        ------
        ValueError
            It is not of this form.
        """
        name, sign, command = text.partition("=")
        if not sign or not name or "{}" not in command:
            raise ValueError(f"got {text!r}, expected NAME=COMMAND with {{}} for the file of samples")
        return cls(name, command)

    @property
    def is_there(self) -> bool:
        """Whether its program can be run."""
        return shutil.which(shlex.split(self.command)[0]) is not None

    def receive(self, iq: NDArray[np.generic], rate_hz: float = 2.4e6, known: Sequence[int] = ()) -> Received:
        """What it prints; no peer can be told addresses."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "iq.bin"
            iq.tofile(path)
            command = [word.replace("{}", str(path)) for word in shlex.split(self.command)]
            with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
                assert process.stdout is not None
                text = process.stdout.read().decode(errors="replace")
                _, status, usage = os.wait4(process.pid, 0)
                process.returncode = os.waitstatus_to_exitcode(status)
        lines = [line for line in text.splitlines() if line.startswith("@") and line.endswith(";")]
        return Received(
            [int(line[1:13], 16) / 12e6 for line in lines],
            [line[13:-1].lower() for line in lines],
            usage.ru_utime + usage.ru_stime,
        )


Program = Ours | Peer


def peers_of(texts: Sequence[str]) -> list[Peer]:
    """Those that are installed; prints a line for each that is not."""
    peers = [Peer.of(MUTABILITY), *map(Peer.of, texts)]
    for peer in peers:
        if not peer.is_there:
            print(f"{peer.name} is absent: {shlex.split(peer.command)[0]} was not found.\n")
    for name in {"readsb", "dump1090-fa"} - {peer.name for peer in peers}:
        print(f"{name} is absent: give its command with --peer '{name}=…'.\n")
    return [peer for peer in peers if peer.is_there]


@dataclass(frozen=True)
class Score:
    """What a program made of an air.

    Attributes
    ----------
    found
        bool: for each of the truth's frames.
    false
        Frames that were not sent, apart from the next; `invented`: their addresses that nobody has.
    wrong_codes
        All-call replies with an interrogator code that was not sent.
    """

    found: NDArray[np.bool_]
    false: int
    invented: int
    wrong_codes: int
    cpu_s: float


def address_of(frame: str) -> int:
    """Of the sender: as it is said, or as the parity says it (all formats without an address of their own)."""
    data = bytes.fromhex(frame)
    if data[0] >> 3 in (11, 17, 18):
        return int.from_bytes(data[1:4], "big")
    return remainder(data)


def remainder(data: bytes) -> int:
    """Of a frame by Mode S's generator polynomial, bit for bit (Annex 10 volume IV, 3.1.2.3.3)."""
    value = int.from_bytes(data, "big")
    for bit in range(8 * len(data) - 1, 23, -1):
        if value >> bit & 1:
            value ^= 0x1FFF409 << (bit - 24)
    return value


def score(truth: Truth, received: Received, tolerance_s: float, known: Sequence[int] = ()) -> Score:
    """Compare; a frame is found when its bytes are reported within a time."""
    places: dict[str, list[int]] = defaultdict(list)
    all_calls: dict[str, list[int]] = defaultdict(list)
    for index, sent in enumerate(truth.frames):
        places[sent.hex()].append(index)
        if sent[0] >> 3 == 11:
            all_calls[sent[:4].hex()].append(index)
    there = set(truth.icao.tolist()) | set(known)
    found = np.zeros(len(truth), bool)
    false, wrong_codes = 0, 0
    invented: set[int] = set()
    for at_s, frame in zip(received.start_s, received.frames, strict=True):
        near = [k for k in places.get(frame, ()) if abs(truth.start_s[k] - at_s) < tolerance_s]
        found[near] = True
        if near:
            continue
        if any(abs(truth.start_s[k] - at_s) < tolerance_s for k in all_calls.get(frame[:8], ())):
            wrong_codes += 1
            continue
        false += 1
        if address_of(frame) not in there:
            invented.add(address_of(frame))
    return Score(found, false, len(invented), wrong_codes, received.cpu_s)


def samples_of(
    signals: Signals, seconds: float, effects: Effects, seed: int, rate_hz: float = 2.4e6
) -> NDArray[np.uint8]:
    """8-bit samples of an air."""
    receiver = Air(rate_hz, SampleFormat.CU8, tuner_of(effects), seed=seed)
    n, step = round(seconds * rate_hz), 1 << 20
    out = np.empty(2 * n, np.uint8)
    for first in range(0, n, step):
        count = min(step, n - first)
        out[2 * first : 2 * (first + count)] = receiver.block(signals, first, count)
    return out


def scores_of(
    programs: Sequence[Program],
    iq: NDArray[np.uint8],
    truth: Truth,
    known: Sequence[int] = (),
    *,
    rate_hz: float = 2.4e6,
) -> dict[str, Score]:
    """What each program makes of an air."""
    return {p.name: score(truth, p.receive(iq, rate_hz, known), p.tolerance_s, known) for p in programs}


def table(rows: list[str], names: Sequence[str], first: str = "") -> None:
    """Print rows of a Markdown table under their header."""
    print(f"| {first} | " + " | ".join(names) + " |\n|" + "---|" * (len(names) + 1))
    print("\n".join(rows), flush=True)
