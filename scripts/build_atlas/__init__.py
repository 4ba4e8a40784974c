"""Builds the files of `receiver/atlas/data`; see `__main__.py`."""
