"""The aircraft lists: is there a database, and how old is it."""

from __future__ import annotations

import time
from collections.abc import Iterator

from config.settings import Settings
from receiver.doctor.finding import Finding, good, note
from receiver.doctor.machine import Machine
from receiver.registry.database import Database

OLD_DAYS = 60


def check_lists(_machine: Machine, settings: Settings) -> Iterator[Finding]:
    """Without lists nothing is wrong, but an aircraft has neither type nor operator."""
    database = Database(settings.registry.database.expanduser())
    database.refresh()
    sources = database.sources()
    database.close()
    if not sources:
        yield note(
            "lists-absent",
            "There is no aircraft database: only the address and the call sign identify an aircraft.",
            'squitter db update (fetches some 10 MB); [registry] update = "weekly" keeps it up to date.',
        )
        return
    days = (time.time() - max(source.fetched_s for source in sources)) / 86_400
    if days > OLD_DAYS:
        yield note("lists-old", f"The aircraft lists are {days:.0f} days old.", "squitter db update")
    else:
        names = ", ".join(f"{source.name} ({source.rows} aircraft)" for source in sources)
        yield good("lists", f"Aircraft lists: {names}.")
