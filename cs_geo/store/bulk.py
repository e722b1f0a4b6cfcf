"""Many rows at once into a table with row-level security, which takes no COPY of its own."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import Connection, text

from cs_geo.store.staging import driver_connection


def append_rows(connection: Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Append rows: by COPY into a temporary table, and from there by one statement that the policies see."""
    listed = ", ".join(columns)
    connection.execute(
        text(f"CREATE TEMPORARY TABLE appended ON COMMIT DROP AS SELECT {listed} FROM cs_geo.{table} WITH NO DATA")
    )
    with (
        driver_connection(connection).cursor() as cursor,
        cursor.copy(f"COPY appended ({listed}) FROM STDIN") as copy,
    ):
        for row in rows:
            copy.write_row(row)
    connection.execute(text(f"INSERT INTO cs_geo.{table} ({listed}) SELECT {listed} FROM appended"))
    connection.execute(text("DROP TABLE appended"))
