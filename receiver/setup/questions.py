"""The questions of `squitter setup`, and what their answers set."""

from __future__ import annotations

import math
import re
import socket
from collections.abc import Callable
from typing import Any

from config.feeds import AGGREGATORS
from receiver.errors import UsageError

Read = Callable[[str], str]
Tell = Callable[[str], None]
Answers = dict[str, Any]
NUMBER = re.compile(r"\s*([-+]?\d{1,3}(?:[.,]\d+)?)\s*°?\s*([NSEWO]?)\s*\Z", re.IGNORECASE)
CONNECT_S = 3.0


class Interview:
    """Asks, and takes what is written. An empty answer is the default, which stands in brackets."""

    def __init__(self, read: Read, tell: Tell) -> None:
        self._read = read
        self.tell = tell

    def text(self, question: str, default: str = "") -> str:
        """One line. Raises UsageError when there is nobody to answer."""
        try:
            given = self._read(f"{question}{f' [{default}]' if default else ''}: ").strip()
        except EOFError:
            raise UsageError(
                "nobody answers; nothing was written (`squitter config show` prints all settings)"
            ) from None
        return given or default

    def yes(self, question: str, default: bool) -> bool:
        """Yes or no."""
        while True:
            given = self.text(f"{question} (yes/no)", "yes" if default else "no").lower()
            if given in ("y", "yes", "n", "no"):
                return given.startswith("y")
            self.tell("  yes or no, please")


def place(interview: Interview, near: Callable[[float, float], str | None]) -> Answers:
    """Where the antenna stands, held against a place that the owner knows: a forgotten minus is seen at once."""
    interview.tell(
        "\nWhere does the antenna stand? Degrees, as a map tells them: 48.2, or 48.2 N; west and south are negative."
    )
    interview.tell("Only a rounded place ever leaves this machine. Empty: not set (no distances).")
    while True:
        latitude = _coordinate(interview, "latitude", "NS", 90)
        if latitude is None:
            return {}
        longitude = _coordinate(interview, "longitude", "EWO", 180)
        if longitude is None:
            return {}
        found = near(latitude, longitude) or "a place far from any town"
        if interview.yes(f"That is {found}. Right?", True):
            return {"station.latitude": latitude, "station.longitude": longitude}


def _coordinate(interview: Interview, what: str, letters: str, most: int) -> float | None:
    while True:
        given = interview.text(what)
        if not given:
            return None
        match = NUMBER.match(given)
        if match is not None and (not match[2] or match[2].upper() in letters):
            value = float(match[1].replace(",", "."))
            if match[2].upper() in ("S", "W"):
                value = -abs(value)
            if math.fabs(value) <= most:
                return round(value, 6)
        interview.tell(f"  got {given!r}, expected -{most} to {most}, such as 48.21 or 48.21 {letters[0]}")


def broker(interview: Interview, answers: Callable[[str, int], bool] | None = None) -> Answers:
    """Which broker; it is tried."""
    answers = answers or _answers
    interview.tell("\nMQTT: the broker of your Home Assistant, or one on this machine. Empty: no MQTT.")
    while True:
        host = interview.text("broker's name or address", "127.0.0.1" if answers("127.0.0.1", 1883) else "")
        if not host:
            return {"mqtt.enabled": False}
        port = _port(interview)
        if answers(host, port) or not interview.yes(f"No server answers at {host}:{port}. Another one?", True):
            break
    out: Answers = {"mqtt.host": host} | ({"mqtt.port": port} if port != 1883 else {})
    user = interview.text("user name at the broker (empty: none)")
    if user:
        out |= {"mqtt.username": user, "mqtt.password": interview.text("password")}
    return out


def _port(interview: Interview) -> int:
    while True:
        given = interview.text("port", "1883")
        if given.isdigit() and 1 <= int(given) <= 65_535:
            return int(given)
        interview.tell(f"  got {given!r}, expected 1 to 65535")


def _answers(host: str, port: int) -> bool:
    try:
        socket.create_connection((host, port), CONNECT_S).close()
    except OSError:
        return False
    return True


def web(interview: Interview) -> Answers:
    """Who may open the map."""
    interview.tell(
        "\nThe map: for this machine only, or for the other devices of your network, too (it then asks for a token,"
    )
    interview.tell("which is made at the first start; the log shows the link that has it).")
    if not interview.yes("Serve the map?", True):
        return {}
    lan = interview.yes("For other devices, too?", True)
    return {"web.enabled": True} | ({"web.host": "0.0.0.0"} if lan else {})


def lists(interview: Interview) -> Answers:
    """Whether types and operators may be fetched, and how often."""
    interview.tell(
        "\nTypes and operators of aircraft come from lists that are fetched from GitHub (10 MB), never unasked."
    )
    return {"registry.update": "weekly"} if interview.yes("Fetch them, and again each week?", False) else {}


def feeds(interview: Interview) -> Answers:
    """Which aggregators get what is heard."""
    interview.tell(
        "\nFeed others? They get every frame that you hear, and see your address on the internet; some ask for a UUID."
    )
    interview.tell(f"Known: {', '.join(AGGREGATORS)}. Empty: nobody.")
    while True:
        names = [name for name in re.split(r"[\s,]+", interview.text("feed").lower()) if name]
        unknown = [name for name in names if name not in AGGREGATORS]
        if not unknown:
            return {"feed": [{"to": name} for name in dict.fromkeys(names)]} if names else {}
        interview.tell(f"  not known: {', '.join(unknown)}")
