"""How hard the demodulator tries."""

from __future__ import annotations

from typing import Literal

from config.base import Section, setting


class DemodulatorSettings(Section):
    """`[demodulator]`"""

    effort: Literal["auto", "lean", "normal", "thorough"] = setting(
        "auto",
        "Effort",
        "auto takes what the processor can carry and gives way before samples are lost; the others pin it.",
        '"auto", "lean", "normal" or "thorough"',
    )
