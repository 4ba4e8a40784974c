"""What goes wrong when settings are read."""


class ConfigError(Exception):
    """Settings cannot be used. One line a mistake: key, line, what was got, what was expected."""
