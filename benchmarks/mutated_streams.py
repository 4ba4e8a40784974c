"""Beast and AVR streams with something wrong in them: nothing may raise, hang, grow, or hide the frames behind it.

    python -m benchmarks.mutated_streams [--beast ../shared/truth/beast/ulss7_1522782148.beast] [--count 1000000] [--seed 1]

A stream is some frames of a real recording, as Beast or AVR, with one to eight mutations (bytes changed, lost, doubled,
put in, swapped, cut off; escapes and line ends are the favourites), fed in pieces of random sizes, with three clean frames
behind it of which the last must come out.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from receiver.sources.frames.network import FrameStream
from receiver.wire.avr import LINE_LIMIT
from receiver.wire.beast import BeastReader, beast_bytes

LAST = bytes.fromhex("8D4840D6202CC371C32CE0576098")
FAVOURITES = b"\x1a\x1a\x1a123\xe3*@;\n\r\0\xff"
BEAST_MOST = 2 * (1 + 1 + 6 + 1 + 14)  # a frame of nothing but escapes that lacks its last byte
WORST_S = 0.25  # of CPU for one stream of some hundred bytes


@dataclass(slots=True)
class Outcome:
    """What became of the streams; `frames` came out of them, whole or made up by a mutation."""

    streams: int = 0
    frames: int = 0
    input_bytes: int = 0
    slowest_s: float = 0.0


def parts_of(recording: bytes) -> list[bytes]:
    """The frames of a recording, each as Beast."""
    return [beast_bytes(one.data, one.counter, one.signal) for one in BeastReader().feed(recording)]


def mutated(content: bytearray, rng: random.Random) -> bytearray:
    """The content with something wrong in it."""
    for _ in range(rng.randint(1, 8)):
        if not content:
            content += FAVOURITES
        at = rng.randrange(len(content))
        odd = rng.choice(FAVOURITES) if rng.random() < 0.5 else rng.randrange(256)
        kind = rng.randrange(6)
        if kind == 0:
            content[at] = odd
        elif kind == 1:
            del content[at : at + rng.randint(1, 12)]
        elif kind == 2:
            content[at:at] = content[at : at + rng.randint(1, 40)]
        elif kind == 3:
            content[at:at] = bytes((odd,)) * rng.choice((1, 1, 1, 2, 3, 300))
        elif kind == 4:
            other = rng.randrange(len(content))
            content[at], content[other] = content[other], content[at]
        else:
            del content[at:]
    return content


def try_streams(parts: Sequence[bytes], count: int, seed: int) -> Outcome:
    """Feed so many streams; AssertionError says which one, of which seed, did what."""
    rng = random.Random(seed)
    out = Outcome()
    end_beast = beast_bytes(LAST, 1, 1) * 3
    end_avr = b";\n" + (b"*" + LAST.hex().encode() + b";\n") * 3
    for number in range(count):
        protocol = "beast" if rng.random() < 0.6 else "avr"
        chosen = rng.choices(parts, k=rng.randint(1, 8))
        if protocol == "avr":
            lines = (BeastReader().feed(part)[0] for part in chosen)
            chosen = [b"@%012X%s;\n" % (one.counter, one.data.hex().encode()) for one in lines]
        content = mutated(bytearray(b"".join(chosen)), rng) + (end_beast if protocol == "beast" else end_avr)
        stream = FrameStream(protocol, protocol)
        frames = []
        began_s = time.thread_time()
        at = 0
        while at < len(content):
            step = rng.choice((1, 7, 64, 1500, 65_536))
            frames += stream.feed(bytes(content[at : at + step]), 1e9)
            at += step
            waiting = len(stream._reader._buffer)
            assert waiting <= (BEAST_MOST if protocol == "beast" else LINE_LIMIT), (
                f"stream {number}, seed {seed}: it grows"
            )
        spent_s = time.thread_time() - began_s
        where = f"stream {number}, seed {seed}, {protocol}"
        assert spent_s < WORST_S, f"{where}: {spent_s:.3f} s"
        assert frames[-1].data == LAST, f"{where}: the clean frame at the end is missing"
        assert all(len(frame.data) in (2, 7, 14) for frame in frames), where
        out.streams += 1
        out.frames += len(frames)
        out.input_bytes += len(content)
        out.slowest_s = max(out.slowest_s, spent_s)
    return out


def main(argv: Iterable[str] | None = None) -> None:
    """Try and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--beast", type=Path, default=Path("../shared/truth/beast/ulss7_1522782148.beast"))
    parser.add_argument("--count", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args(None if argv is None else list(argv))
    began_s = time.process_time()
    out = try_streams(parts_of(arguments.beast.read_bytes()), arguments.count, arguments.seed)
    print(
        f"{out.streams:,} streams, {out.input_bytes:,} bytes, {out.frames:,} frames out; slowest {out.slowest_s * 1e3:.1f} ms; "
        f"CPU {time.process_time() - began_s:.0f} s"
    )


if __name__ == "__main__":
    main()
