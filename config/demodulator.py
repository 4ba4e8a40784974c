"""How hard the demodulator tries."""

from __future__ import annotations

from typing import Literal

from config.base import Section, setting


class DemodulatorSettings(Section):
    """`[demodulator]`"""

    effort: Literal["auto", "lean", "normal", "thorough"] = setting(
        "auto",
        "Effort",
        "Demodulator effort. auto: the highest level that the processor sustains without losing samples; the others are fixed.",
        '"auto", "lean", "normal" or "thorough"',
    )
