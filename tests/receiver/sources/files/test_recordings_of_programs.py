"""Recordings as other programs write them. Each test writes its file, byte by byte, around the same few squitters."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import struct
import tarfile
import zlib
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest

from dsp.samples import SampleFormat
from receiver.errors import SquitterError, UsageError
from receiver.sources.files.guess import better_guess
from receiver.sources.files.iq_reader import Recording
from receiver.sources.files.names import said_by_name
from receiver.sources.files.opening import open_recording
from receiver.wire.numbers import CF32, CS8, CS16, CU8, SIGMF

RATE = 2.4e6
N = 3000
SAMPLES = np.round(np.random.default_rng(5).uniform(-90, 90, 2 * N)).astype(np.int64)  # in 8 bits


def as_numbers(kind: str, unit: float = 1.0) -> bytes:
    """The samples in a numpy kind; floats are divided by `unit`."""
    dtype = np.dtype(kind)
    if dtype.kind == "f":
        return (SAMPLES / 128.0 * unit).astype(dtype).tobytes()
    bits = dtype.itemsize * 8
    wide = SAMPLES << (bits - 8)
    return (wide + (1 << (bits - 1)) if dtype.kind == "u" else wide).astype(dtype).tobytes()


def floats_of(recording: Recording) -> np.ndarray[Any, np.dtype[np.float64]]:
    """All samples, full scale 1."""
    blocks = [block.iq.copy() for block in recording.blocks()]
    scale = {SampleFormat.CU8: 128.0, SampleFormat.CS8: 128.0, SampleFormat.CS16: 32768.0, SampleFormat.CF32: 1.0}
    iq = np.concatenate(blocks).astype(np.float64)
    if recording.sample_format is SampleFormat.CU8:
        iq -= 128.0
    return np.asarray(iq / scale[recording.sample_format])


def opened(path: Path) -> Recording:
    """A recording that is read to its end, so that its file is closed."""
    recording = open_recording(str(path))
    for _ in recording.blocks():
        pass
    return recording


def same(recording: Recording, count: int = 2 * N, start: int = 0) -> bool:
    return bool(np.allclose(floats_of(recording), SAMPLES[start : start + count] / 128.0, atol=1e-6))


def sigmf(tmp_path: Path, data: bytes, captures: list[dict[str, Any]], name: str = "x", **keys: Any) -> str:
    described = {"core:datatype": "ci16_le", "core:sample_rate": RATE, "core:version": "1.2.0"}
    described |= {f"core:{key}": value for key, value in keys.items()}
    (tmp_path / f"{name}.sigmf-meta").write_text(json.dumps({"global": described, "captures": captures}))
    (tmp_path / keys.get("dataset", f"{name}.sigmf-data")).write_bytes(data)
    return str(tmp_path / f"{name}.sigmf-meta")


KINDS = {
    "cu8": "u1", "ci8": "i1", "ci16_le": "<i2", "ci16_be": ">i2", "cu16_le": "<u2", "cu16_be": ">u2", "ci32_le": "<i4",
    "ci32_be": ">i4", "cf32_le": "<f4", "cf32_be": ">f4", "cf64_le": "<f8", "cf64_be": ">f8",
}  # fmt: skip


@pytest.mark.parametrize("datatype", list(KINDS))
def test_every_datatype_of_sigmf_gives_the_same_samples(tmp_path: Path, datatype: str) -> None:
    assert same(open_recording(sigmf(tmp_path, as_numbers(KINDS[datatype]), [], datatype=datatype)))
    assert set(KINDS) <= set(SIGMF)


def test_bytes_that_sigmf_says_are_no_samples_are_passed_over(tmp_path: Path) -> None:
    data = as_numbers("<i2")
    cut = 4 * 1000
    path = sigmf(
        tmp_path,
        b"\x55" * 4097 + data[:cut] + b"\xaa" * 33 + data[cut:] + b"\x77" * 999,
        [
            {"core:sample_start": 0, "core:header_bytes": 4097},
            {"core:sample_start": 1000, "core:header_bytes": 33},
        ],
        dataset="other.bin",
        trailing_bytes=999,
    )
    assert same(open_recording(path))


def test_the_first_of_several_channels_is_read(tmp_path: Path) -> None:
    one = np.frombuffer(as_numbers("<i2"), "<i2").reshape(-1, 1, 2)
    path = sigmf(tmp_path, np.concatenate((one, one * 0 + 7), axis=1).tobytes(), [], num_channels=2)
    recording = open_recording(path)
    assert any("channels" in note for note in recording.notes)
    assert same(recording)


@pytest.mark.parametrize("by", ["index", "time"])
@pytest.mark.parametrize("offset", [0, 5_000_000])
def test_captures_say_where_the_gaps_are(tmp_path: Path, by: str, offset: int) -> None:
    gap = round(60 * RATE)
    later = {"core:global_index": offset + 1000 + gap} if by == "index" else {"core:datetime": "2026-01-01T00:01:00Z"}
    captures = [
        {"core:sample_start": offset, "core:datetime": "2026-01-01T00:00:00Z"},
        {"core:sample_start": offset + 1000, **later},
    ]
    blocks = list(open_recording(sigmf(tmp_path, as_numbers("<i2"), captures, offset=offset)).blocks())
    assert [block.n_samples for block in blocks] == [1000, N - 1000]
    assert blocks[0].first_sample == offset
    assert blocks[1].first_sample == offset + (1000 + gap if by == "index" else gap)
    assert blocks[1].gap_before == blocks[1].first_sample - offset - 1000


@pytest.mark.parametrize(
    ("keys", "told"),
    [
        ({"metadata_only": True}, "no samples"),
        ({"dataset": "../x.bin"}, "core:dataset"),
        ({"datatype": "ri16_le"}, "core:datatype"),
        ({"num_channels": 0}, "core:num_channels"),
        ({"trailing_bytes": -1}, "core:trailing_bytes"),
        ({"sample_rate": float("inf")}, "core:sample_rate"),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, keys: dict[str, Any], told: str) -> None:
    path = sigmf(tmp_path, as_numbers("<i2"), [], **{"dataset": "x.bin"} | keys if "dataset" not in keys else {})
    if "dataset" in keys:
        (tmp_path / "x.sigmf-meta").write_text(
            json.dumps({"global": {"core:datatype": "ci16_le", "core:sample_rate": RATE, "core:dataset": "../x.bin"}})
        )
    with pytest.raises(SquitterError, match=told):
        open_recording(path)


@pytest.mark.parametrize("packing", ["w", "w:gz", "w:xz"])
def test_an_archive_of_sigmf_may_be_packed(tmp_path: Path, packing: str) -> None:
    meta = json.dumps({"global": {"core:datatype": "ci16_le", "core:sample_rate": RATE}, "captures": []}).encode()
    path = tmp_path / "x.sigmf"
    with tarfile.open(path, packing) as archive:  # type: ignore[call-overload]
        for name, content in (("x/x.sigmf-meta", meta), ("x/x.sigmf-data", as_numbers("<i2"))):
            member = tarfile.TarInfo(name)
            member.size = len(content)
            archive.addfile(member, io.BytesIO(content))
    assert same(open_recording(str(path)))


# --- tuned beside


def test_a_recording_tuned_beside_is_moved(tmp_path: Path) -> None:
    rate, offset = 6e6, 1.2e6
    tone = 0.5 * np.exp(2j * np.pi * offset / rate * np.arange(300_000))
    data = np.round(tone.astype(np.complex64).view(np.float32) * 32767).astype("<i2").tobytes()
    path = sigmf(tmp_path, data, [{"core:frequency": 1090e6 - offset}], sample_rate=rate)
    recording = open_recording(path)
    assert any("1090 MHz" in note for note in recording.notes)
    moved = floats_of(recording).view(np.complex128)
    assert np.allclose(moved, moved[0], atol=1e-3), "steady at the centre, also from block to block"


@pytest.mark.parametrize("frequency", [1088.8e6, 1030e6, 868e6])
def test_a_recording_without_1090_mhz_is_refused_and_the_offset_named(tmp_path: Path, frequency: float) -> None:
    path = sigmf(tmp_path, as_numbers("<i2"), [{"core:frequency": frequency}])
    with pytest.raises(SquitterError, match=f"{(1090e6 - frequency) / 1e6:g} MHz above its centre"):
        open_recording(path)
    assert same(open_recording(path, frequency_hz=1090e6)), "the option wins"


def collection(tmp_path: Path, streams: Any) -> str:
    path = tmp_path / "all.sigmf-collection"
    path.write_text(json.dumps({"collection": {"core:version": "1.2.0", "core:streams": streams}}))
    return str(path)


@pytest.mark.parametrize("earlier", [False, True])
def test_a_collection_leads_to_the_recording_that_holds_1090_mhz(tmp_path: Path, earlier: bool) -> None:
    for name, frequency in (("uat", 978e6), ("squitters", 1090e6)):
        (tmp_path / f"{name}.sigmf-data").write_bytes(as_numbers("<i2"))
        described = {"core:datatype": "ci16_le", "core:sample_rate": RATE}
        captures = [{"core:sample_start": 0, "core:frequency": frequency}]
        (tmp_path / f"{name}.sigmf-meta").write_text(json.dumps({"global": described, "captures": captures}))
    names = ["uat", "squitters"]
    streams: Any = [{"name": name, "hash": "0"} for name in names]
    if earlier:
        streams = {str(k): [name, "0"] for k, name in enumerate(names)}
    assert same(open_recording(collection(tmp_path, streams)))
    both = collection(tmp_path, [{"name": "squitters"}, {"name": "squitters"}])
    with pytest.raises(SquitterError, match=r"2 of its 2 recordings .* squitters\.sigmf-meta"):
        open_recording(both)


@pytest.mark.parametrize("streams", [None, [], [{}], ["x"], [{"name": "../x"}], {"0": []}, 7])
def test_a_collection_of_nothing_is_refused(tmp_path: Path, streams: Any) -> None:
    with pytest.raises(SquitterError, match="core:streams"):
        open_recording(collection(tmp_path, streams))


@pytest.mark.parametrize(
    "text",
    [b"[" * 200_000, b"9" * 5000, b"\xff\xfe", b"{", b'{"global": {"core:datatype": "cu8", "core:sample_rate": NaN}}'],
)
def test_metadata_that_nobody_wrote_are_refused(tmp_path: Path, text: bytes) -> None:
    (tmp_path / "x.sigmf-meta").write_bytes(text)
    (tmp_path / "x.sigmf-data").write_bytes(bytes(100))
    with pytest.raises(SquitterError, match=r"x\.sigmf-meta"):
        open_recording(str(tmp_path / "x.sigmf-meta"))


@pytest.mark.parametrize("name", ["x_2400k.ci16_be", "x_2400k_cs16be.raw"])
def test_a_name_tells_the_order_of_bytes(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(as_numbers(">i2"))
    assert same(open_recording(str(tmp_path / name)))


def test_bladerf_counts_to_2048(tmp_path: Path) -> None:
    (tmp_path / "x_2400k.sc16q11").write_bytes((SAMPLES << 4).astype("<i2").tobytes())
    assert same(open_recording(str(tmp_path / "x_2400k.sc16q11")))


# --- WAV


def wav(
    data: bytes, kind: int, bits: int, size: int | None = None, riff: bytes = b"RIFF", long_size: int | None = None,
    align: int | None = None, extensible: bool = False, extra: bytes = b"",
) -> bytes:  # fmt: skip
    align = align or bits // 4
    content = wav_format(kind, bits, align, extensible)
    chunks = b"WAVE"
    if long_size is not None:
        chunks += b"ds64" + struct.pack("<IQQQI", 28, 0, long_size, 0, 0)
    chunks += b"LIST" + struct.pack("<I", 5) + b"INFOx\0" + extra
    chunks += b"fmt " + struct.pack("<I", len(content)) + content
    chunks += b"data" + struct.pack("<I", len(data) if size is None else size) + data
    return riff + struct.pack("<I", (len(chunks) if size is None else 0xFFFFFFFF) & 0xFFFFFFFF) + chunks


def wav_format(kind: int, bits: int, align: int, extensible: bool = False, order: str = "<") -> bytes:
    content = struct.pack(
        order + "HHIIHH", 0xFFFE if extensible else kind, 2, int(RATE), int(RATE) * align, align, bits
    )
    if extensible:
        content += struct.pack(order + "HHI", 22, bits, 3) + struct.pack(order + "H", kind) + bytes(14)
    return content


def packed_24(order: Literal["little", "big"] = "little") -> bytes:
    return b"".join(int(value << 16).to_bytes(3, order, signed=True) for value in SAMPLES.tolist())


WAV_KINDS = [(1, 8, "u1"), (1, 16, "<i2"), (1, 24, None), (1, 32, "<i4"), (3, 32, "<f4"), (3, 64, "<f8")]


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(
    ("kind", "bits", "content"),
    WAV_KINDS,
)
def test_every_kind_of_wav(tmp_path: Path, kind: int, bits: int, content: str | None, extensible: bool) -> None:
    data = packed_24() if content is None else as_numbers(content)
    (tmp_path / "x.wav").write_bytes(wav(data, kind, bits, extensible=extensible))
    assert same(open_recording(str(tmp_path / "x.wav")))


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize(("kind", "bits", "content"), WAV_KINDS)
def test_every_kind_of_big_endian_wav(
    tmp_path: Path, kind: int, bits: int, content: str | None, extensible: bool
) -> None:
    data = packed_24("big") if content is None else as_numbers(content.replace("<", ">"))
    described = wav_format(kind, bits, bits // 4, extensible, ">")
    chunks = b"WAVEfmt " + struct.pack(">I", len(described)) + described + b"data" + struct.pack(">I", len(data)) + data
    (tmp_path / "x.wav").write_bytes(b"RIFX" + struct.pack(">I", len(chunks)) + chunks)
    assert same(open_recording(str(tmp_path / "x.wav")))


@pytest.mark.parametrize(("kind", "bits", "content"), WAV_KINDS)
@pytest.mark.parametrize("size_is_known", [True, False])
def test_every_kind_of_wave64(tmp_path: Path, kind: int, bits: int, content: str | None, size_is_known: bool) -> None:
    name = bytes.fromhex("f3acd3118cd100c04f8edb8a")

    def chunk(what: bytes, content: bytes) -> bytes:
        return what + name + struct.pack("<Q", 24 + len(content)) + content + bytes(-len(content) % 8)

    data = packed_24() if content is None else as_numbers(content)
    begin = b"riff" + bytes.fromhex("2e91cf11a5d628db04c10000") + struct.pack("<Q", 0) + b"wave" + name
    chunks = chunk(b"junk", b"abc") + chunk(b"fmt ", wav_format(kind, bits, bits // 4))
    size = 24 + len(data) if size_is_known else 24
    behind = chunk(b"levl", bytes(80)) if size_is_known else b""
    samples = b"data" + name + struct.pack("<Q", size) + data + (bytes(-len(data) % 8) + behind if behind else b"")
    (tmp_path / "x.w64").write_bytes(begin + chunks + samples)
    assert same(open_recording(str(tmp_path / "x.w64")))


def test_a_large_chunk_before_the_samples_is_passed_over(tmp_path: Path) -> None:
    padding = b"junk" + struct.pack("<I", 3_000_001) + bytes(3_000_002)
    (tmp_path / "x.wav").write_bytes(wav(as_numbers("<i2"), 1, 16, extra=padding))
    assert same(open_recording(str(tmp_path / "x.wav")))


def test_24_bits_in_four_bytes(tmp_path: Path) -> None:
    (tmp_path / "x.wav").write_bytes(wav(as_numbers("<i4"), 1, 24, align=8))
    assert same(open_recording(str(tmp_path / "x.wav")))


@pytest.mark.parametrize(
    ("riff", "size", "long_size"),
    [
        (b"RIFF", 0, None),
        (b"RIFF", 0xFFFFFFFF, None),
        (b"RF64", 0xFFFFFFFF, 8 * N // 2),
        (b"BW64", 0xFFFFFFFF, 8 * N // 2),
        (b"RF64", 0xFFFFFFFF, 0),
    ],
)
def test_sizes_that_were_never_written_or_stand_elsewhere(
    tmp_path: Path, riff: bytes, size: int, long_size: int | None
) -> None:
    (tmp_path / "x.wav").write_bytes(wav(as_numbers("<i2"), 1, 16, size, riff, long_size))
    assert same(open_recording(str(tmp_path / "x.wav")))


def test_a_size_that_has_wrapped_is_told_by_the_file(tmp_path: Path) -> None:
    data = as_numbers("<i2")
    path = tmp_path / "x.wav"
    path.write_bytes(wav(data, 1, 16))
    before = path.stat().st_size
    with path.open("r+b") as file:  # sparse: 4 GiB more, and a chunk behind them
        file.truncate(before + (1 << 32))
        file.seek(0, 2)
        file.write(b"LIST" + struct.pack("<I", 4) + b"abcd")
    recording = open_recording(str(path))
    assert recording._described.data_bytes == len(data) + (1 << 32)
    blocks = recording.blocks()
    first = next(blocks).iq[: 2 * N].astype(np.float64)
    blocks.close()  # type: ignore[attr-defined]
    assert np.allclose(first / 32768.0, SAMPLES / 128.0)


def test_auxi_tells_time_and_frequency(tmp_path: Path) -> None:
    when = struct.pack("<8H", 2026, 1, 4, 1, 12, 0, 5, 250)
    auxi = b"auxi" + struct.pack("<I", 68) + when + when + struct.pack("<I", 1_090_000_000) + bytes(32)
    (tmp_path / "x.wav").write_bytes(wav(as_numbers("<i2"), 1, 16, extra=auxi))
    assert opened(tmp_path / "x.wav").start_utc_s == 1_767_268_805.25
    away = auxi[:40] + struct.pack("<I", 1_030_000_000) + auxi[44:]
    (tmp_path / "y.wav").write_bytes(wav(as_numbers("<i2"), 1, 16, extra=away))
    with pytest.raises(SquitterError, match="1030 MHz"):
        open_recording(str(tmp_path / "y.wav"))


# --- SDRangel


@pytest.mark.parametrize(("bits", "kind"), [(16, "<i2"), (24, "<i4")])
def test_sdriq(tmp_path: Path, bits: int, kind: str) -> None:
    header = struct.pack("<IQQII", int(RATE), 1_090_000_000, 1_767_225_600_250, bits, 0)
    data = as_numbers("<i2") if bits == 16 else (SAMPLES << 16).astype("<i4").tobytes()
    path = tmp_path / "x.sdriq"
    path.write_bytes(header + struct.pack("<I", zlib.crc32(header)) + data)
    recording = open_recording(str(path))
    assert (recording.sample_rate_hz, recording.start_utc_s) == (RATE, 1_767_225_600.25)
    assert same(recording)
    path.write_bytes(header + bytes(4) + data)
    with pytest.raises(SquitterError, match="check sum"):
        open_recording(str(path))


# --- names

NAMES = [
    ("fm-f1090M-s2.4M.cu8", 2.4e6, CU8, 1090e6),
    ("g001_1090M_2400k.cu8", 2.4e6, CU8, 1090e6),
    ("modes1_2000k_uc8.bin", 2e6, CU8, None),
    ("x_2400k.bin", 2.4e6, CU8, None),
    ("gqrx_20221110_120000_1090000000_2400000_fc.raw", 2.4e6, CF32, 1090e6),
    ("hackrf_1090000000_2400000.cs8", 2.4e6, CS8, 1090e6),
    ("hackrf_1090000000_20000000.c8", 20e6, CS8, 1090e6),
    ("RTL-SDR-20220101_120000-1_09GHz-2_4MSps-2_4MHz.complex16u", 2.4e6, CU8, 1090e6),
    ("HackRF-20220101_120000-1_09GHz-4MSps-4MHz.complex16s", 4e6, CS8, 1090e6),
    ("PlutoSDR-20220101_120000-1_09GHz-2_4MSps-2MHz.complex", 2.4e6, CF32, 1090e6),
    ("air_1090MHz_2.4Msps.c16", 2.4e6, CS16, 1090e6),
    ("air_2400000sps.ci16.gz", 2.4e6, CS16, None),
    ("seg16_40000k_fc32.bin", 40e6, CF32, None),
    ("1090.2M.iq", None, None, 1090.2e6),
    ("two_2.4M_4M.cu8", None, CU8, None),
    ("20220101_120000.cu8", None, CU8, None),
    ("antenna_20m.cu8", None, CU8, None),
    ("x.raw", None, None, None),
]


@pytest.mark.parametrize(("name", "rate", "numbers", "frequency"), NAMES, ids=[name for name, *_ in NAMES])
def test_names_say_what_is_beyond_doubt(name: str, rate: float | None, numbers: Any, frequency: float | None) -> None:
    said = said_by_name(f"/some/4M/folder.cs8/{name}")
    assert (said.rate_hz, said.number_format) == (rate, numbers)
    assert said.frequency_hz == (pytest.approx(frequency) if frequency else None)


def test_what_came_from_the_name_is_said_and_what_is_missing_asked_for(tmp_path: Path) -> None:
    (tmp_path / "a_2.4M.cu8").write_bytes(as_numbers("u1"))
    assert opened(tmp_path / "a_2.4M.cu8").notes == ("2.4 MS/s, cu8, from the name",)
    (tmp_path / "b_2.4M_4M.cu8").write_bytes(as_numbers("u1"))
    with pytest.raises(UsageError, match=r"2.4 MS/s or 4 MS/s: add --rate"):
        open_recording(str(tmp_path / "b_2.4M_4M.cu8"))
    (tmp_path / "c.raw").write_bytes(as_numbers("u1"))
    with pytest.raises(UsageError, match=r"--rate .* and --format"):
        open_recording(str(tmp_path / "c.raw"))


def test_gqrx_says_when_it_began(tmp_path: Path) -> None:
    path = tmp_path / "gqrx_20260101_120000_1090000000_2400000_fc.raw"
    path.write_bytes(as_numbers("<f4"))
    assert opened(path).start_utc_s == 1_767_268_800.0


@pytest.mark.parametrize("unit", [1.0, 127.0, 32767.0])
def test_floats_that_were_not_scaled_are(tmp_path: Path, unit: float) -> None:
    (tmp_path / "x_2400k.cf32").write_bytes(as_numbers("<f4", unit))
    recording = open_recording(str(tmp_path / "x_2400k.cf32"))
    assert np.abs(floats_of(recording) - SAMPLES / 128.0).max() < 0.01
    assert any("full scale" in note for note in recording.notes) == (unit > 1)


@pytest.mark.parametrize("ending", [".gz", ".xz"])
def test_packed(tmp_path: Path, ending: str) -> None:
    data = as_numbers("u1")
    path = tmp_path / f"x_2400k.cu8{ending}"
    path.write_bytes(gzip.compress(data) if ending == ".gz" else lzma.compress(data))
    assert same(open_recording(str(path)))
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(SquitterError, match="unpacked"):
        list(open_recording(str(path)).blocks())


def test_noise_is_nothing_however_it_is_read() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 400_000, np.uint8).tobytes()
    assert better_guess(noise, 2.4e6, CU8, sure=True) is None
