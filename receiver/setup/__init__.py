"""The first hour: a settings file out of a few questions, and Squitter as a service of the system.

`steps` is what would be done to the machine, as data: shown by `--dry-run`, done one after the other otherwise.
"""
