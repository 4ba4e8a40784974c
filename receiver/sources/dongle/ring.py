"""Memory that the dongle's process fills and ours reads: slots of one USB buffer each, without a lock.

```
   header (64 bytes): int64 slots handed back so far          slot 0          slot 1      …
  ┌───────────────────────────────────────────────────┬───────────────┬───────────────┬───
  │ written by the reader only                        │ 256 KiB       │ 256 KiB       │
```

The writer tells the reader over a socket which slot it has filled (a system call, so the data is there before the
message is), and finds in the header how many slots the reader has given back. An old value there only makes the ring
look fuller than it is. The memory is an anonymous file: nothing to unlink when either side is killed.
"""

from __future__ import annotations

import contextlib
import mmap
import os
import tempfile

HEADER_BYTES = 64


class SampleRing:
    """One end of the ring; both processes make one over the same file descriptor.

    Parameters
    ----------
    fd
        File descriptor of `HEADER_BYTES + slots * slot_bytes` bytes.
    slots, slot_bytes
        Its layout; the same on both sides.
    """

    def __init__(self, fd: int, slots: int, slot_bytes: int) -> None:
        self.fd = fd
        self.slots = slots
        self.slot_bytes = slot_bytes
        self._map = mmap.mmap(fd, HEADER_BYTES + slots * slot_bytes)
        self._returned = memoryview(self._map)[:8].cast("q")

    @classmethod
    def create(cls, slots: int, slot_bytes: int) -> SampleRing:
        """A new ring in memory (a temporary file where the system has no anonymous ones)."""
        if hasattr(os, "memfd_create"):
            fd = os.memfd_create("squitter-ring")
        else:
            with tempfile.TemporaryFile() as file:
                fd = os.dup(file.fileno())
        os.ftruncate(fd, HEADER_BYTES + slots * slot_bytes)
        return cls(fd, slots, slot_bytes)

    @property
    def returned(self) -> int:
        """Slots given back by the reader since the start."""
        return int(self._returned[0])

    def give_back(self, count: int) -> None:
        """Reader: `count` slots in all are free to be written again."""
        self._returned[0] = count

    def slot(self, index: int) -> memoryview:
        """The memory of slot `index` (modulo the number of slots), `slot_bytes` long."""
        start = HEADER_BYTES + (index % self.slots) * self.slot_bytes
        return memoryview(self._map)[start : start + self.slot_bytes]

    def close(self) -> None:
        """Let go of the memory. Slots still in use by someone keep it alive until they are gone."""
        self._returned.release()
        with contextlib.suppress(BufferError):  # an array over a slot is alive; the map goes with it
            self._map.close()
        os.close(self.fd)
