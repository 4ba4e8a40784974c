"""The pictures of the map in docs/pictures: `python scripts/screenshots.py [--folder docs/pictures]`.

Starts `squitter demo` on a free port, waits until its hours have been fast-forwarded and an alert with a picture is
there, and photographs the map, an alert, the receiver's health, the light map and a phone with headless Chromium. A
picture above 300 kB is reduced to a palette: a README should load fast.
"""

from __future__ import annotations

import argparse
import io
import json
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Page

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
from tests.mosquitto import free_port
from tests.receiver.web.browsing import Watched, browser

MAX_BYTES = 300_000
PLOT_S = 240.0  # of live signal, for the plots
WIDE, PHONE = {"width": 1280, "height": 800}, {"width": 390, "height": 844}


def asked(url: str) -> Any:
    """JSON of the demo, None while there is none."""
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return None


def wait_for_scene(url: str, timeout_s: float, alert: re.Pattern[str]) -> dict[str, Any]:
    """Until the wanted alert has a picture and the sky is live (its clock runs as ours); the alert."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        before = (asked(url + "data/aircraft.json") or {}).get("now")
        time.sleep(2.0)
        now = (asked(url + "data/aircraft.json") or {}).get("now")
        found = [one for one in asked(url + "api/alerts") or [] if alert.search(one["text"]) and "picture" in one]
        if found and before is not None and now is not None and 0 < now - before < 6:
            return found[-1]  # type: ignore[no-any-return]
    raise SystemExit("the demo did not raise the alert in time")


def save(shot: bytes, path: Path) -> None:
    """Write it with as many colours as its size allows."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (None, 256, 64):
        out = io.BytesIO()
        fewer = picture if colours is None else picture.quantize(colours, dither=Image.Dither.NONE)
        fewer.save(out, "PNG", optimize=True)
        if out.tell() <= MAX_BYTES:
            path.write_bytes(out.getvalue())
            print(f"{path}: {out.tell() / 1000:.0f} kB, {colours or 'all'} colours")
            return
    raise SystemExit(f"{path} stays above {MAX_BYTES} bytes")


def settle(page: Page) -> None:
    """Wait for tiles of the base map, fonts and the canvas."""
    page.wait_for_load_state("domcontentloaded")
    page.wait_for_function("() => Number(document.getElementById('count-all').textContent) > 0")
    page.wait_for_timeout(4000)


def photograph(url: str, alert: dict[str, Any], folder: Path) -> None:
    """All pictures; the plots last, when there is something to see in them."""
    began = time.monotonic()
    for theme in ("light", "dark"):
        with tempfile.TemporaryDirectory() as data, browser(Path(data), viewport=WIDE, color_scheme=theme) as opened:
            opened.set_default_timeout(60_000)  # the demo modulates and demodulates meanwhile
            watched = Watched(opened.pages[0])
            page = watched.page
            page.goto(f"{url}#aircraft={alert['hex']}")
            settle(page)
            page.evaluate("async () => (await import('./static/map.js')).show(19.45, -99.85, 8.5)")
            page.locator("#banner-close").click() if page.locator("#banner").is_visible() else None
            page.mouse.move(5, 790)
            page.wait_for_timeout(2500)
            save(page.screenshot(), folder / ("map.png" if theme == "dark" else "map-light.png"))
            if watched.complaints or not all(asked_.startswith(url) for asked_ in watched.requests):
                raise SystemExit(f"the page complains: {watched.complaints}, or went elsewhere: {watched.requests}")
    for name, size in (("alert.png", WIDE), ("phone.png", PHONE)):
        with tempfile.TemporaryDirectory() as data, browser(Path(data), viewport=size, color_scheme="dark") as opened:
            opened.set_default_timeout(60_000)
            page = opened.pages[0]
            page.goto(f"{url}#alert={alert['id']}")
            settle(page)
            page.wait_for_function("() => document.querySelector('.alert img')?.naturalWidth > 0")
            page.wait_for_timeout(1500)
            save(page.screenshot(), folder / name)
            if size is WIDE:
                page.locator("#tab-health").click()
                page.evaluate("async () => (await import('./static/map.js')).show(20.2, -99.5, 6.5)")
                page.get_by_role("radio", name="ten minutes").click()
                page.wait_for_timeout(1000 * max(1.5, PLOT_S - (time.monotonic() - began)))
                save(page.screenshot(), folder / "health.png")


def main() -> None:
    """Run the demo and photograph it."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--folder", type=Path, default=Path("docs/pictures"))
    parser.add_argument("--alert", default="TROY701.*(orbit|circl)", help="regular expression of the alert's sentence")
    parser.add_argument(
        "--live-from", metavar="S", help="second of the scene from which it is live; default: the demo's"
    )
    parser.add_argument("--timeout", type=float, default=180.0, help="seconds until the alert must be there")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    command = [str(Path(sys.executable).with_name("squitter")), "demo", "--set", f"web.port={port}"]
    command += [] if arguments.live_from is None else ["--live-from", arguments.live_from]
    with tempfile.TemporaryFile() as output:
        demo = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
        try:
            url = f"http://127.0.0.1:{port}/"
            photograph(url, wait_for_scene(url, arguments.timeout, re.compile(arguments.alert)), arguments.folder)
        except SystemExit:
            output.seek(0)
            print(output.read().decode(errors="replace")[-3000:], file=sys.stderr)
            raise
        finally:
            demo.terminate()
            demo.wait(20)


if __name__ == "__main__":
    main()
