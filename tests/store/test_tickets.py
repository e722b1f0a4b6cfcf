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

HERE = ("local", "local")
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
        redeem(ticket, ("https://id.test", "a1"), store=store)
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
    handed = redeem(ticket, HERE, store=store)
    assert handed is not None
    assert (handed.filename, b"".join(handed.body)) == ("my export.csv", b"a,b\n")
    assert not path.exists()
    assert redeem(ticket, HERE, store=store) is None


def written(database: Database) -> list[tuple[str, str, str]]:
    rows = ask(database, "SELECT person, outcome, subject FROM cs_geo.audit_log WHERE action = 'fetch' ORDER BY number")
    return [(row["person"], row["outcome"], row["subject"]) for row in rows]


@pytest.mark.trust("A11", figure="another's link: refused, written down, and still good for its own person")
def test_another_who_holds_a_link_gets_nothing_and_does_not_use_it_up(
    store: Store, database: Database, tmp_path: Path
) -> None:
    administrator = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
    people = [
        grant_roles(store, administrator, issuer="https://id.test", subject=name, roles=[Role.ANALYST])
        for name in ("a", "b")
    ]
    own = Actor(people[0], frozenset({Role.ANALYST}), tier_of({Role.ANALYST}))
    path = tmp_path / "export.csv"
    path.write_text("a,b\n", encoding="utf-8")
    ticket = offer_file(store, own, path, file_name="export.csv", media_type="text/csv")
    for other in (("https://id.test", "b"), ("https://id.test", "nobody"), ("https://elsewhere.test", "a"), HERE, None):
        with pytest.raises(Refused, match="for the person who asked"):
            redeem(ticket, other, store=store)
    handed = redeem(ticket, ("https://id.test", "a"), store=store)
    assert handed is not None
    assert b"".join(handed.body) == b"a,b\n"
    assert written(database) == [
        (people[1], "refused", ""), ("", "refused", ""), ("", "refused", ""), ("local", "refused", ""),
        ("", "refused", ""), (people[0], "done", "export.csv"),
    ]  # fmt: skip


@pytest.mark.trust("B5", figure="a file that went out by its link is a row")
def test_that_a_file_went_out_is_written_down_once(store: Store, database: Database, tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a,b\n", encoding="utf-8")
    ticket = offer_file(store, LOCAL_ACTOR, path, file_name="export.csv", media_type="text/csv")
    for _ in range(2):
        redeem(ticket, HERE, store=store)
    assert redeem("no ticket", HERE, store=store) is None
    assert written(database) == [("local", "done", "export.csv")]


@pytest.mark.trust("B6", figure="no file without its row")
def test_a_file_does_not_go_out_where_that_cannot_be_written_down(
    store: Store, database: Database, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_text("a,b\n", encoding="utf-8")
    ticket = offer_file(store, LOCAL_ACTOR, path, file_name="export.csv", media_type="text/csv")
    change(database, "REVOKE EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb) FROM cs_geo_app")
    with pytest.raises(DBAPIError):
        redeem(ticket, HERE, store=store)
    change(database, "GRANT EXECUTE ON FUNCTION cs_geo.write_audit(text, text, text, jsonb) TO cs_geo_app")
    assert redeem(ticket, HERE, store=store) is not None
