"""What partners and the public see on pages: what was released to them, until its day, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput
from cs_geo.reports.selection import Selection
from cs_geo.store.opening import Store
from cs_geo.store.people import add_person, end_role, grant_role
from cs_geo.workflows.export_released import ReleaseRequest, export_release
from cs_geo.workflows.look_at_given import list_given, look_at_given, read_published
from tests.boroughs import load_areas, spread
from tests.conftest import Database, plain
from tests.sheets import EASTING, ask, change, import_rows, open_test_store

SPRING = Selection(since=date(2024, 4, 1), until=date(2024, 6, 30))
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
PARKS = ReleaseRequest(
    tier=Tier.PARTNER,
    selection=SPRING,
    today=date(2024, 9, 1),
    purpose="Lighting plan",
    recipient="Parks team",
    expires_on=date.today() + timedelta(days=30),
)
WINTER = Selection(since=date(2024, 1, 1), until=date(2024, 3, 31))
PUBLIC = replace(PARKS, tier=Tier.PUBLIC, selection=WINTER, recipient="", expires_on=None, level="district")


def person(store: Store, name: str, *roles: Role, agency: str = "") -> Actor:
    with store.begin(ADMINISTRATOR) as connection:
        known = add_person(connection, issuer="https://id.test", subject=name, label="", actor="local")
        for role in roles:
            grant_role(connection, known, role, agency=agency, actor="local")
    return Actor(known, frozenset(roles), tier_of(roles), agency)


@dataclass(frozen=True, slots=True)
class Released:
    store: Store
    parks: Actor
    police: Actor


@pytest.fixture(scope="module")
def released(module_database: Database, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Released]:
    """One release to the parks team, one set of tables for the public."""
    store = open_test_store(module_database)
    load_areas(store)
    folder = tmp_path_factory.mktemp("released")
    spring = [*spread(14, EASTING), *spread(3, EASTING + 120), *spread(9, EASTING + 400)]
    import_rows(store, folder, [*spring, *spread(30, EASTING + 50, date="2024-02-10")])
    export_release(store, LOCAL_ACTOR, folder / "p.csv", PARKS)
    export_release(store, LOCAL_ACTOR, folder / "t.csv", PUBLIC)
    parks = person(store, "parks", Role.PARTNER_VIEWER, agency=" parks TEAM")
    police = person(store, "police", Role.PARTNER_VIEWER, agency="Police")
    yield Released(store, parks, police)
    store.close()


@pytest.mark.trust("E1", figure="as given, 0 counted anew")
def test_a_partner_sees_what_was_released_to_the_own_agency(released: Released, tmp_path: Path) -> None:
    (given,) = list_given(released.store, released.parks)
    seen = look_at_given(released.store, released.parks, given.release_id)
    before = dict(zip(seen.cells["cell"], seen.cells["incident"], strict=True))
    assert set(before.values()) == {"13", "9", "fewer than 5"}
    assert given.recipient == "Parks team"
    assert given.withheld
    import_rows(released.store, tmp_path, spread(8, EASTING + 120, note="late"))
    again = look_at_given(released.store, released.parks, given.release_id)
    assert dict(zip(again.cells["cell"], again.cells["incident"], strict=True)) == before


@pytest.mark.trust("E1", figure="0 releases to another agency, whatever is asked or claimed")
def test_another_agency_sees_nothing_of_it(released: Released, module_database: Database) -> None:
    (given,) = list_given(released.store, released.parks)
    claiming = replace(released.police, agency="Parks team", roles=frozenset(Role), tier=Tier.INTERNAL)
    without = person(released.store, "no agency", Role.CHAIR)
    for actor in (released.police, claiming, without):
        assert list_given(released.store, actor) == []
        with pytest.raises(RefusedInput, match="another agency"):
            look_at_given(released.store, actor, given.release_id)
    with psycopg.connect(plain(module_database.app_url)) as connection:
        connection.execute("SELECT set_config('cs_geo.person', %s, true)", (released.police.person,))
        connection.execute("SELECT set_config('cs_geo.roles', %s, true)", (",".join(Role),))
        for function in ("given_cells", "given_hotspots"):
            counted = connection.execute(f"SELECT count(*) FROM cs_geo.{function}(%s)", (given.release_id,))
            assert counted.fetchone() == (0,)


def test_the_exact_numbers_of_a_release_stay_out_of_a_partners_reach(released: Released) -> None:
    with released.store.begin(released.parks) as connection:
        for table in ("releases", "release_numbers", "release_cells", "release_counts", "release_tables", "reports"):
            assert connection.scalar(text(f"SELECT count(*) FROM cs_geo.{table}")) == 0


def test_the_team_sees_what_each_partner_sees(released: Released) -> None:
    (given,) = list_given(released.store, LOCAL_ACTOR)
    assert given.recipient == "Parks team"
    assert len(look_at_given(released.store, LOCAL_ACTOR, given.release_id).cells)


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.ADMINISTRATOR])
def test_who_is_neither_team_nor_partner_may_not_ask(released: Released, role: Role) -> None:
    with pytest.raises(Refused):
        list_given(released.store, Actor("local", frozenset({role}), tier_of({role})))


def test_a_release_ends_on_its_day_and_a_role_with_its_grant(released: Released, module_database: Database) -> None:
    leaving = person(released.store, "leaving", Role.PANEL_MEMBER, agency="Parks team")
    assert len(list_given(released.store, leaving)) == 1
    with released.store.begin(ADMINISTRATOR) as connection:
        end_role(connection, leaving.person, Role.PANEL_MEMBER, actor="local")
    assert list_given(released.store, leaving) == []
    yesterday, later = date.today() - timedelta(days=1), date.today() + timedelta(days=30)
    change(module_database, "UPDATE cs_geo.releases SET expires_on = %s WHERE audience = 'partner'", yesterday)
    assert list_given(released.store, released.parks) == []
    change(module_database, "UPDATE cs_geo.releases SET expires_on = %s WHERE audience = 'partner'", later)


@pytest.mark.parametrize("role", list(Role))
def test_everybody_who_is_known_here_reads_the_published_tables(released: Released, role: Role) -> None:
    tables = read_published(released.store, Actor("local", frozenset({role}), tier_of({role})))
    winter = tables[(tables["kind"] == "incident") & (tables["quarter"] == date(2024, 1, 1))]
    assert "Elmshire" in set(winter["name"])
    assert set(winter["reports"]) - {"0", "suppressed"}
    assert all(value == "suppressed" or int(value) % 5 == 0 for value in tables["reports"])


def test_a_stranger_reads_no_published_table(released: Released) -> None:
    with released.store.begin(Actor("nobody known", frozenset(Role), Tier.INTERNAL)) as connection:
        assert connection.scalar(text("SELECT count(*) FROM cs_geo.published_tables()")) == 0


def test_each_look_is_written_down(released: Released, module_database: Database) -> None:
    (given,) = list_given(released.store, released.parks)
    look_at_given(released.store, released.parks, given.release_id)
    rows = ask(module_database, "SELECT subject, details FROM cs_geo.audit_log WHERE action = 'view_given'")
    assert str(given.release_id) in {row["subject"] for row in rows}
    assert not any("Parks" in str(row) for row in rows)
