"""Packed files: gzip, xz, bzip2 and zstandard, unpacked on the fly."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from typing import BinaryIO, cast

import zstandard

UNPACK_ERRORS = (EOFError, zstandard.ZstdError, gzip.BadGzipFile, lzma.LZMAError, zlib.error)
"""What reading damaged packed files raises."""

PACKED = re.compile(r"\.(gz|zst|xz|bz2)$", re.IGNORECASE)
"""How the names of packed files end."""


def unpacked(raw: BinaryIO, lower: str) -> BinaryIO:
    """The stream of a file by its name in lower case: `.gz`, `.xz`, `.bz2` and `.zst` are unpacked on the fly."""
    if lower.endswith(".gz"):
        return cast(BinaryIO, gzip.GzipFile(fileobj=raw))
    if lower.endswith(".xz"):
        return cast(BinaryIO, lzma.LZMAFile(raw))
    if lower.endswith(".bz2"):
        return cast(BinaryIO, bz2.BZ2File(raw))
    if lower.endswith(".zst"):
        return cast(BinaryIO, zstandard.ZstdDecompressor().stream_reader(raw, read_across_frames=True, closefd=True))
    return raw
