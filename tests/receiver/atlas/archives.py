"""Writes small archives of map tiles, as the format says, for tests of what reads them."""

from __future__ import annotations

import gzip
import itertools
import struct
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from receiver.atlas.archive import GZIP, HEADER, VECTOR, tile_number

POINT, LINE, POLYGON = 1, 2, 3
EXTENT = 4096


def write(path: Path, tiles: dict[tuple[int, int, int], bytes], bounds: tuple[float, float, float, float]) -> None:
    """Write a small archive of vector tiles, by (zoom, x, y), with one directory."""
    numbered = sorted((tile_number(*at), gzip.compress(body, mtime=0)) for at, body in tiles.items())
    columns: list[list[int]] = [[], [], [], []]
    before = offset = 0
    for number, body in numbered:
        for column, value in zip(columns, (number - before, 1, len(body), offset + 1), strict=True):
            column.append(value)
        before, offset = number, offset + len(body)
    root = gzip.compress(b"".join(map(varint, [len(numbered), *itertools.chain(*columns)])), mtime=0)
    meta = gzip.compress(b"{}", mtime=0)
    start = HEADER + len(root)
    whole = (HEADER, len(root), start, len(meta), start + len(meta), 0, start + len(meta), offset, *[len(numbered)] * 3)
    zooms = [at[0] for at in tiles]
    west, south, east, north = (round(value * 1e7).to_bytes(4, "little", signed=True) for value in bounds)
    head = b"PMTiles\x03" + b"".join(value.to_bytes(8, "little") for value in whole)
    head += bytes([0, GZIP, GZIP, VECTOR, min(zooms), max(zooms)]) + west + south + east + north
    head += bytes([max(zooms)]) + west + south
    path.write_bytes(head + root + meta + b"".join(body for _, body in numbered))


def varint(value: int) -> bytes:
    """A number of seven bits a byte."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number: int, value: bytes | int) -> bytes:
    """A field of a protobuf message: bytes, or a number."""
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    return varint(number << 3 | 2) + varint(len(value)) + value


def value_of(value: Any) -> bytes:
    """A property."""
    if isinstance(value, str):
        return field(1, value.encode())
    if isinstance(value, float):
        return varint(3 << 3 | 1) + struct.pack("<d", value)
    return field(4, value)


def geometry(kind: int, parts: Iterable[list[tuple[int, int]]]) -> bytes:
    """Commands of parts in tile units; rings are given without their last point."""
    out, x, y = [], 0, 0
    for part in parts:
        for k, (px, py) in enumerate(part):
            if k < 2:
                out.append(1 | 1 << 3 if k == 0 else 2 | (len(part) - 1) << 3)
            out += [(px - x) << 1 ^ (px - x) >> 63, (py - y) << 1 ^ (py - y) >> 63]
            x, y = px, py
        if kind == POLYGON:
            out.append(7 | 1 << 3)
    return b"".join(map(varint, out))


def vector_tile(layers: Mapping[str, list[tuple[int, list[list[tuple[int, int]]], dict[str, Any]]]]) -> bytes:
    """A tile of layers of (kind, parts, properties)."""
    tile = b""
    for name, features in layers.items():
        keys: list[str] = []
        values: list[Any] = []
        rows = b""
        for kind, parts, properties in features:
            tags = b""
            for key, value in properties.items():
                for known, one in ((keys, key), (values, value)):
                    if one not in known:
                        known.append(one)
                    tags += varint(known.index(one))
            rows += field(2, field(2, tags) + field(3, kind) + field(4, geometry(kind, parts)))
        layer = field(1, name.encode()) + rows + b"".join(field(3, key.encode()) for key in keys)
        layer += b"".join(field(4, value_of(value)) for value in values) + field(5, EXTENT) + field(15, 2)
        tile += field(3, layer)
    return tile
