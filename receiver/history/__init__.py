"""Past flights on disk: SQLite files, one a day (UTC), only ever added to.

`store` writes them, `reader` answers questions, `flights` cuts tracks into flights, `export` writes them for other
programs. What goes in is chosen by `receiver.sinks.history`.
"""
