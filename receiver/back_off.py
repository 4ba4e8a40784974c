"""How long to wait before the next attempt: longer after each failure, and never at the same moment as others."""

from __future__ import annotations

import random
from collections.abc import Sequence


class BackOff:
    """The waits between attempts.

    Parameters
    ----------
    delays_s
        Seconds after the first, second … failure in a row; the last one from then on.
    jitter
        A wait is a random multiple of its delay within these bounds: after a power cut everybody comes back at once.

    Attributes
    ----------
    failures
        In a row.
    """

    def __init__(self, delays_s: Sequence[float], jitter: tuple[float, float] = (0.7, 1.3)) -> None:
        self._delays_s = tuple(delays_s)
        self._jitter = jitter
        self.failures = 0

    def failed(self) -> float:
        """Count a failure; the seconds to wait before the next attempt."""
        delay_s = self._delays_s[min(self.failures, len(self._delays_s) - 1)]
        self.failures += 1
        return delay_s * random.uniform(*self._jitter)

    def succeeded(self) -> None:
        """Begin again with the shortest wait."""
        self.failures = 0


def doubling(first_s: float, longest_s: float) -> tuple[float, ...]:
    """Delays that double from the first one to the longest."""
    delays = [first_s]
    while delays[-1] < longest_s:
        delays.append(min(longest_s, 2.0 * delays[-1]))
    return tuple(delays)
