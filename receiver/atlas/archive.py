"""Reads a PMTiles v3 archive: a file of map tiles with an index in front (github.com/protomaps/PMTiles, spec/v3)."""

from __future__ import annotations

import os
import zlib
from collections import OrderedDict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from receiver.errors import SquitterError

HEADER = 127
NONE, GZIP = 1, 2
VECTOR = 1
MOST_DIRECTORY = 16 * 1024 * 1024  # bytes, unpacked
MOST_TILE = 16 * 1024 * 1024
DIRECTORIES_KEPT = 64


class Entry(NamedTuple):
    """Tiles `tile` and the `run` - 1 after it have the same bytes; run 0: a directory for what follows."""

    tile: int
    offset: int
    length: int
    run: int


class Archive:
    """The tiles of one file. Raises SquitterError when it cannot be used; threads may share one.

    Parameters
    ----------
    path
        A PMTiles archive, version 3, of vector tiles, unpacked or gzip.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise SquitterError(f"the map file {path} cannot be read: {error.strerror}") from error
        try:
            self._read_header()
        except BaseException:
            self.close()
            raise

    def _read_header(self) -> None:
        head = os.pread(self._file, HEADER, 0)
        if len(head) < HEADER or head[:7] != b"PMTiles":
            raise self._wrong("it does not begin as a PMTiles archive does")
        if head[7] != 3:
            raise self._wrong(f"it is of PMTiles version {head[7]}, expected 3; `pmtiles convert` makes one")
        if head[99] != VECTOR:
            raise self._wrong("its tiles are pictures, expected vector tiles (MVT)")
        self._packing, self._tile_packing = head[97], head[98]
        if not {self._packing, self._tile_packing} <= {NONE, GZIP}:
            raise self._wrong("it is compressed by brotli or zstd, expected gzip or none")
        self.min_zoom, self.max_zoom = head[100], head[101]
        whole = [int.from_bytes(head[k : k + 8], "little") for k in range(8, 72, 8)]
        self._root_offset, self._root_length, _, _, self._leaves, _, self._tiles, _ = whole
        west, south, east, north = (
            int.from_bytes(head[k : k + 4], "little", signed=True) / 1e7 for k in (102, 106, 110, 114)
        )
        self.bounds = (west, south, east, north)
        self._directories: OrderedDict[tuple[int, int], list[Entry]] = OrderedDict()
        self._directory(self._root_offset, self._root_length)

    def _wrong(self, why: str) -> SquitterError:
        return SquitterError(f"the map file {self.path} cannot be used: {why}")

    def close(self) -> None:
        """Let go of the file."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """A tile, unpacked; None where the archive has none. Raises SquitterError when the file is damaged."""
        number = tile_number(zoom, x, y)
        offset, length = self._root_offset, self._root_length
        for _ in range(4):  # the format allows for one level of leaves, and some writers make two
            entry = find(self._directory(offset, length), number)
            if entry is None:
                return None
            if entry.run:
                return self._unpacked(self._tiles + entry.offset, entry.length, self._tile_packing, MOST_TILE)
            offset, length = self._leaves + entry.offset, entry.length
        raise self._wrong("its directories never end")

    def _directory(self, offset: int, length: int) -> list[Entry]:
        kept = self._directories.get((offset, length))
        if kept is None:
            packed = self._unpacked(offset, length, self._packing, MOST_DIRECTORY)
            try:
                kept = list(entries(packed))
            except (IndexError, ValueError) as error:
                raise self._wrong("a directory is damaged") from error
            self._directories[(offset, length)] = kept
            while len(self._directories) > DIRECTORIES_KEPT:
                self._directories.popitem(last=False)
        return kept

    def _unpacked(self, offset: int, length: int, packing: int, most: int) -> bytes:
        if length > most or offset >= 2**63:
            raise self._wrong(f"a part of {length} bytes is larger than {most}")
        body = os.pread(self._file, length, offset)
        if len(body) < length:
            raise self._wrong("it is cut short; was it downloaded whole?")
        if packing == NONE:
            return body
        inflater = zlib.decompressobj(31)
        try:
            out = inflater.decompress(body, most)
        except zlib.error as error:
            raise self._wrong("a part of it is damaged") from error
        if inflater.unconsumed_tail:
            raise self._wrong(f"a part of it grows beyond {most} bytes")
        return out


def tile_number(zoom: int, x: int, y: int) -> int:
    """Where a tile stands in the archive's order: all zooms above, then along a Hilbert curve."""
    number = ((1 << (2 * zoom)) - 1) // 3
    for level in range(zoom - 1, -1, -1):
        side = 1 << level
        right, low = int(bool(x & side)), int(bool(y & side))
        number += side * side * ((3 * right) ^ low)
        if not low:
            if right:
                x, y = side - 1 - (x & (side - 1)), side - 1 - (y & (side - 1))
            x, y = y, x
        x, y = x & (side - 1), y & (side - 1)
    return number


def entries(directory: bytes) -> Iterator[Entry]:
    """Entries of an unpacked directory. Raises IndexError or ValueError when it is damaged."""
    numbers = varints(directory)
    count = next(numbers)
    if count > len(directory):
        raise ValueError("more entries than bytes")
    columns = [[next(numbers) for _ in range(count)] for _ in range(4)]
    tile = offset = 0
    for k in range(count):
        step, run, length, place = (column[k] for column in columns)
        tile += step
        if place == 0 and k == 0:
            raise ValueError("the first entry has no place")
        offset = offset + columns[2][k - 1] if place == 0 else place - 1
        yield Entry(tile, offset, length, run)


def varints(data: bytes) -> Iterator[int]:
    """Numbers of seven bits a byte; IndexError at the end of the data."""
    at = 0
    while True:
        value = shift = 0
        while True:
            byte = data[at]
            at += 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
            if shift > 63:
                raise ValueError("a number never ends")
        yield value


def find(directory: list[Entry], number: int) -> Entry | None:
    """The entry that a tile is in, or the directory to look in; None when the archive has no such tile."""
    low, high = 0, len(directory)
    while low < high:
        middle = (low + high) // 2
        if directory[middle].tile <= number:
            low = middle + 1
        else:
            high = middle
    if not low:
        return None
    entry = directory[low - 1]
    return entry if entry.run == 0 or number < entry.tile + entry.run else None
