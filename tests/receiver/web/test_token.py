"""Who is asked for a token, and which one."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from config.web import WebSettings
from receiver.web.token import token_of


def settings(folder: Path, **more: object) -> WebSettings:
    return WebSettings.model_validate({"enabled": True, "token_file": str(folder / "web" / "token"), **more})


@pytest.mark.parametrize("host", ["127.0.0.1", "::1", "localhost"])
def test_this_machine_alone_needs_none_and_makes_none(host: str, tmp_path: Path) -> None:
    assert token_of(settings(tmp_path, host=host)) is None
    assert list(tmp_path.iterdir()) == []


def test_beyond_it_one_is_made_once_for_the_owners_eyes_only(tmp_path: Path) -> None:
    given = settings(tmp_path, host="0.0.0.0")
    token = token_of(given)
    assert token is not None
    assert len(token) >= 20
    assert token_of(given) == token
    assert stat.S_IMODE(given.token_file.stat().st_mode) == 0o600
    given.token_file.unlink()
    assert token_of(given) != token


def test_the_owners_word_counts(tmp_path: Path) -> None:
    assert token_of(settings(tmp_path, host="0.0.0.0", token="correct-horse-battery")) == "correct-horse-battery"
    assert token_of(settings(tmp_path, host="0.0.0.0", open=True)) is None
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"short\n", b"\xff\xfe not ascii at all, but long", b"two words of twenty letters"]
)
def test_a_file_that_is_no_token_is_replaced(content: bytes, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    given = settings(tmp_path, host="0.0.0.0")
    given.token_file.parent.mkdir()
    given.token_file.write_bytes(content)
    token = token_of(given)
    assert token is not None
    assert given.token_file.read_text() == token + "\n"
    assert str(given.token_file) in caplog.text


def test_where_nothing_can_be_written_it_holds_for_this_run_and_that_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "web").write_text("a file where the folder should be")
    first, second = (token_of(settings(tmp_path, host="0.0.0.0")) for _ in range(2))
    assert first != second
    assert "changes with the next start" in caplog.text
