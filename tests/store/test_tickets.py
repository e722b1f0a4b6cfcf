"""A ticket opens one file, once, within a minute, and reading the table opens nothing."""

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.store.opening import Store
from cs_geo.store.tickets import LIFETIME_S, TicketedFile, drop_old_tickets, issue_ticket, redeem_ticket
from cs_geo.workflows.download_files import offer_file, redeem
from cs_geo.workflows.manage_people import end_roles, grant_roles
from tests.conftest import Database
from tests.sheets import ask, ask_one, change

FILE = TicketedFile(LOCAL_ACTOR.person, "export.csv", "text/csv", Path("export.csv"))


def issue(store: Store) -> str:
    with store.begin(LOCAL_ACTOR) as connection:
        return issue_ticket(connection, FILE)


def use(store: Store, ticket: str) -> TicketedFile | None:
    with store.begin(LOCAL_ACTOR) as connection:
        return redeem_ticket(connection, ticket)


@pytest.mark.trust("A11", figure="1 use")
def test_a_ticket_is_good_once(store: Store) -> None:
    ticket = issue(store)
    assert use(store, ticket) == FILE
    assert use(store, ticket) is None


@pytest.mark.parametrize(("age", "is_good"), [(LIFETIME_S - 2, True), (LIFETIME_S, False)])
@pytest.mark.trust("A11", figure="60 s")
def test_a_ticket_is_good_for_a_minute(store: Store, database: Database, age: int, is_good: bool) -> None:
    assert LIFETIME_S == 60
    ticket = issue(store)
    change(database, "UPDATE cs_geo.download_tickets SET expires_at = expires_at - make_interval(secs => %s)", age)
    assert (use(store, ticket) is not None) == is_good


@pytest.mark.trust("A11", figure="0 tickets readable in the table")
def test_only_the_hash_of_a_ticket_is_kept(store: Store, database: Database) -> None:
    ticket = issue(store)
    row = ask(database, "SELECT ticket, person, file_name, path FROM cs_geo.download_tickets")[0]
    assert ticket.encode() not in bytes(row["ticket"])
    assert len(row["ticket"]) == 32
    assert use(store, bytes(row["ticket"]).hex()) is None
    assert use(store, "") is None


@pytest.mark.trust("A11", figure="1 of 8 at once")
def test_two_servers_do_not_both_hand_out_one_ticket(store: Store, database: Database) -> None:
    from concurrent.futures import ThreadPoolExecutor

    ticket = issue(store)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _: use(store, ticket), range(8)))
    assert sum(1 for one in found if one is not None) == 1


def test_old_tickets_are_forgotten_with_their_files_named(store: Store, database: Database) -> None:
    issue(store)
    with store.begin(LOCAL_ACTOR) as connection:
        assert drop_old_tickets(connection) == []
    change(database, "UPDATE cs_geo.download_tickets SET expires_at = now() - interval '61 minutes'")
    with store.begin(LOCAL_ACTOR) as connection:
        assert drop_old_tickets(connection) == [FILE.path]
    assert ask_one(database, "SELECT count(*) FROM cs_geo.download_tickets") == 0


@pytest.mark.trust("A11", figure="403 and the file deleted")
def test_a_link_of_somebody_whose_role_has_ended_gives_nothing(store: Store, tmp_path: Path) -> None:
    administrator = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
    person = grant_roles(store, administrator, issuer="https://id.test", subject="a1", roles=[Role.ANALYST])
    analyst = Actor(person, frozenset({Role.ANALYST}), tier_of({Role.ANALYST}))
    path = tmp_path / "export.csv"
    path.write_text("a,b\n", encoding="utf-8")
    ticket = offer_file(store, analyst, path, file_name="export.csv", media_type="text/csv")
    end_roles(store, administrator, person, [Role.ANALYST])
    with pytest.raises(Refused, match="your role has ended"):
        redeem(ticket, store=store)
    assert not path.exists()


@pytest.mark.trust("A11", figure="0 tickets made in another's name")
def test_nobody_makes_a_link_in_the_name_of_another(store: Store) -> None:
    other = replace(FILE, person="somebody else")
    with pytest.raises(DBAPIError, match="row-level security"), store.begin(LOCAL_ACTOR) as connection:
        issue_ticket(connection, other)


def test_a_file_is_gone_once_it_has_been_sent(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a,b\n", encoding="utf-8")
    ticket = offer_file(store, LOCAL_ACTOR, path, file_name="my export.csv", media_type="text/csv")
    handed = redeem(ticket, store=store)
    assert handed is not None
    assert (handed.filename, b"".join(handed.body)) == ("my export.csv", b"a,b\n")
    assert not path.exists()
    assert redeem(ticket, store=store) is None
