"""The names of those who send reports."""

from sqlalchemy import Connection, text


def list_source_names(connection: Connection) -> list[str]:
    """Every source by name, in alphabetical order."""
    return list(connection.scalars(text("SELECT name FROM cs_geo.sources ORDER BY lower(name)")))
