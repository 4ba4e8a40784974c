"""Mapbox Vector Tiles, version 2.1: layers of features with properties and points."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

POINT, LINE, POLYGON = 1, 2, 3


class Feature(NamedTuple):
    """`parts`: points, lines or rings, shape (n, 2), in tile units, x right, y down; `kind`: POINT, LINE or POLYGON."""

    kind: int
    properties: dict[str, Any]
    parts: list[NDArray[np.float64]]


class Layer(NamedTuple):
    """A layer; a tile is `extent` units wide."""

    extent: int
    features: list[Feature]


def read_tile(data: bytes) -> dict[str, Layer]:
    """Layers by name. Raises ValueError when the tile is damaged."""
    try:
        return dict(_layer(value) for number, value in _fields(data) if number == 3)
    except (IndexError, TypeError, UnicodeDecodeError, struct.error) as error:
        raise ValueError("a vector tile is damaged") from error


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    """Number and value of each field of a protobuf message."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value: Any
            value, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            if at + length > end:
                raise ValueError("a field runs beyond its message")
            value, at = data[at : at + length], at + length
        elif kind in (1, 5):
            size = 8 if kind == 1 else 4
            (value,) = struct.unpack_from("<d" if kind == 1 else "<f", data, at)
            at += size
        else:
            raise ValueError("an unknown kind of field")
        yield key >> 3, value


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
        shift += 7
        if shift > 63:
            raise ValueError("a number never ends")


def _numbers(data: bytes) -> list[int]:
    out, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        out.append(value)
    return out


def _layer(data: bytes) -> tuple[str, Layer]:
    name, extent, keys, values, raw = "", 4096, [], [], []
    for number, value in _fields(data):
        if number == 1:
            name = value.decode()
        elif number == 2:
            raw.append(value)
        elif number == 3:
            keys.append(value.decode())
        elif number == 4:
            values.append(_value(value))
        elif number == 5:
            extent = value
    if not isinstance(extent, int) or not 1 <= extent <= 65_536:
        raise ValueError("an impossible extent")
    return name, Layer(extent, [_feature(one, keys, values) for one in raw])


def _value(data: bytes) -> Any:
    for number, value in _fields(data):
        if number == 1:
            return value.decode()
        if number == 6:
            return (value >> 1) ^ -(value & 1)
        if number == 7:
            return bool(value)
        return value
    return None


def _feature(data: bytes, keys: list[str], values: list[Any]) -> Feature:
    kind, tags, geometry = 0, [], b""
    for number, value in _fields(data):
        if number == 2:
            tags = _numbers(value)
        elif number == 3:
            kind = value
        elif number == 4:
            geometry = value
    properties = {keys[k]: values[v] for k, v in zip(tags[::2], tags[1::2], strict=False)}
    return Feature(kind, properties, _parts(_numbers(geometry)))


def _parts(commands: list[int]) -> list[NDArray[np.float64]]:
    """Points, lines or rings; a ring ends where it began."""
    parts: list[list[tuple[int, int]]] = []
    x = y = at = 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            parts[-1].append(parts[-1][0])
            continue
        for _ in range(count):
            dx, dy = commands[at], commands[at + 1]
            at += 2
            x += (dx >> 1) ^ -(dx & 1)
            y += (dy >> 1) ^ -(dy & 1)
            if command == 1:
                parts.append([])
            parts[-1].append((x, y))
    return [np.array(part, float) for part in parts]
