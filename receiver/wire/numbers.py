"""How recorded samples are stored: more ways than the demodulator takes, and the way from one to the other.

8- and 16-bit integers and 32-bit floats of this machine's byte order are handed on as they are. Whatever is wider, or
the other way round, becomes 16-bit integers or 32-bit floats, full scale 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dsp.samples import SampleFormat

_FULL_SCALE = {"u1": 127.5, "i1": 128.0, "i2": 32768.0, "f4": 1.0}


@dataclass(frozen=True, slots=True)
class NumberFormat:
    """One kind of number. `kind` is numpy's (`<i4`), or `<i3`, `>i3` for three bytes."""

    name: str
    kind: str
    sample_format: SampleFormat
    full_scale: float = 1.0  # of what has to be scaled

    @property
    def bytes_per_sample(self) -> int:
        """Bytes of one complex sample in the file."""
        return 2 * int(self.kind.lstrip("<>|")[1:])

    @property
    def is_float(self) -> bool:
        """Whether the file says itself how large full scale is: 1, or what a program has taken for it."""
        return "f" in self.kind

    def numbers(self, data: bytes, scale: float = 1.0) -> NDArray[np.generic]:
        """The samples in the bytes as the demodulator takes them, interleaved I and Q.

        Parameters
        ----------
        data
            A whole number of samples.
        scale
            What floats are multiplied by.
        """
        if self.kind.endswith("i3"):
            wide = np.zeros((len(data) // 3, 4), np.uint8)
            upper = slice(0, 3) if self.kind[0] == ">" else slice(1, 4)
            wide[:, upper] = np.frombuffer(data, np.uint8).reshape(-1, 3)
            raw: NDArray[np.generic] = wide.view(self.kind[:-2] + "i4")[:, 0]
        else:
            raw = np.frombuffer(data, np.dtype(self.kind))
        if self.sample_format is SampleFormat.CF32:
            with np.errstate(
                over="ignore", invalid="ignore"
            ):  # numbers that are no samples become infinite, and are no news
                if self.full_scale == 1.0 and scale == 1.0:
                    return np.ascontiguousarray(raw, np.float32)
                if self.kind[1:] == "u4":
                    raw = raw.astype(np.float64) - self.full_scale
                return raw.astype(np.float32) * np.float32(scale / self.full_scale)
        if self.kind[1:] == "u2":
            return (raw.astype(np.int32) - 32768).astype(np.int16)
        return np.ascontiguousarray(raw, self.sample_format.dtype)


_CU8, _CS8, _CS16, _CF32 = SampleFormat.CU8, SampleFormat.CS8, SampleFormat.CS16, SampleFormat.CF32

CU8 = NumberFormat("cu8", "|u1", _CU8)
CS8 = NumberFormat("cs8", "|i1", _CS8)
CS16 = NumberFormat("cs16", "<i2", _CS16)
CF32 = NumberFormat("cf32", "<f4", _CF32)
CF64 = NumberFormat("cf64", "<f8", _CF32)
CS24 = NumberFormat("cs24", "<i3", _CF32, 2.0**31)  # moved up by a byte
CS24_IN_32 = NumberFormat("cs24 in 32 bits", "<i4", _CF32, 2.0**23)
CS32 = NumberFormat("cs32", "<i4", _CF32, 2.0**31)
CU16 = NumberFormat("cu16", "<u2", _CS16)
CU32 = NumberFormat("cu32", "<u4", _CF32, 2.0**31)
CS16_Q11 = NumberFormat("cs16 of 12 bits", "<i2", _CF32, 2.0**11)
CS16_BE = NumberFormat("cs16, big-endian", ">i2", _CS16)
CS24_BE = NumberFormat("cs24, big-endian", ">i3", _CF32, 2.0**31)
CS32_BE = NumberFormat("cs32, big-endian", ">i4", _CF32, 2.0**31)
CU16_BE = NumberFormat("cu16, big-endian", ">u2", _CS16)
CF32_BE = NumberFormat("cf32, big-endian", ">f4", _CF32)
CF64_BE = NumberFormat("cf64, big-endian", ">f8", _CF32)

NATIVE = {_CU8: CU8, _CS8: CS8, _CS16: CS16, _CF32: CF32}
"""The kinds that are handed on as they are, by sample format."""

SIGMF = {
    "cu8": CU8,
    "ci8": CS8,
    "ci16_le": CS16,
    "ci16_be": CS16_BE,
    "cu16_le": CU16,
    "cu16_be": CU16_BE,
    "ci32_le": CS32,
    "ci32_be": CS32_BE,
    "cu32_le": CU32,
    "cu32_be": NumberFormat("cu32, big-endian", ">u4", _CF32, 2.0**31),
    "cf32_le": CF32,
    "cf32_be": CF32_BE,
    "cf64_le": CF64,
    "cf64_be": CF64_BE,
    # without an ending, as some programs write them
    "ci16": CS16,
    "cu16": CU16,
    "ci32": CS32,
    "cu32": CU32,
    "cf32": CF32,
    "cf64": CF64,
}
"""SigMF's `core:datatype`s of complex numbers."""

NAMES = {
    **dict.fromkeys(("cu8", "uc8", "u8", "complex16u"), CU8),
    **dict.fromkeys(("cs8", "sc8", "s8", "ci8", "c8", "complex16s"), CS8),
    **dict.fromkeys(("cs16", "sc16", "s16", "ci16", "c16", "complex32s"), CS16),
    **dict.fromkeys(("cu16", "uc16", "u16", "complex32u"), CU16),
    **dict.fromkeys(("cs32", "sc32", "ci32"), CS32),
    **dict.fromkeys(("cs16be", "sc16be", "ci16be", "s16be"), CS16_BE),
    **dict.fromkeys(("cu16be", "uc16be", "u16be"), CU16_BE),
    **dict.fromkeys(("cs32be", "sc32be", "ci32be"), CS32_BE),
    **dict.fromkeys(("cf32be", "fc32be", "f32be"), CF32_BE),
    **dict.fromkeys(("cf64be", "fc64be", "f64be"), CF64_BE),
    **dict.fromkeys(("cs24", "sc24", "ci24"), CS24),
    "sc16q11": CS16_Q11,  # bladeRF
    **dict.fromkeys(("cf32", "fc32", "cfile", "f32", "complex", "complex64"), CF32),
    **dict.fromkeys(("cf64", "fc64", "f64", "complex128"), CF64),
}
"""What people and programs call the formats, in names and options: rtl_433, inspectrum, Universal Radio Hacker, GNU
Radio."""


def as_float(iq: NDArray[np.generic], sample_format: SampleFormat) -> NDArray[np.float32]:
    """Samples as complex numbers' parts, full scale 1."""
    kind = sample_format.dtype.str.lstrip("<>|")
    numbers = iq.astype(np.float32)
    if kind == "u1":
        numbers -= np.float32(127.5)
    return numbers / np.float32(_FULL_SCALE[kind])
