"""Arrival times to a place, and to the clocks that told them: the arithmetic behind `receiver.mlat`, compiled.

Lengths are metres and times seconds. A place is earth-centred, earth-fixed on the WGS 84 ellipsoid. An arrival time becomes a length by
the speed of light, so that the unknown moment of transmission is a length too:

    c · arrival_i = |place − station_i| + c · sent + noise_i

Source: NIMA TR8350.2 (ellipsoid); W. H. Foy, “Position-Location Solutions by Taylor-Series Estimation”, 1976; B. R. Bowring, 1976
(height); K. Levenberg, 1944 (damping).
"""

from __future__ import annotations

import math
from typing import Annotated

import numpy as np
from numpy.typing import NDArray

from dsp.compiled import helper, kernel

Vector = Annotated[NDArray[np.float64], 1]
Matrix = Annotated[NDArray[np.float64], 2]
Flags = Annotated[NDArray[np.bool_], 1]
Rows = Annotated[NDArray[np.int64], 2]

LIGHT_M_S = 299_792_458.0
AIR_M_S = (
    LIGHT_M_S / 1.00017
)  # mean from the ground to 10 km (315 N units at the sea, thinning out by 1/e in 7.35 km); 5 m in 40 km
SEMI_MAJOR_M = 6_378_137.0
SEMI_MINOR_M = 6_356_752.314245
ECCENTRICITY2 = 1.0 - (SEMI_MINOR_M / SEMI_MAJOR_M) ** 2

MOST_STATIONS = 32  # in one solution
ROUNDS = 25
RINGS = (0.0, 0.35, 0.8, 1.3, 2.0, 3.2, 5.0, 8.0)  # of the stations' spread: where a search without a start begins
BEARINGS = 12
STARTS = 6
LOWEST_M, HIGHEST_M, FARTHEST_M = -1500.0, 30_000.0, 600_000.0  # above the ellipsoid; from a station
SAME_M = 2000.0  # two solutions nearer than this are one

# What `locate` leaves in `out`
(
    OUT_X, OUT_Y, OUT_Z, OUT_SENT, OUT_COST, OUT_USED, OUT_LEFT_OUT, OUT_SECOND, OUT_XX, OUT_XY, OUT_XZ, OUT_YY, OUT_YZ,
    OUT_ZZ,
) = range(14)  # fmt: skip
OUT_SIZE = 14


@helper()
def height_of(x: float, y: float, z: float) -> tuple[float, float, float, float]:
    """Height above the ellipsoid and the direction of up."""
    p = math.sqrt(x * x + y * y)
    theta = math.atan2(z * SEMI_MAJOR_M, p * SEMI_MINOR_M)
    s, c = math.sin(theta), math.cos(theta)
    second = ECCENTRICITY2 / (1.0 - ECCENTRICITY2)
    phi = math.atan2(z + second * SEMI_MINOR_M * s * s * s, p - ECCENTRICITY2 * SEMI_MAJOR_M * c * c * c)
    s, c = math.sin(phi), math.cos(phi)
    normal = SEMI_MAJOR_M / math.sqrt(1.0 - ECCENTRICITY2 * s * s)
    # right at the poles as well, where p is 0
    height = p * c + z * s - SEMI_MAJOR_M * SEMI_MAJOR_M / normal
    east = 1.0 / max(p, 1e-9)
    return height, c * x * east, c * y * east, s


@helper()
def copy(source: Vector, target: Vector) -> None:
    """Three numbers; an assignment of arrays would allocate, which a helper cannot."""
    for axis in range(3):
        target[axis] = source[axis]


@helper()
def cost_at(
    place: Vector, stations: Matrix, ranges: Vector, weights: Vector, use: Flags, height_m: float, height_weight: float
) -> tuple[float, float]:
    """Weighted sum of squares of what is left at a place, and the moment of transmission (a length) that leaves least."""
    total, sent = 0.0, 0.0
    for i in range(stations.shape[0]):
        if use[i]:
            dx, dy, dz = place[0] - stations[i, 0], place[1] - stations[i, 1], place[2] - stations[i, 2]
            sent += weights[i] * (ranges[i] - math.sqrt(dx * dx + dy * dy + dz * dz))
            total += weights[i]
    sent /= total
    cost = 0.0
    for i in range(stations.shape[0]):
        if use[i]:
            dx, dy, dz = place[0] - stations[i, 0], place[1] - stations[i, 1], place[2] - stations[i, 2]
            left = ranges[i] - math.sqrt(dx * dx + dy * dy + dz * dz) - sent
            cost += weights[i] * left * left
    above = height_of(place[0], place[1], place[2])[0] - height_m
    return cost + height_weight * above * above, sent


@helper()
def invert(m: Matrix, inverse: Matrix) -> bool:
    """The inverse of a symmetric 3 × 3 matrix; False when it has none."""
    a, b, c, d, e, f = m[0, 0], m[0, 1], m[0, 2], m[1, 1], m[1, 2], m[2, 2]
    determinant = a * (d * f - e * e) - b * (b * f - c * e) + c * (b * e - c * d)
    if not determinant > 1e-14 * a * d * f:
        return False
    inverse[0, 0] = (d * f - e * e) / determinant
    inverse[0, 1] = inverse[1, 0] = (c * e - b * f) / determinant
    inverse[0, 2] = inverse[2, 0] = (b * e - c * d) / determinant
    inverse[1, 1] = (a * f - c * c) / determinant
    inverse[1, 2] = inverse[2, 1] = (b * c - a * e) / determinant
    inverse[2, 2] = (a * d - b * b) / determinant
    return True


@helper()
def normal_equations(
    place: Vector,
    stations: Matrix,
    ranges: Vector,
    weights: Vector,
    use: Flags,
    height_m: float,
    height_weight: float,
    matrix: Matrix,
    towards: Vector,
) -> None:
    """Of the place alone: the moment of transmission is taken out by weighted means."""
    total, mean = 0.0, 0.0
    mx, my, mz = 0.0, 0.0, 0.0
    for i in range(stations.shape[0]):
        if use[i]:
            dx, dy, dz = place[0] - stations[i, 0], place[1] - stations[i, 1], place[2] - stations[i, 2]
            far = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1.0)
            w = weights[i]
            mean += w * (ranges[i] - far)
            mx += w * dx / far
            my += w * dy / far
            mz += w * dz / far
            total += w
    mean, mx, my, mz = mean / total, mx / total, my / total, mz / total
    matrix[:] = 0.0
    towards[:] = 0.0
    for i in range(stations.shape[0]):
        if use[i]:
            dx, dy, dz = place[0] - stations[i, 0], place[1] - stations[i, 1], place[2] - stations[i, 2]
            far = max(math.sqrt(dx * dx + dy * dy + dz * dz), 1.0)
            w, left = weights[i], ranges[i] - far - mean
            ux, uy, uz = dx / far - mx, dy / far - my, dz / far - mz
            matrix[0, 0] += w * ux * ux
            matrix[0, 1] += w * ux * uy
            matrix[0, 2] += w * ux * uz
            matrix[1, 1] += w * uy * uy
            matrix[1, 2] += w * uy * uz
            matrix[2, 2] += w * uz * uz
            towards[0] += w * ux * left
            towards[1] += w * uy * left
            towards[2] += w * uz * left
    above, upx, upy, upz = height_of(place[0], place[1], place[2])
    left = height_weight * (height_m - above)
    matrix[0, 0] += height_weight * upx * upx
    matrix[0, 1] += height_weight * upx * upy
    matrix[0, 2] += height_weight * upx * upz
    matrix[1, 1] += height_weight * upy * upy
    matrix[1, 2] += height_weight * upy * upz
    matrix[2, 2] += height_weight * upz * upz
    towards[0] += upx * left
    towards[1] += upy * left
    towards[2] += upz * left
    matrix[1, 0], matrix[2, 0], matrix[2, 1] = matrix[0, 1], matrix[0, 2], matrix[1, 2]


@helper()
def descend(
    place: Vector,
    stations: Matrix,
    ranges: Vector,
    weights: Vector,
    use: Flags,
    height_m: float,
    height_weight: float,
    matrix: Matrix,
    towards: Vector,
    inverse: Matrix,
    trial: Vector,
) -> tuple[float, float, bool]:
    """From `place` to the nearest least cost, which is left in it: (cost, sent, whether that was found)."""
    cost, sent = cost_at(place, stations, ranges, weights, use, height_m, height_weight)
    damping = 1e-3
    for _ in range(ROUNDS):
        normal_equations(place, stations, ranges, weights, use, height_m, height_weight, matrix, towards)
        for axis in range(3):
            matrix[axis, axis] *= 1.0 + damping
        if not invert(matrix, inverse):
            return cost, sent, False
        step = 0.0
        for axis in range(3):
            move = inverse[axis, 0] * towards[0] + inverse[axis, 1] * towards[1] + inverse[axis, 2] * towards[2]
            trial[axis] = place[axis] + move
            step += move * move
        new_cost, new_sent = cost_at(trial, stations, ranges, weights, use, height_m, height_weight)
        if new_cost < cost:
            gain = cost - new_cost
            copy(trial, place)
            cost, sent = new_cost, new_sent
            damping = max(damping * 0.1, 1e-9)
            if gain < 1e-7 * (1.0 + cost) and step < 1.0:
                return cost, sent, True
        else:
            if step < 1e-4:
                return cost, sent, True
            damping = max(damping * 10.0, 1e-6)
            if damping > 1e9:
                return cost, sent, step < 1.0
    return cost, sent, False


@helper()
def plausible(place: Vector, stations: Matrix, use: Flags) -> bool:
    """Whether an aircraft can be there, and be received."""
    above = height_of(place[0], place[1], place[2])[0]
    if not LOWEST_M < above < HIGHEST_M:
        return False
    for i in range(stations.shape[0]):
        if use[i]:
            dx, dy, dz = place[0] - stations[i, 0], place[1] - stations[i, 1], place[2] - stations[i, 2]
            if dx * dx + dy * dy + dz * dz > FARTHEST_M * FARTHEST_M:
                return False
    return True


@helper()
def likely_starts(
    stations: Matrix,
    ranges: Vector,
    weights: Vector,
    use: Flags,
    height_m: float,
    height_weight: float,
    starts: Matrix,
    best: Vector,
    place: Vector,
) -> int:
    """Places on rings around the stations where the cost is least, far from each other: how many are in `starts`."""
    count = 0
    cx, cy, cz = 0.0, 0.0, 0.0
    for i in range(stations.shape[0]):
        if use[i]:
            cx += stations[i, 0]
            cy += stations[i, 1]
            cz += stations[i, 2]
            count += 1
    cx, cy, cz = cx / count, cy / count, cz / count
    spread = 0.0
    for i in range(stations.shape[0]):
        if use[i]:
            dx, dy, dz = stations[i, 0] - cx, stations[i, 1] - cy, stations[i, 2] - cz
            spread = max(spread, dx * dx + dy * dy + dz * dz)
    spread = max(math.sqrt(spread), 5000.0)
    low, ux, uy, uz = height_of(cx, cy, cz)
    # east and north there
    flat = max(math.sqrt(ux * ux + uy * uy), 1e-9)
    ex, ey = -uy / flat, ux / flat
    nx, ny, nz = -uz * ey, uz * ex, ux * ey - uy * ex
    found = 0
    for ring in range(len(RINGS)):
        for turn in range(BEARINGS if ring else 1):
            # every other ring turned by half a step
            angle = 2.0 * math.pi * (turn + 0.5 * (ring & 1)) / BEARINGS
            east, north = RINGS[ring] * spread * math.sin(angle), RINGS[ring] * spread * math.cos(angle)
            away = math.sqrt(east * east + north * north)
            up = height_m - low - away * away / (2.0 * SEMI_MAJOR_M)
            place[0] = cx + east * ex + north * nx + up * ux
            place[1] = cy + east * ey + north * ny + up * uy
            place[2] = cz + north * nz + up * uz
            cost, _ = cost_at(place, stations, ranges, weights, use, height_m, height_weight)
            slot = found
            for k in range(found):
                dx, dy, dz = place[0] - starts[k, 0], place[1] - starts[k, 1], place[2] - starts[k, 2]
                if dx * dx + dy * dy + dz * dz < (0.3 * spread + 0.4 * away) ** 2:
                    slot = k if cost < best[k] else -1
                    break
            if slot == STARTS:
                slot = 0
                for k in range(1, STARTS):
                    if best[k] > best[slot]:
                        slot = k
                if best[slot] <= cost:
                    slot = -1
            if slot >= 0:
                copy(place, starts[slot])
                best[slot] = cost
                found = max(found, slot + 1)
    return found


@helper()
def solve(
    stations: Matrix,
    ranges: Vector,
    weights: Vector,
    use: Flags,
    height_m: float,
    height_weight: float,
    start: Vector,
    has_start: bool,
    work: Matrix,
    best: Vector,
    out: Vector,
) -> bool:
    """The place of least cost with these stations, into `out`; False: there is none."""
    matrix, inverse, starts = work[0:3], work[3:6], work[6 : 6 + STARTS]
    towards, trial, place = work[6 + STARTS], work[7 + STARTS], work[8 + STARTS]
    count = 0
    if has_start:
        copy(start, starts[0])
        count = 1
    else:
        count = likely_starts(stations, ranges, weights, use, height_m, height_weight, starts, best, place)
    found = False
    second = math.inf
    for k in range(count):
        copy(starts[k], place)
        cost, sent, settled = descend(
            place, stations, ranges, weights, use, height_m, height_weight, matrix, towards, inverse, trial
        )
        if not settled or not plausible(place, stations, use):
            continue
        apart = math.inf
        if found:
            dx, dy, dz = place[0] - out[OUT_X], place[1] - out[OUT_Y], place[2] - out[OUT_Z]
            apart = math.sqrt(dx * dx + dy * dy + dz * dz)
        if not found or cost < out[OUT_COST]:
            if found and apart > SAME_M:
                second = min(second, out[OUT_COST])
            copy(place, out[OUT_X : OUT_Z + 1])
            out[OUT_SENT], out[OUT_COST] = sent, cost
            found = True
        elif apart > SAME_M:
            second = min(second, cost)
    if not found:
        return False
    out[OUT_SECOND] = second
    copy(out[OUT_X : OUT_Z + 1], place)
    normal_equations(place, stations, ranges, weights, use, height_m, height_weight, matrix, towards)
    if not invert(matrix, inverse):
        return False
    out[OUT_XX], out[OUT_XY], out[OUT_XZ] = inverse[0, 0], inverse[0, 1], inverse[0, 2]
    out[OUT_YY], out[OUT_YZ], out[OUT_ZZ] = inverse[1, 1], inverse[1, 2], inverse[2, 2]
    return True


@kernel()
def locate(
    stations: Matrix,
    ranges: Vector,
    sigmas: Vector,
    height_m: float,
    height_sigma_m: float,
    has_height: bool,
    start: Vector,
    has_start: bool,
    limits: Vector,
    out: Vector,
) -> bool:
    """Where a transmission came from; one station that contradicts all others is excluded.

    Parameters
    ----------
    stations
        (k, 3): where the stations are, k from 3 to `MOST_STATIONS`.
    ranges, sigmas
        (k,): arrival times by a common clock and their standard deviation, as lengths. They should be small: take a near moment off.
    height_m, height_sigma_m, has_height
        Above the ellipsoid. When it is not known it is what is usual, and does not count in the test of the rest.
    start, has_start
        (3,): where to begin; without it the surroundings are searched.
    limits
        The greatest cost by degrees of freedom, from 0.
    out
        (OUT_SIZE,): the place, `OUT_SENT`, the cost, stations used, the one left out (−1: none), the cost of another place that is as
        good a minimum (infinite: none), and the covariance.

    Returns
    -------
    Whether there is a place. Its cost may still be above the limit: then it must not be believed.
    """
    k = stations.shape[0]
    weights = np.empty(k)
    use = np.ones(k, np.bool_)
    work, best_starts = np.empty((9 + STARTS, 3)), np.empty(STARTS)
    for i in range(k):
        weights[i] = 1.0 / (sigmas[i] * sigmas[i])
    height_weight = 1.0 / (height_sigma_m * height_sigma_m)
    freedom = k - 4 + has_height
    last = limits.shape[0] - 1
    okay = freedom >= 0 and solve(
        stations, ranges, weights, use, height_m, height_weight, start, has_start, work, best_starts, out
    )
    out[OUT_USED], out[OUT_LEFT_OUT] = k, -1
    if okay and out[OUT_COST] <= limits[min(freedom, last)]:
        return True
    if has_start and freedom >= 0:
        # perhaps it was the start
        fresh = np.empty(OUT_SIZE)
        if solve(stations, ranges, weights, use, height_m, height_weight, start, False, work, best_starts, fresh) and (
            not okay or fresh[OUT_COST] < out[OUT_COST]
        ):
            fresh[OUT_USED], fresh[OUT_LEFT_OUT] = k, -1
            out[:] = fresh
            okay = True
        if okay and out[OUT_COST] <= limits[min(freedom, last)]:
            return True
    if freedom < 2:
        return okay
    # One of them is wrong: only when a single one can be, and the rest then can be tested
    limit = limits[min(freedom - 1, last)]
    chosen, best, runner_up = -1, math.inf, math.inf
    one = np.empty(OUT_SIZE)
    for i in range(k):
        use[i] = False
        if solve(stations, ranges, weights, use, height_m, height_weight, start, has_start, work, best_starts, one):
            if one[OUT_COST] < best:
                runner_up = best
                chosen, best = i, one[OUT_COST]
                one[OUT_USED], one[OUT_LEFT_OUT] = k - 1, i
                out[:] = one
                okay = True
            elif one[OUT_COST] < runner_up:
                runner_up = one[OUT_COST]
        use[i] = True
    if chosen >= 0 and best <= limit and runner_up <= limit:
        out[OUT_COST] = runner_up + limits[last]  # it could be either of two: not to be believed
    return okay
