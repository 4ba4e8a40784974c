"""What a recording is, before its first sample is read.

Its header says (WAV, SigMF, SDRangel), else its name (`receiver.sources.files.names`), else the options; an option always
wins. What was taken from a name is said (`Recording.notes`). gzip, xz, bzip2 and zstandard are opened on the fly; `-` is
standard input.
"""

from __future__ import annotations

import os
import sys
import tarfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, cast

from receiver.errors import SquitterError, UsageError
from receiver.sources.files.iq_reader import LEAST_RATE_HZ, Described, Recording
from receiver.sources.files.names import said_by_name
from receiver.sources.files.packed import PACKED, UNPACK_ERRORS, unpacked
from receiver.sources.files.shift import offset_of
from receiver.wire.numbers import NumberFormat
from receiver.wire.sdriq import SdriqError, read_sdriq_header
from receiver.wire.sigmf import SigmfError, SigmfMeta, SigmfRun, parse_collection, parse_sigmf
from receiver.wire.wav import WavError, read_wav_header

_SIGMF = (".sigmf-meta", ".sigmf-data", ".sigmf")


@dataclass(frozen=True, slots=True)
class Options:
    """What the person says; it wins over header and name."""

    rate_hz: float | None = None
    number_format: NumberFormat | None = None
    start_utc_s: float | None = None
    frequency_hz: float | None = None


def open_recording(
    path: str,
    *,
    rate_hz: float | None = None,
    number_format: NumberFormat | None = None,
    start_utc_s: float | None = None,
    frequency_hz: float | None = None,
) -> Recording:
    """Open a recording.

    Parameters
    ----------
    path
        A file, or `-` for standard input.
    rate_hz, number_format, frequency_hz
        What the options say; they win over header and name.
    start_utc_s
        UTC of the first sample. None: what the header says, else 0, so that a replay is the same each time.

    Raises
    ------
    UsageError
        Rate or format are not known; the text says which option to add.
    SquitterError
        The file cannot be opened or is not what it claims to be.
    """
    options = Options(rate_hz, number_format, start_utc_s, frequency_hz)
    if path == "-":
        return _describe("standard input", sys.stdin.buffer, None, None, options)
    file = Path(path)
    if file.is_dir():
        raise SquitterError(f"{path}: is a directory, expected a recording")
    meta: SigmfMeta | None = None
    if file.name.lower().endswith(".sigmf-collection"):
        file = _of_collection(file)
    if file.name.lower().endswith(_SIGMF[:2]):
        base = file.name[: -len(".sigmf-data")]
        meta = _read_meta(file.with_name(base + ".sigmf-meta"))
        file = file.with_name(meta.dataset or base + ".sigmf-data")
    try:
        raw: BinaryIO = file.open("rb")
    except OSError as error:
        raise SquitterError(f"{file}: {error.strerror}") from None
    try:
        recording = _open_file(path, file, raw, meta, options)
        recording.reopen = lambda: open_recording(
            path, rate_hz=rate_hz, number_format=number_format, start_utc_s=start_utc_s, frequency_hz=frequency_hz
        )
        return recording
    except BaseException:
        raw.close()
        raise


def _open_file(path: str, file: Path, raw: BinaryIO, meta: SigmfMeta | None, options: Options) -> Recording:
    size = os.fstat(raw.fileno()).st_size
    if size == 0 and file.is_file():
        raise SquitterError(f"{file}: empty")
    stream = unpacked(raw, file.name.lower())
    data_size: int | None = size
    if PACKED.sub("", file.name.lower()).endswith(".sigmf"):
        meta, stream, data_size = _open_archive(path, raw)
    elif stream is not raw:
        data_size = None
    if meta is None:
        return _describe(path, stream, raw, size, options)
    described = Described(
        options.number_format or meta.number_format,
        options.rate_hz or meta.sample_rate_hz,
        meta.runs,
        meta.start_utc_s,
        _data_bytes(path, meta, data_size),
        meta.channels,
        (f"{meta.channels} channels, of which the first is read",) if meta.channels > 1 else (),
    )
    return Recording(path, stream, raw, size, described, options.start_utc_s, options.frequency_hz)


def _data_bytes(path: str, meta: SigmfMeta, size: int | None) -> int | None:
    """Bytes of samples in a file of that size; None: to its end."""
    if not meta.trailing_bytes:
        return None
    if size is None:
        raise SquitterError(f"{path}: core:trailing_bytes: cannot be located in a packed file; unpack it first")
    headers = sum(run.header_bytes for run in meta.runs)
    return max(0, size - headers - meta.trailing_bytes)


def _of_collection(file: Path) -> Path:
    """The metadata of the one recording of a collection that can hold 1,090 MHz."""
    try:
        names = parse_collection(file.read_bytes())
    except OSError as error:
        raise SquitterError(f"{file}: {error.strerror}") from None
    except SigmfError as error:
        raise SquitterError(f"{file}: {error}") from None
    metas = [file.with_name(f"{name}.sigmf-meta") for name in names]
    if len(metas) > 1:
        metas = [one for one in metas if _may_hold_mode_s(one)]
    if len(metas) != 1:
        raise SquitterError(
            f"{file}: {len(metas)} of its {len(names)} recordings may hold 1090 MHz, expected one: "
            f"open one of {', '.join(f'{name}.sigmf-meta' for name in names[:10])}"
        )
    return metas[0]


def _may_hold_mode_s(file: Path) -> bool:
    meta = _read_meta(file)
    try:
        offset_of(str(file), meta.frequency_hz, meta.sample_rate_hz)
    except SquitterError:
        return False
    return meta.sample_rate_hz >= LEAST_RATE_HZ


def _read_meta(file: Path) -> SigmfMeta:
    try:
        return parse_sigmf(file.read_bytes())
    except OSError as error:
        raise SquitterError(f"{file}: {error.strerror}; SigMF needs both .sigmf-meta and .sigmf-data") from None
    except SigmfError as error:
        raise SquitterError(f"{file}: {error}") from None


def _open_archive(path: str, raw: BinaryIO) -> tuple[SigmfMeta, BinaryIO, int]:
    """The first recording of a `.sigmf` archive (tar, packed or not), its samples and how many bytes they take."""
    try:
        archive = tarfile.open(fileobj=raw, mode="r:*")  # noqa: SIM115 - the stream of the member needs it open
        members = {member.name: member for member in archive.getmembers() if member.isfile()}
        meta_name = next(name for name in members if name.endswith(".sigmf-meta"))
        text = archive.extractfile(members[meta_name])
        assert text is not None
        meta = parse_sigmf(text.read())
        data_name = meta_name[: -len("meta")] + "data"
        if meta.dataset is not None:
            data_name = str(Path(meta_name).with_name(meta.dataset))
        data = archive.extractfile(members[data_name])
        assert data is not None
        return meta, cast(BinaryIO, data), members[data_name].size
    except (tarfile.TarError, KeyError, StopIteration, *UNPACK_ERRORS) as error:
        raise SquitterError(f"{path}: not a SigMF archive with .sigmf-meta and .sigmf-data ({error})") from None
    except SigmfError as error:
        raise SquitterError(f"{path}: {error}") from None


def _describe(name: str, stream: BinaryIO, raw: BinaryIO | None, size: int | None, options: Options) -> Recording:
    """A recording that is no SigMF: one with a header by its name, else raw."""
    plain_name = PACKED.sub("", name.lower())
    said = said_by_name(name)
    frequency_hz = said.frequency_hz
    try:
        if plain_name.endswith((".wav", ".rf64", ".bw64", ".w64", ".rifx")):
            wav = read_wav_header(stream, size if stream is raw else None)
            described = Described(
                wav.number_format, wav.sample_rate_hz, start_utc_s=wav.start_utc_s, data_bytes=wav.data_bytes
            )
            frequency_hz = frequency_hz or wav.frequency_hz
        elif plain_name.endswith(".sdriq"):
            sdriq = read_sdriq_header(stream)
            described = Described(sdriq.number_format, sdriq.sample_rate_hz, start_utc_s=sdriq.start_utc_s)
            frequency_hz = sdriq.frequency_hz
        else:
            described = _described_by_name(name, options)
    except (WavError, SdriqError) as error:
        raise SquitterError(f"{name}: {error}") from None
    except (OSError, *UNPACK_ERRORS) as error:
        raise SquitterError(f"{name}: cannot be read: {error}") from None
    described = replace(
        described,
        number_format=options.number_format or described.number_format,
        sample_rate_hz=options.rate_hz or described.sample_rate_hz,
        start_utc_s=described.start_utc_s if described.start_utc_s is not None else said.start_utc_s,
        runs=(SigmfRun(0, 0, 0, frequency_hz),),
    )
    return Recording(name, stream, raw, size, described, options.start_utc_s, options.frequency_hz)


def _described_by_name(name: str, options: Options) -> Described:
    said = said_by_name(name)
    rate_hz = options.rate_hz or said.rate_hz
    number_format = options.number_format or said.number_format
    missing = [
        *(["--rate (samples a second, e.g. --rate 2.4M)"] if rate_hz is None else []),
        *(["--format (e.g. --format cu8)"] if number_format is None else []),
    ]
    if rate_hz is None or number_format is None:
        reason = "neither header nor name say what it is"
        if rate_hz is None and len(said.rates) > 1:
            reason = f"its name could mean {' or '.join(f'{rate / 1e6:g} MS/s' for rate in said.rates)}"
        raise UsageError(f"{name}: {reason}: add {' and '.join(missing)}")
    taken = [
        *([f"{rate_hz / 1e6:g} MS/s"] if options.rate_hz is None else []),
        *([number_format.name] if options.number_format is None else []),
        *([f"{said.frequency_hz / 1e6:g} MHz"] if said.frequency_hz and options.frequency_hz is None else []),
    ]
    return Described(
        number_format, rate_hz, notes=(f"{', '.join(taken)}, from the name",) if taken else (), has_header=False
    )
