"""The gain that hears most, chosen by rules a person can follow, moved rarely, each step explained.

The noise from antenna and tuner must move the 8-bit converter by more than its last digit, or weak aircraft are lost;
more than that only brings the near aircraft into clipping. Measured with the demodulator on cu8 (frames 10 dB above the noise
that are found): 97 % with noise at −36 dBFS and more, 93 % at −42, 62 % at −46, none at −50. What the demodulator reads
as noise floor ends at −41.5 to −43.4 dBFS, however little noise there is: a still last digit is no silence. So, looking at
windows of some ten seconds:

| seen | done |
|---|---|
| noise floor below −40 dBFS | up: rounding hides weak aircraft |
| noise floor below −37 dBFS, few strong frames, nothing clipped | up: it still costs some tenths of a dB |
| noise floor above −28 dBFS | down: only dynamic range is lost |
| many frames stronger than −3 dBFS: 12 % with a noise floor above −35.5 dBFS, 25 % above −39 dBFS | down |
| samples clip, noise floor above −35.5 dBFS | down |
| a step up raised the noise by more than its own dB + 2 | back down: a strong transmitter overloads the tuner |

A step needs the same verdict in `AGREE` windows running; the step up that failed is not tried again for hours.
"""

from __future__ import annotations

from dataclasses import dataclass

NOISE_DEAF_DBFS = -40.0
NOISE_LOW_DBFS = -37.0
NOISE_ENOUGH_DBFS = -35.5
NOISE_JUST_ENOUGH_DBFS = -39.0
NOISE_HIGH_DBFS = -28.0
STRONG_DBFS = -3.0
STRONG_SHARE = 0.12
STRONG_SHARE_HIGH = 0.25
STRONG_SHARE_LOW = 0.02
CLIPPED_SHARE = 2e-4
FRAMES_ENOUGH = 30  # fewer say nothing about the share of strong ones
OVERLOAD_DB = 2.0
AGREE = 3
SETTLE_WINDOWS = 1  # after a step, before looking again
RETRY_S = 4 * 3600.0


@dataclass(frozen=True, slots=True)
class FrontEndWindow:
    """What the receiver saw in some ten seconds.

    Attributes
    ----------
    now_s
        End of the window in signal time.
    frames, strong_frames
        Accepted frames, and those above `STRONG_DBFS`.
    clipped_share
        Samples at the ends of the number format, 0–1.
    noise_dbfs
        Median noise floor.
    """

    now_s: float
    frames: int
    strong_frames: int
    clipped_share: float
    noise_dbfs: float


@dataclass(frozen=True, slots=True)
class GainStep:
    """A change of gain and why."""

    gain_db: float
    reason: str


class AutoGain:
    """Chooses among the tuner's gains.

    Parameters
    ----------
    gains_db
        The tuner's steps, ascending.
    gain_db
        Where to begin; None: at the highest step but five (about 40 dB on an R820T).
    """

    def __init__(self, gains_db: list[float], gain_db: float | None = None) -> None:
        if not gains_db:
            raise ValueError("gains_db: got an empty list, expected the tuner's gain steps")
        self.gains_db = sorted(gains_db)
        start = self.gains_db[max(0, len(self.gains_db) - 6)] if gain_db is None else gain_db
        self._index = min(range(len(self.gains_db)), key=lambda index: abs(self.gains_db[index] - start))
        self._votes = 0  # positive: up, negative: down
        self._settling = 0
        self._before_step: FrontEndWindow | None = None
        self._stepped_up_db = 0.0
        self._ceiling = len(self.gains_db) - 1
        self._ceiling_until_s = float("inf")

    @property
    def gain_db(self) -> float:
        """The gain that should be set now."""
        return self.gains_db[self._index]

    def observe(self, window: FrontEndWindow) -> GainStep | None:
        """Take one window; the result is a step to make now, or None."""
        if self._settling:
            self._settling -= 1
            return None
        if window.now_s >= self._ceiling_until_s:
            self._ceiling, self._ceiling_until_s = len(self.gains_db) - 1, float("inf")
        if (overload := self._overloaded(window)) is not None:
            return overload
        verdict, reason = self._judge(window)
        self._votes = 0 if verdict == 0 or verdict * self._votes < 0 else self._votes
        self._votes += verdict
        if abs(self._votes) < AGREE:
            return None
        return self._step(verdict, reason, window)

    def _judge(self, window: FrontEndWindow) -> tuple[int, str]:
        share = window.strong_frames / window.frames if window.frames >= FRAMES_ENOUGH else 0.0
        clipped = window.clipped_share > CLIPPED_SHARE
        noise = f"noise floor {window.noise_dbfs:.1f} dBFS"
        if window.noise_dbfs > NOISE_HIGH_DBFS:
            return -1, f"{noise}, more than any weak signal needs"
        allowed = STRONG_SHARE if window.noise_dbfs > NOISE_ENOUGH_DBFS else STRONG_SHARE_HIGH
        if share > allowed and window.noise_dbfs > NOISE_JUST_ENOUGH_DBFS:
            return -1, f"{share:.0%} of the frames are stronger than {STRONG_DBFS:g} dBFS, {noise}"
        if clipped and window.noise_dbfs > NOISE_ENOUGH_DBFS:
            return -1, f"{window.clipped_share:.2%} of the samples are clipped, {noise}"
        if window.noise_dbfs < NOISE_DEAF_DBFS:
            return 1, f"{noise}: rounding hides weak signals"
        if window.noise_dbfs < NOISE_LOW_DBFS and share < STRONG_SHARE_LOW and not clipped:
            return 1, f"{noise}: room for more, {share:.0%} strong frames"
        return 0, ""

    def _overloaded(self, window: FrontEndWindow) -> GainStep | None:
        """After a step up: did the noise rise by more than the gain?"""
        before, self._before_step = self._before_step, None
        if before is None or not self._stepped_up_db:
            return None
        rise = window.noise_dbfs - before.noise_dbfs
        if rise <= self._stepped_up_db + OVERLOAD_DB:
            return None
        asked = self._stepped_up_db
        return self._step(-1, f"{asked:.1f} dB more gain raised the noise by {rise:.1f} dB: overload", window)

    def _step(self, direction: int, reason: str, window: FrontEndWindow) -> GainStep | None:
        self._votes = 0
        index = self._index + direction
        if not 0 <= index <= self._ceiling:
            return None
        before_db = self.gain_db
        if direction < 0:
            # What drove it down would drive it down again: do not go back up for hours.
            self._ceiling, self._ceiling_until_s = index, window.now_s + RETRY_S
            self._stepped_up_db = 0.0
        else:
            self._stepped_up_db = self.gains_db[index] - before_db
        self._index = index
        self._settling = SETTLE_WINDOWS
        self._before_step = window
        return GainStep(self.gain_db, f"{before_db:g} → {self.gain_db:g} dB: {reason}")
