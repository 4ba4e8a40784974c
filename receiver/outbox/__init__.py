"""What must reach somebody waits here until they have it: the broker, each push channel, the alert log.

| file | holds |
|---|---|
| `box` | `Box`: the letters of one receiver, bounded; `Letter` |
| `outbox` | `Outbox`: all boxes, and when they are written to disk |
| `file` | the SQLite file: may be full, damaged, or gone |

A letter is put into a box at once and stays until its receiver says `done`. It is delivered at least once: a process that
is killed between delivery and `done` delivers it again. Each receiver takes letters at its own pace, so a slow one holds up
nobody. What wants to be durable before something else happens awaits `Outbox.commit`.
"""

from receiver.outbox.box import Box, Letter
from receiver.outbox.outbox import Outbox

__all__ = ["Box", "Letter", "Outbox"]
