"""What the map costs: 300 aircraft at one update a second in a real browser, for a minute.

    python -m benchmarks.page [--aircraft 300] [--seconds 60] [--phone]

Server and browser are processes of their own; CPU and memory are read from /proc. What is timed is checked: every
aircraft is in the table and on the map, all of them move, the signal's clock on the page keeps up, nothing complains.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.receiver.web.airs import START_S, air, web_sink
from tests.receiver.web.browsing import Watched, browser

WARM_UP_S = 5.0
FRAMES = """() => {
  window.frames_ = []; let last = performance.now();
  const tick = (now) => { window.frames_.push(now - last); last = now; requestAnimationFrame(tick); };
  requestAnimationFrame(tick);
  window.long_ = [];
  new PerformanceObserver((list) => list.getEntries().forEach((entry) => window.long_.push(entry.duration)))
    .observe({ entryTypes: ["longtask"] });
}"""


async def serve(count: int) -> None:
    """The server: prints its address, then a second of signal a second, until its input is closed."""
    from receiver.atlas import base_map_file

    sink = web_sink(base_map=base_map_file())
    task = asyncio.create_task(sink.run())
    await sink.ready.wait()
    print(sink.url, flush=True)
    now, making_s = START_S, 0.0
    ended = asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline)
    began = time.monotonic()
    while not ended.done():
        before = time.thread_time()
        one = air(now, count)
        making_s += time.thread_time() - before
        sink.second(one)
        now += 1.0
        await asyncio.wait({ended}, timeout=max(0.0, began + now - START_S - time.monotonic()))
    print(f"{making_s} {now - START_S}", flush=True)
    task.cancel()


def family(pid: int) -> list[int]:
    """A process and all below it."""
    parents: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                fields = (entry / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue
            parents.setdefault(int(fields[1]), []).append(int(entry.name))
    out, todo = [], [pid]
    while todo:
        out.append(todo.pop())
        todo += parents.get(out[-1], [])
    return out


def cpu_s(pids: list[int]) -> float:
    """CPU seconds of processes, user and system."""
    total = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        total += int(fields[11]) + int(fields[12])
    return total / os.sysconf("SC_CLK_TCK")


def memory_mb(pids: list[int]) -> float:
    """Memory of processes; what they share is split among them (PSS)."""
    total = 0
    for pid in pids:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def measure(count: int, seconds: float, phone: bool) -> dict[str, Any]:
    """Run it and return the figures; raises AssertionError when the page does not show what it should."""
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.page", "--serve", "--aircraft", str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert server.stdout is not None
    assert server.stdin is not None
    size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
    try:
        url = server.stdout.readline().strip()
        with tempfile.TemporaryDirectory() as folder, browser(Path(folder), viewport=size) as opened:
            watched = Watched(opened.pages[0])
            page = watched.page
            received = {"bytes": 0}
            network = opened.new_cdp_session(page)
            network.send("Network.enable")
            network.on(
                "Network.dataReceived", lambda e: received.update(bytes=received["bytes"] + e["encodedDataLength"])
            )
            began = time.monotonic()
            page.goto(url)
            page.wait_for_function(f"() => document.querySelectorAll('#table tbody tr').length === {count}")
            ready_s = time.monotonic() - began
            page.wait_for_timeout(1000 * WARM_UP_S)
            weight = received["bytes"]
            page.evaluate(FRAMES)
            browsers = [pid for pid in family(os.getpid()) if pid not in (os.getpid(), *family(server.pid))]
            state = "async () => { const s = (await import('./static/store.js')).store; return s.now; }"
            drawn = "async () => (await import('./static/map.js')).drawn()"
            before = {one["hex"]: one for one in page.evaluate(drawn)}
            first_s, began = page.evaluate(state), time.monotonic()
            page_0, server_0, heap_0 = cpu_s(browsers), cpu_s([server.pid]), heap_mb(network)
            page.wait_for_timeout(1000 * seconds)
            lasted = time.monotonic() - began
            page_1, server_1 = cpu_s(browsers), cpu_s([server.pid])
            after = {one["hex"]: one for one in page.evaluate(drawn)}
            behind_s = lasted - (page.evaluate(state) - first_s)
            frames = sorted(page.evaluate("() => window.frames_"))
            long_tasks = page.evaluate("() => window.long_")
            figures = {
                "ready_s": ready_s,
                "weight_kb": weight / 1000,
                "stream_kb_s": (received["bytes"] - weight) / 1000 / lasted,
                "page_cpu_percent": 100 * (page_1 - page_0) / lasted,
                "page_memory_mb": memory_mb(browsers),
                "heap_mb": f"{heap_0:.1f} → {heap_mb(network):.1f}",
                "server_cpu_percent": 100 * (server_1 - server_0) / lasted,
                "server_memory_mb": memory_mb([server.pid]),
                "frames_per_s": len(frames) / lasted,
                "frame_ms_99": frames[int(0.99 * len(frames))],
                "frame_ms_worst": frames[-1],
                "long_tasks": len(long_tasks),
                "longest_task_ms": max(long_tasks, default=0.0),
                "behind_s": behind_s,
            }
            assert len(after) == count, f"{len(after)} of {count} aircraft on the map"
            still = [
                hex_ for hex_, one in after.items() if (one["x"], one["y"]) == (before[hex_]["x"], before[hex_]["y"])
            ]
            assert not still, f"{len(still)} aircraft have not moved"
            assert abs(behind_s) < 3.0, f"the page is {behind_s:.1f} s behind"
            assert watched.complaints == []
            assert all(request.startswith(url) for request in watched.requests)
        server.stdin.close()
        making_s, signal_s = (float(word) for word in server.stdout.readline().split())
        figures["of_it_making_the_air_percent"] = 100 * making_s / signal_s
        return figures
    finally:
        server.kill()
        server.wait()
        server.stdin.close()
        server.stdout.close()


def heap_mb(network: Any) -> float:
    """JavaScript heap in use, after a collection."""
    network.send("HeapProfiler.collectGarbage")
    return float(network.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--aircraft", type=int, default=300)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--phone", action="store_true", help="390 by 844 pixels instead of 1280 by 800")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        asyncio.run(serve(arguments.aircraft))
        return
    print(
        f"{arguments.aircraft} aircraft, {arguments.seconds:g} s, {platform.machine()}, Python {platform.python_version()}"
    )
    for name, value in measure(arguments.aircraft, arguments.seconds, arguments.phone).items():
        print(f"{name:30} {value if isinstance(value, str) else format(value, '.1f')}")


if __name__ == "__main__":
    main()
