"""What all settings have in common: nothing unknown, nothing changed afterwards, every field explained."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Section(BaseModel):
    """One table of the file."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True, hide_input_in_errors=True)


def setting(default: Any, title: str, description: str, expected: str = "", **bounds: Any) -> Any:
    """A field: its default, a title, what it does, and what may be written, in words for the error message."""
    extra: dict[str, Any] | None = {"expected": expected} if expected else None
    return Field(default, title=title, description=description, json_schema_extra=extra, **bounds)
