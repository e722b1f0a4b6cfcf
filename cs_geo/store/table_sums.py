"""What a database holds, in numbers that can be compared: rows, checksum and policies of each table, head of the log.

A checksum does not depend on the order of rows. It is the sum of a hash of each row's text, so a row that is lost,
doubled or altered changes it. Generated columns are left out: they are reckoned again by the PROJ of whatever machine
holds the database.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from sqlalchemy import Connection, text

# Texts of rows must not depend on who asks and from where.
CANONICAL = """
    SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true),
        set_config('IntervalStyle', 'postgres', true), set_config('bytea_output', 'hex', true),
        set_config('extra_float_digits', '1', true), set_config('search_path', 'pg_catalog', true)
"""


@dataclass(frozen=True, slots=True)
class TableSum:
    """One table in numbers."""

    rows: int
    checksum: str
    is_forced: bool
    """Is it under row-level security, its owner too?"""
    policies: int


@dataclass(frozen=True, slots=True)
class DatabaseSum:
    """The schema in numbers: its tables by name, and the newest row of the audit log."""

    tables: Mapping[str, TableSum]
    audit_number: int
    audit_hash: str

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(table.rows for table in self.tables.values())

    def to_json(self) -> dict[str, Any]:
        """As plain values."""
        return {
            "tables": {name: asdict(table) for name, table in self.tables.items()},
            "audit": {"number": self.audit_number, "hash": self.audit_hash},
        }

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """From what ``to_json`` gave."""
        tables = {name: TableSum(**one) for name, one in document["tables"].items()}
        return cls(tables, document["audit"]["number"], document["audit"]["hash"])

    def differences(self, other: "DatabaseSum") -> list[str]:
        """Where another database is not the same, in words that name tables and counts alone."""
        found = [f"{name} is missing" for name in sorted(set(self.tables) - set(other.tables))]
        found += [f"{name} was not in the backup" for name in sorted(set(other.tables) - set(self.tables))]
        for name in sorted(set(self.tables) & set(other.tables)):
            ours, theirs = self.tables[name], other.tables[name]
            if ours.rows != theirs.rows:
                found.append(f"{name} holds {theirs.rows:,} rows in place of {ours.rows:,}")
            elif ours.checksum != theirs.checksum:
                found.append(f"the rows of {name} are not the same")
            if (ours.is_forced, ours.policies) != (theirs.is_forced, theirs.policies):
                found.append(f"row-level security of {name} is not the same")
        if (self.audit_number, self.audit_hash) != (other.audit_number, other.audit_hash):
            found.append("the audit log does not end with the same row")
        return found


def sum_database(connection: Connection) -> DatabaseSum:
    """Count and hash every table of the schema, as a role that sees all rows. Best within one snapshot."""
    connection.execute(text(CANONICAL))
    tables = connection.execute(
        text("""
        SELECT c.relname, c.relrowsecurity AND c.relforcerowsecurity,
            (SELECT count(*) FROM pg_policy p WHERE p.polrelid = c.oid),
            (SELECT string_agg('t.' || quote_ident(a.attname), ', ' ORDER BY a.attname) FROM pg_attribute a
             WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '')
        FROM pg_class c WHERE c.relnamespace = 'cs_geo'::regnamespace AND c.relkind = 'r' ORDER BY 1
        """)
    ).all()
    sums = {name: _sum_table(connection, name, columns, forced, policies) for name, forced, policies, columns in tables}
    head = connection.execute(text("SELECT number, encode(hash, 'hex') FROM cs_geo.audit_anchor()")).one()
    return DatabaseSum(sums, head[0], head[1])


def _sum_table(connection: Connection, name: str, columns: str, is_forced: bool, policies: int) -> TableSum:
    rows, checksum = connection.exec_driver_sql(
        f"""
        SELECT count(*), coalesce(sum(
            ('x' || encode(substring(sha256(convert_to(ROW({columns})::text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
            ::numeric), 0)::text
        FROM cs_geo.{name} t
        """
    ).one()
    return TableSum(rows, checksum, is_forced, policies)
