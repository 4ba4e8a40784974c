"""A filter for places and speeds of one aircraft, for aircraft that turn and climb: the arithmetic behind `receiver.mlat.track`, compiled.

Source: R. E. Kalman, 1960; Y. Bar-Shalom, X. R. Li, T. Kirubarajan, “Estimation with Applications to Tracking and Navigation”, 2001, 6.2.2
(acceleration as white noise); P. D. Joseph, 1964 (the covariance's form).
"""

from __future__ import annotations

import numpy as np

from dsp.compiled import kernel
from dsp.multilateration import Matrix, Vector, invert


@kernel()
def follow(
    state: Vector,
    covariance: Matrix,
    seconds: float,
    accelerations: Vector,
    measured: Vector,
    spread: Matrix,
    limit: float,
) -> float:
    """Take a measured place into a filter.

    Parameters
    ----------
    state, covariance
        (6,), (6, 6), in and out: place (m), speed (m/s).
    seconds
        Since the state was valid.
    accelerations
        (3,): noise, m/s² that hold on for a second.
    measured, spread
        (3,), (3, 3): a place and its covariance.
    limit
        χ² beyond which it is not taken: nothing is changed then.

    Returns
    -------
    χ² of the place.
    """
    x, p = np.empty(6), np.empty((6, 6))
    for i in range(3):
        x[i], x[i + 3] = state[i] + seconds * state[i + 3], state[i + 3]
        for j in range(3):
            pp, pv, vp, vv = covariance[i, j], covariance[i, j + 3], covariance[i + 3, j], covariance[i + 3, j + 3]
            p[i, j] = pp + seconds * (pv + vp) + seconds * seconds * vv
            p[i, j + 3] = pv + seconds * vv
            p[i + 3, j] = vp + seconds * vv
            p[i + 3, j + 3] = vv
        q = accelerations[i] ** 2
        p[i, i] += q * seconds**3 / 3
        p[i, i + 3] += q * seconds**2 / 2
        p[i + 3, i] += q * seconds**2 / 2
        p[i + 3, i + 3] += q * seconds
    total, inverse, left = np.empty((3, 3)), np.empty((3, 3)), np.empty(3)
    for i in range(3):
        left[i] = measured[i] - x[i]
        for j in range(3):
            total[i, j] = p[i, j] + spread[i, j]
    if not invert(total, inverse):
        return np.inf
    chi2 = 0.0
    for i in range(3):
        for j in range(3):
            chi2 += left[i] * inverse[i, j] * left[j]
    if not chi2 <= limit:
        return chi2
    gain = np.zeros((6, 3))
    for i in range(6):
        for j in range(3):
            for k in range(3):
                gain[i, j] += p[i, k] * inverse[k, j]
    keep = np.eye(6)
    for i in range(6):
        state[i] = x[i]
        for j in range(3):
            state[i] += gain[i, j] * left[j]
            keep[i, j] -= gain[i, j]
    half = np.zeros((6, 6))
    for i in range(6):
        for j in range(6):
            for k in range(6):
                half[i, j] += keep[i, k] * p[k, j]
    for i in range(6):
        for j in range(i + 1):
            value = 0.0
            for k in range(6):
                value += half[i, k] * keep[j, k]
            for k in range(3):
                for m in range(3):
                    value += gain[i, k] * spread[k, m] * gain[j, m]
            covariance[i, j] = covariance[j, i] = value
    return chi2
