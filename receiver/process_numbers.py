"""What the operating system counts for this process, under the names that all Prometheus exporters use.

Sources: Prometheus, "Writing client libraries", process metrics; Linux, proc(5).
"""

from __future__ import annotations

import os
import resource
from pathlib import Path

_PROC = Path("/proc/self")
_TICKS_PER_S = os.sysconf("SC_CLK_TCK")
_PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
# name -> (kind, help)
PROCESS_METRICS = {
    "process_cpu_seconds_total": ("counter", "User and system CPU time of the process, in seconds."),
    "process_resident_memory_bytes": ("gauge", "Resident memory of the process, in bytes."),
    "process_virtual_memory_bytes": ("gauge", "Virtual memory of the process, in bytes."),
    "process_start_time_seconds": ("gauge", "Start time of the process by the system's clock, UTC in seconds."),
    "process_open_fds": ("gauge", "Open file descriptors."),
    "process_max_fds": ("gauge", "Maximum number of open file descriptors."),
}


def process_numbers() -> dict[str, float]:
    """Values by the names of `PROCESS_METRICS`; empty where there is no Linux `/proc`."""
    try:
        # the name of the command stands in parentheses and may hold anything, so the fields are counted from its end
        fields = (_PROC / "stat").read_text().rpartition(")")[2].split()
        booted_s = next(
            int(line.split()[1]) for line in Path("/proc/stat").read_text().splitlines() if line.startswith("btime ")
        )
        descriptors = len(os.listdir(_PROC / "fd"))
    except (OSError, StopIteration):
        return {}
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    numbers = {
        "process_cpu_seconds_total": (int(fields[11]) + int(fields[12])) / _TICKS_PER_S,
        "process_resident_memory_bytes": float(int(fields[21]) * _PAGE_BYTES),
        "process_virtual_memory_bytes": float(fields[20]),
        "process_start_time_seconds": booted_s + int(fields[19]) / _TICKS_PER_S,
        "process_open_fds": float(descriptors),
    }
    if limit != resource.RLIM_INFINITY:
        numbers["process_max_fds"] = float(limit)
    return numbers
