"""Whatever is typed is a value: it changes no row that it should not, and never becomes part of a statement."""

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.geocode.gazetteer import Kind as EntryKind
from cs_geo.reports.selection import Selection
from cs_geo.store import hotspots, imports, jobs, links, people, places, reports, tickets, tiles
from cs_geo.store.area_names import names_at
from cs_geo.store.areas import list_areas, read_area
from cs_geo.store.audit import list_audit, write_audit
from cs_geo.store.gazetteer import StoredGazetteer
from cs_geo.store.opening import Store
from tests.conftest import Database
from tests.sheets import EASTING, NORTHING, ask_one, import_rows, open_test_store, report_row, table_hash

STORE = Path(__file__).parents[2] / "cs_geo" / "store"
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
TABLES = ("reports", "report_versions", "sources", "imports", "places", "people", "role_grants", "jobs", "areas")

QUOTES = ["'", '"', "`", "')", "'))", "''", "\\'", "$$", "$q$", "U&'", "%27", "’", "＇", "\u02bc", "'\u200b"]
TAILS = [
    " OR 1=1--",
    " OR '1'='1",
    "; DROP TABLE cs_geo.reports; --",
    "; DELETE FROM cs_geo.reports; COMMIT; --",
    " UNION SELECT version(), NULL --",
    " AND 1=CAST((SELECT current_user) AS int)--",
    "; SELECT pg_sleep(5)--",
    " || (SELECT string_agg(note, ',') FROM cs_geo.reports) || ",
    "/**/OR/**/1=1#",
    "; SET cs_geo.roles = 'data_steward'; --",
    "; COPY cs_geo.people TO PROGRAM 'id'; --",
    " ORDER BY 99--",
]
PATTERNS = [
    "%",
    "_",
    "%%",
    "%s",
    "%(a)s",
    ":name",
    "::text",
    "{0}",
    "{}",
    "\\",
    "\\x00",
    "?",
    "@>",
    "NULL",
    "DEFAULT",
    "",
]
CORPUS = [quote + tail for quote, tail in itertools.product(QUOTES, TAILS)] + QUOTES + PATTERNS
TYPED = st.one_of(
    st.sampled_from(CORPUS),
    st.builds(str.__add__, st.text(max_size=10), st.sampled_from(CORPUS)),
    st.text(max_size=60),
).filter(lambda typed: "\x00" not in typed and not re.search(r"[\ud800-\udfff]", typed))
"""What PostgreSQL takes as text at all. A zero byte or half a character never leaves the driver: see below."""

Question = Callable[[Connection, str], Any]
QUESTIONS: dict[str, Question] = {
    "filter by area": lambda c, t: reports.count_reports(c, Selection(area=t)),
    "filter by harm": lambda c, t: reports.count_reports(c, Selection(harm_types=(t, "x"))),
    "filter by source": lambda c, t: reports.page_of_reports(c, Selection(source_types=(t,))),
    "nearest of a filter": lambda c, t: reports.nearest_reports(
        c, Selection(area=t, harm_types=(t,)), -2.0, 52.0, within_m=None
    ),
    "points of a filter": lambda c, t: hotspots.read_points(c, Selection(area=t, source_types=(t,))),
    "tile of points": lambda c, t: tiles.read_report_tile(c, Selection(area=t, harm_types=(t,)), 16, 32404, 21550),
    "tile of hexagons": lambda c, t: tiles.read_report_tile(c, Selection(source_types=(t,)), 10, 506, 336),
    "reference": reports.find_reference,
    "place": places.has_place,
    "area": read_area,
    "kind of area": lambda c, t: list_areas(c, t, "ward"),
    "names at a point": lambda c, t: names_at(c, [(EASTING, NORTHING)], kinds=(t,)),
    "postcode": lambda c, t: StoredGazetteer(c).find_postcodes({t}),
    "address": lambda c, t: StoredGazetteer(c).find_addresses({(t, t)}),
    "street": lambda c, t: StoredGazetteer(c).find_names({t}, {EntryKind.STREET, EntryKind.PLACE}),
    "junction": lambda c, t: StoredGazetteer(c).find_junctions({(t, t)}),
    "spelling": lambda c, t: StoredGazetteer(c).find_similar_names({t}, {EntryKind.STREET}),
    "provider and identifier": lambda c, t: people.find_known(c, t, t),
    "person": people.roles_of,
    "kind of job": lambda c, t: jobs.list_jobs(c, (t,)),
    "ticket": tickets.redeem_ticket,
    "code of a reporting link": links.find_link,
}
"""Every text that reaches a query of the store and is only looked for."""


@pytest.fixture(scope="module")
def filled(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    store = open_test_store(module_database)
    import_rows(store, tmp_path_factory.mktemp("rows"), [report_row(), report_row(kind="concern", note="again")])
    with store.begin(ADMINISTRATOR) as connection:
        people.add_person(connection, issuer="https://id.test", subject="a1", label="", actor="local")
    yield store
    store.close()


@pytest.mark.trust("C9", figure="0 changed rows, 0 syntax errors, 0 rows that were not asked for")
@pytest.mark.parametrize("asked", QUESTIONS)
def test_what_is_looked_for_is_a_value_and_changes_nothing(
    filled: Store, module_database: Database, asked: str
) -> None:
    before = table_hash(module_database, TABLES)

    with filled.begin(LOCAL_ACTOR) as connection:
        for attack in filter(None, CORPUS):
            # Nothing here is named like an attack: whatever is found was let in by it.
            assert _is_nothing(QUESTIONS[asked](connection, attack)), attack
        assert connection.scalar(text("SELECT current_setting('cs_geo.roles')")) == "analyst,coordinator,data_steward"

    @settings(max_examples=40)
    @given(TYPED)
    def look(typed: str) -> None:
        with filled.begin(LOCAL_ACTOR) as connection:
            QUESTIONS[asked](connection, typed)

    look()
    assert table_hash(module_database, TABLES) == before


def _is_nothing(found: Any) -> bool:
    if isinstance(found, reports.ReportCounts):
        return found.reports == 0
    if isinstance(found, list) and found == [""]:
        return True
    if isinstance(found, dict):
        return not any(found.values())
    return found is None or (len(found) == 0 if hasattr(found, "__len__") else not found)


@pytest.mark.trust("C9", figure="0 orders but those of the list")
@settings(max_examples=200)
@given(typed=TYPED)
def test_an_order_that_is_not_on_the_list_reaches_no_statement(typed: str) -> None:
    asked: list[object] = []

    class Deaf:
        def execute(self, statement: object, *_: object) -> None:
            asked.append(statement)

    if typed not in reports.SORTED_BY:
        with pytest.raises(KeyError):
            reports.page_of_reports(Deaf(), Selection(), sorted_by=typed)  # type: ignore[arg-type]
    assert asked == []


@pytest.mark.trust("C9", figure="kept as typed, 0 other rows")
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=TYPED)
def test_what_is_kept_is_kept_as_typed(filled: Store, module_database: Database, typed: str) -> None:
    with filled.connect() as connection, connection.begin() as transaction:
        connection.execute(
            text("SELECT set_config('cs_geo.person', 'local', true), set_config('cs_geo.roles', :roles, true)"),
            {"roles": "administrator,analyst,coordinator,data_steward"},
        )
        source = imports.find_or_add_source(connection, typed)
        place = places.add_place(
            connection,
            name=typed,
            place_type="park",
            aliases=[(typed, typed)],
            boundary=None,
            origin=typed,
            actor=typed,
        )
        person = people.add_person(connection, issuer=typed, subject=typed, label=typed, actor=typed)
        imports.keep_profile(connection, typed, typed, typed)
        job = jobs.add_job(connection, "import", {"name": typed}, {"person": typed})
        write_audit(connection, typed or "x", "done", subject=typed, details={"said": typed})
        for question, key in (
            ("SELECT name FROM cs_geo.sources WHERE source_id = :key", source),
            ("SELECT name FROM cs_geo.places WHERE place_id = :key", place),
            ("SELECT alias FROM cs_geo.place_aliases WHERE place_id = :key", place),
            ("SELECT subject FROM cs_geo.people WHERE person_id = :key", person),
            ("SELECT toml FROM cs_geo.mapping_profiles WHERE name = :key", typed),
            ("SELECT arguments ->> 'name' FROM cs_geo.jobs WHERE job_id = :key", job),
        ):
            assert connection.scalars(text(question), {"key": key}).all() == [typed], question
        (row, *_) = list_audit(connection)
        assert (row.subject, row.details) == (typed, {"said": typed})
        assert connection.scalar(text("SELECT count(*) FROM cs_geo.reports")) == 2
        transaction.rollback()
    assert ask_one(module_database, "SELECT count(*) FROM cs_geo.sources") == 1


@pytest.mark.trust("C9", figure="refused before it is sent")
@pytest.mark.parametrize("typed", ["a\x00b", "a\ud800b"])
def test_what_is_no_text_to_the_database_is_refused_by_the_driver(filled: Store, typed: str) -> None:
    with pytest.raises((DBAPIError, UnicodeEncodeError)) as refused, filled.begin(LOCAL_ACTOR) as connection:
        reports.find_reference(connection, typed)
    assert not isinstance(refused.value, ProgrammingError)


WRITTEN_BY_US = {
    ("bulk.py", "append_rows", "table"),
    ("cluster_files.py", "database_privileges", "database"),
    ("hidden_places.py", "as_written", "column"),
    ("hidden_places.py", "as_written", "place"),
    ("hidden_places.py", "place_name", "reference"),
    ("reader_views.py", "_make_view", "view"),
    ("retention.py", "apply_rule", "what"),
    ("submissions.py", "read_submission", "lock"),
    ("table_sums.py", "_sum_table", "columns"),
    ("table_sums.py", "_sum_table", "name"),
    ("texts.py", "read_text", "lock"),
    ("texts.py", "shown_text", "field"),
    ("texts.py", "shown_text", "report"),
}
"""Names of tables and columns that the code itself puts into statements; every other parameter is bound."""
STATEMENT = re.compile(r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|GRANT|REVOKE|CASE WHEN|COPY|DROP)\b")


def _interpolated() -> Iterator[tuple[str, str, str]]:
    """Parameters of functions of the store that stand inside a statement's text, but for the record tables."""
    for path in sorted(STORE.glob("*.py")):
        for function in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(function, ast.FunctionDef):
                continue
            given_as = {a.arg: ast.unparse(a.annotation or ast.Constant("")) for a in function.args.args}
            given_as |= {a.arg: ast.unparse(a.annotation or ast.Constant("")) for a in function.args.kwonlyargs}
            for node in ast.walk(function):
                if isinstance(node, ast.JoinedStr) and STATEMENT.search(ast.unparse(node)):
                    for name in ast.walk(node):
                        if isinstance(name, ast.Name) and given_as.get(name.id, "RecordTable") != "RecordTable":
                            yield path.name, function.name, name.id


@pytest.mark.trust("C9", figure="0 statements built of what is given, but for names of tables in the code")
def test_no_statement_is_built_of_what_is_given() -> None:
    assert set(_interpolated()) == WRITTEN_BY_US
