"""Lines as the atlas keeps them: whole units, a level of detail for each vertex, packed differences."""

from __future__ import annotations

import numpy as np

UNIT = 10_000  # coordinates are whole numbers of 1e-4 degrees: 11 m, far below the 1:10m scale's own error
HALF_TURN = 180 * UNIT
# A vertex of level n is needed where the drawing's tolerance is below LEVELS_DEG[n]; the last level, always.
LEVELS_DEG = (0.003, 0.006, 0.012, 0.025, 0.05, 0.1, 0.2, 0.4)
DETAIL_DEG = 0.0015  # coasts, lakes and lines between regions: 150 m


def significance(points: np.ndarray) -> np.ndarray:
    """For each vertex the largest tolerance (units) at which Douglas and Peucker keep it; ends: infinite.

    Never larger than that of the split that it hangs below, so that "keep all above t" is nested in t.
    """
    count = len(points)
    value = np.zeros(count)
    value[0] = value[-1] = np.inf
    if count < 3:
        return value
    scale = np.cos(np.radians(np.clip(points[:, 1].mean() / UNIT, -80, 80)))
    xy = points * np.array([scale, 1.0])
    todo = [(0, count - 1, np.inf)]
    while todo:
        first, last, above = todo.pop()
        if last - first < 2:
            continue
        inner = xy[first + 1 : last]
        base = xy[last] - xy[first]
        length = np.hypot(*base)
        offset = inner - xy[first]
        if length == 0.0:
            distance = np.hypot(offset[:, 0], offset[:, 1])
        else:
            along = np.clip(offset @ base / length**2, 0.0, 1.0)
            away = offset - along[:, None] * base
            distance = np.hypot(away[:, 0], away[:, 1])
        split = int(distance.argmax())
        own = min(above, float(distance[split]))
        split += first + 1
        value[split] = own
        todo += [(first, split, own), (split, last, own)]
    return value


def levels(points: np.ndarray, detail_deg: float, closed: bool) -> tuple[np.ndarray, np.ndarray]:
    """Vertices worth keeping at all, and the level of each."""
    value = significance(points)
    keep = value >= detail_deg * UNIT
    if closed and keep.sum() < 4:  # an islet stays an islet
        keep[np.linspace(0, len(points) - 1, 4).astype(int)] = True
    level = np.searchsorted(np.asarray(LEVELS_DEG) * UNIT, value[keep], side="right")
    return points[keep], level.astype(np.uint8)


def split_long(points: np.ndarray, level: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Extra vertices where a difference would not fit into 16 bits."""
    step = np.abs(np.diff(points, axis=0)).max(axis=1)
    pieces = np.maximum(1, -(-step // 30_000))
    if (pieces == 1).all():
        return points, level
    new_points, new_level = [points[:1]], [level[:1]]
    for index, count in enumerate(pieces):
        fractions = np.arange(1, count + 1)[:, None] / count
        new_points.append(np.rint(points[index] + fractions * (points[index + 1] - points[index])).astype(np.int64))
        new_level.append(np.r_[np.full(count - 1, len(LEVELS_DEG), np.uint8), level[index + 1]])
    return np.concatenate(new_points), np.concatenate(new_level).astype(np.uint8)


def pack_lines(lines: list[tuple[np.ndarray, np.ndarray]]) -> dict[str, np.ndarray]:
    """Lines as first points, counts, 16-bit differences (low and high bytes apart, as they compress better), levels."""
    counts = np.array([len(points) for points, _ in lines], np.uint32)
    first = np.array([points[0] for points, _ in lines], np.int32)
    steps = np.concatenate([np.diff(points, axis=0) for points, _ in lines])
    assert np.abs(steps).max() < 32_768
    steps = steps.astype("<i2")
    level = np.concatenate([level for _, level in lines])
    return {
        "first": first,
        "count": counts,
        "step_x": zigzag(steps[:, 0]),
        "step_y": zigzag(steps[:, 1]),
        "level": level.astype(np.uint8),
    }


def zigzag(values: np.ndarray) -> np.ndarray:
    """Signed 16 bits as two rows of bytes: small differences of either sign have a zero in the second row."""
    wide = values.astype(np.int32)
    folded = ((wide << 1) ^ (wide >> 31)).astype("<u2")
    return folded.view(np.uint8).reshape(-1, 2).T.copy()
