"""The words of an alert, one file a language: `en.toml`, `es.toml`. To add one, write another file beside them and name
it in `LANGUAGES`; `WatchSettings.language` lists what may be chosen.

`language("es")` gives a language; a file that lacks a key, has one too many, or fills in other places than English does
is refused when it is loaded.
"""

from receiver.watch.language.words import LANGUAGES, CardWords, Language, Numbers, SentenceWords, language

__all__ = ["LANGUAGES", "CardWords", "Language", "Numbers", "SentenceWords", "language"]
