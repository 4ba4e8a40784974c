"""Push notifications: the channels that alerts are sent to."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, model_validator

from config.base import Section, setting


class Channel(Section):
    """`[[notify.channel]]`"""

    name: str = setting(
        ..., "Name", "The name that rules use.", "1–40 of a–z, 0–9, - and _", pattern=r"^[a-z0-9_-]{1,40}$"
    )
    kind: Literal["webhook", "apprise"] = setting(
        "apprise",
        "Kind",
        "webhook: the alert as JSON to an https address. apprise: ntfy, Telegram, Matrix, mail, Discord and many more; "
        "needs `pip install squitter[notify]`.",
        '"webhook" or "apprise"',
    )
    url: SecretStr | None = setting(
        None,
        "Address",
        "URL of the webhook, or an Apprise URL (ntfys://ntfy.sh/my-topic). Keep it secret: anyone who has it can post.",
        "an address",
    )
    url_file: Path | None = setting(
        None, "Address file", "A file that contains only the address, such as a Docker secret.", "a path"
    )
    local_network: bool = setting(
        False,
        "Local network",
        "Allow a webhook to a private address (192.168.…), and plain http there. Link-local addresses are never allowed.",
        "true or false",
    )
    picture: bool = setting(True, "Picture", "Attach the alert's picture when there is one.", "true or false")

    @model_validator(mode="after")
    def _an_address(self) -> Self:
        if (self.url is None) == (self.url_file is None):
            raise ValueError(f"channel {self.name}: give url or url_file, one of them")
        if self.url is not None and self.kind == "webhook":
            scheme = urlsplit(self.url.get_secret_value()).scheme
            if scheme != "https" and not (scheme == "http" and self.local_network):
                raise ValueError(f"channel {self.name}: a webhook needs https (http only with local_network = true)")
        return self

    def address(self) -> str:
        """The address, read from its file when that is where it is. Raises OSError when the file cannot be read."""
        if self.url is not None:
            return self.url.get_secret_value()
        assert self.url_file is not None
        return self.url_file.expanduser().read_text("utf-8-sig").strip()


class NotifySettings(Section):
    """`[notify]`"""

    channel: list[Channel] = Field(default_factory=list, title="Channels", description="Where alerts are sent.")
    max_per_hour: int = setting(
        5,
        "Messages per hour",
        "Most messages of one rule to one channel within an hour; the rest of them are one summary. 0: no limit.",
        "0–1000",
        ge=0,
        le=1000,
    )
    give_up_after_s: float = setting(
        86_400.0,
        "Give up after",
        "A message that could not be sent for this long is dropped.",
        "60–604800 seconds",
        ge=60,
        le=604_800,
    )

    @model_validator(mode="after")
    def _one_name_once(self) -> Self:
        names = [channel.name for channel in self.channel]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"several channels are called {', '.join(twice)}; each needs a name of its own")
        return self
