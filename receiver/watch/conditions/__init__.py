"""Conditions of rules, one file for each kind of question: who it is, what it sends, where it is, what it flies.

Each file has `MAKERS`: key of a rules file -> a function that makes a check of what the key asks for.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from receiver.watch.watched import Watched

# None: does not hold. A text: holds, and this is why. It goes into the alert's `clause`.
Check = Callable[[Watched], "str | None"]
Maker = Callable[[Any, Path], Check]
