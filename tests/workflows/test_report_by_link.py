"""A premises hands in by its link: into the inbox, checked and masked, once; and nothing comes back out."""

from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, Tier, tier_of
from cs_geo.access.permissions import Refused
from cs_geo.errors import RefusedInput, TooOften
from cs_geo.reports.submission import SubmissionKind
from cs_geo.store import submissions as stored
from cs_geo.store.links import find_link
from cs_geo.store.opening import Store
from cs_geo.workflows.inbox import accept, ask_back, list_waiting, open_submission
from cs_geo.workflows.manage_links import AddedLink, add_link, end_link, list_links
from cs_geo.workflows.read_reports import open_report
from cs_geo.workflows.report_by_link import Sent, open_form, send_form
from tests.conftest import Database
from tests.sheets import ask, ask_one, change

COORDINATOR = LOCAL_ACTOR.acting_as({Role.COORDINATOR})
ADMINISTRATOR = Actor("local", frozenset({Role.ADMINISTRATOR}), tier_of({Role.ADMINISTRATOR}))
NOW = datetime(2026, 4, 20, 12, tzinfo=UTC)
TODAY = date(2026, 4, 20)
SHOP = "Corner shop, Mill Lane"
TYPED = {"danger": "not_needed", "kind": "concern", "where": "here", "date": "2026-04-18", "band": "15-18"}


def added(store: Store, **given: object) -> AddedLink:
    return add_link(store, COORDINATOR, **({"premises": SHOP, "location": "Mill Lane", "today": TODAY} | given))


def send(store: Store, code: str, form_id: UUID | None = None, **typed: str) -> Sent | None:
    return send_form(code, {**TYPED, **typed}, form_id or uuid4(), store=store, now=lambda: NOW)


def acting_of(store: Store, code: str) -> Actor:
    with store.begin(COORDINATOR) as connection:
        link = find_link(connection, code)
    assert link is not None
    return Actor(link.person, frozenset(), Tier.PUBLIC, link.premises)


def test_what_a_premises_sends_waits_in_the_inbox_and_is_accepted_as_a_report_of_that_premises(store: Store) -> None:
    code = added(store).code
    assert send(store, code, harm="damage", note="Glass by the door") == Sent()
    (waiting,) = list_waiting(store, COORDINATOR)
    assert (waiting.kind, waiting.agency, waiting.person[:5]) == (SubmissionKind.REPORT, SHOP, "link:")
    opened = open_submission(store, COORDINATOR, waiting.submission_id, now=lambda: NOW)
    assert opened is not None
    assert opened.checked.can_be_saved
    saved = accept(store, COORDINATOR, waiting.submission_id, now=lambda: NOW)
    found = open_report(store, COORDINATOR, saved.report_id)
    assert found is not None
    assert found.provenance["source"] == SHOP
    assert (found.report["kind"], found.report["note"], found.report["time_band"]) == (
        "concern", "Glass by the door", "15-18",
    )  # fmt: skip
    assert found.report["source_type"] == "business_venue"


def test_a_strength_says_what_helps(store: Store) -> None:
    code = added(store).code
    send(store, code, kind="strength", harm="damage", note="The staff keep the lights on until the last bus")
    (waiting,) = list_waiting(store, COORDINATOR)
    assert waiting.fields["what_helped"] == "The staff keep the lights on until the last bus"
    assert "harm_types" not in waiting.fields


def test_the_same_form_sent_twice_is_handed_in_once_and_another_text_in_it_is_another_report(store: Store) -> None:
    code, form = added(store).code, uuid4()
    for _ in range(3):
        send(store, code, form, note="Once")
    send(store, code, form, note="After going back")
    assert sorted(one.fields["note"] for one in list_waiting(store, COORDINATOR)) == ["After going back", "Once"]


def test_a_form_of_one_link_is_none_of_another(store: Store) -> None:
    form = uuid4()
    for code in (added(store).code, added(store, premises="Library").code):
        send(store, code, form)
    assert {one.agency for one in list_waiting(store, COORDINATOR)} == {SHOP, "Library"}


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"danger": ""}, "danger"),
        ({"kind": ""}, "kind"),
        ({"kind": "outreach"}, "kind"),
        ({"harm": "no such harm"}, "harm"),
        ({"band": "spread"}, "band"),
        ({"where": ""}, "where"),
        ({"where": "elsewhere"}, "location"),
        ({"where": "here", "location": "The park"}, "location"),
        ({"where": "elsewhere", "location": "   "}, "location"),
        ({"date": "yesterday"}, "date"),
        ({"date": "2026-02-30"}, "date"),
        ({"date": "2027-04-18"}, "date"),
        ({"note": "x" * 401}, "note"),
        ({"note": "Call him on 07700 900123"}, "note"),
        ({"where": "elsewhere", "location": "High Street, 07700 900123"}, "location"),
    ],
)  # fmt: skip
def test_what_must_be_mended_is_said_at_its_question_and_nothing_is_kept(
    module_store: Store, typed: dict[str, str], field: str
) -> None:
    code = added(module_store).code
    sent = send(module_store, code, **typed)
    assert sent is not None
    assert list(sent.faults) == [field]
    assert sent.faults[field].endswith(".")
    assert list_waiting(module_store, COORDINATOR) == []


def test_personal_details_are_taken_out_and_what_is_left_can_be_sent(store: Store) -> None:
    code = added(store).code
    sent = send(store, code, note="He left 07700 900123 on the wall")
    assert sent is not None
    assert "phone number" in sent.faults["note"]
    assert sent.mended["note"] == "He left [phone removed] on the wall"
    assert send(store, code, note=sent.mended["note"]) == Sent()


def test_that_nobody_has_called_is_told_to_the_premises_and_to_the_coordinator(store: Store) -> None:
    code = added(store).code
    assert send(store, code, danger="no") == Sent(has_nobody_called=True)
    (waiting,) = list_waiting(store, COORDINATOR)
    assert waiting.lacks_call


@pytest.mark.trust("A5", figure="0 rows by a reporting link, in every table")
def test_a_link_reads_nothing_not_even_what_it_handed_in(store: Store, database: Database) -> None:
    code = added(store).code
    send(store, code)
    link = acting_of(store, code)
    guarded = ask(
        database,
        "SELECT relname FROM pg_class WHERE relnamespace = 'cs_geo'::regnamespace AND relkind IN ('r', 'p', 'v')"
        " AND relrowsecurity AND has_any_column_privilege('cs_geo_app', oid, 'SELECT')",
    )
    assert len(guarded) > 20
    for table in (row["relname"] for row in guarded):
        with store.begin(link) as connection:
            # A table of which only some columns may be read is counted by one of them.
            column = "link_id" if table == "reporting_links" else "*"
            assert connection.scalar(text(f"SELECT count({column}) FROM cs_geo.{table}")) == 0, table


def test_a_link_hands_in_for_nobody_else_and_not_once_it_is_ended(store: Store) -> None:
    link = added(store)
    actor = acting_of(store, link.code)
    given = {"fields": {"kind": "concern"}, "pin": None}

    def insert(person: str) -> None:
        with store.begin(actor) as connection:
            stored.add_submission(
                connection, uuid4(), person=person, agency="", kind=SubmissionKind.REPORT, given=given
            )

    insert(actor.person)
    with pytest.raises(DBAPIError, match="row-level security"):
        insert("local")
    end_link(store, COORDINATOR, link.link_id)
    with pytest.raises(DBAPIError, match="row-level security"):
        insert(actor.person)


def test_an_ended_a_spent_and_an_unknown_link_open_nothing(store: Store, database: Database) -> None:
    ended, spent = added(store), added(store, until=TODAY)
    end_link(store, COORDINATOR, ended.link_id)
    change(
        database,
        "UPDATE cs_geo.reporting_links SET open_until = now() - interval '1 second' WHERE link_id = %s", spent.link_id,
    )  # fmt: skip
    for code in (ended.code, spent.code, "A" * 27, "", "…"):
        assert open_form(code, store=store) is None
        assert send(store, code) is None
    assert list_waiting(store, COORDINATOR) == []


def test_a_link_stands_until_the_end_of_its_last_day(store: Store) -> None:
    added(store, until=date(2026, 7, 1))
    (link,) = list_links(store, COORDINATOR)
    assert link.open_until == datetime(2026, 7, 1, 23, tzinfo=UTC)  # midnight in British summer


@pytest.mark.trust("A11", figure="0 codes of reporting links readable in the table")
def test_only_the_hash_of_a_code_is_kept_and_the_app_cannot_read_it(store: Store, database: Database) -> None:
    code = added(store).code
    assert len(code) * 6 >= 160
    assert code not in str(ask(database, "SELECT * FROM cs_geo.reporting_links"))
    with pytest.raises(DBAPIError, match="permission denied"), store.begin(COORDINATOR) as connection:
        connection.execute(text("SELECT code_hash FROM cs_geo.reporting_links"))


def test_adding_ending_and_sending_are_written_down_without_the_code_or_a_word_of_it(
    store: Store, database: Database
) -> None:
    link = added(store)
    send(store, link.code, note="Glass by the door")
    end_link(store, COORDINATOR, link.link_id)
    rows = ask(database, "SELECT person, action, outcome, subject, details FROM cs_geo.audit_log ORDER BY number")
    told = [(row["person"][:5], row["action"], row["outcome"], row["details"].get("link")) for row in rows]
    assert told == [
        ("local", "manage_links", "done", "added"),
        ("link:", "submit_report", "done", None),
        ("local", "manage_links", "done", "ended"),
    ]
    assert rows[0]["subject"] == rows[2]["subject"] == str(link.link_id)
    assert not any(word in str(rows) for word in (link.code, "Glass", SHOP, "Mill Lane"))


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.COORDINATOR, Role.ADMINISTRATOR}))
def test_others_neither_see_nor_add_nor_end_links(store: Store, role: Role) -> None:
    link = added(store)
    actor = Actor("local", frozenset({role}), tier_of({role}))
    for do in (
        lambda: list_links(store, actor),
        lambda: add_link(store, actor, premises="Mine", today=TODAY),
        lambda: end_link(store, actor, link.link_id),
    ):
        with pytest.raises(Refused):
            do()
    with store.begin(actor) as connection:
        assert connection.scalar(text("SELECT count(link_id) FROM cs_geo.reporting_links")) == 0


def test_a_link_is_added_ended_once_and_never_opened_again(store: Store) -> None:
    link = add_link(store, ADMINISTRATOR, premises=f"  {SHOP} ", today=TODAY)
    end_link(store, ADMINISTRATOR, link.link_id)
    with pytest.raises(RefusedInput, match="ended already"):
        end_link(store, ADMINISTRATOR, link.link_id)
    with store.begin(ADMINISTRATOR) as connection:
        assert not connection.execute(
            text("UPDATE cs_geo.reporting_links SET ended_at = NULL, ended_by = NULL")
        ).rowcount
    (listed,) = list_links(store, ADMINISTRATOR)
    assert (listed.premises, listed.stands(datetime.now(UTC))) == (SHOP, False)


@pytest.mark.parametrize(
    "given",
    [
        {"premises": " "},
        {"premises": "Ring 07700 900123"},
        {"location": "400013, 300027"},
        {"until": TODAY - timedelta(days=1)},
    ],
)
def test_a_link_without_a_premises_or_with_a_day_that_is_over_is_not_added(
    store: Store, given: dict[str, object]
) -> None:
    with pytest.raises(RefusedInput):
        added(store, **given)
    assert list_links(store, COORDINATOR) == []


def test_nobody_is_asked_back_behind_a_link(store: Store) -> None:
    code = added(store).code
    send(store, code)
    (waiting,) = list_waiting(store, COORDINATOR)
    with pytest.raises(RefusedInput, match="nobody can be asked back"):
        ask_back(store, COORDINATOR, waiting.submission_id, "Which end of the street?")
    assert len(list_waiting(store, COORDINATOR)) == 1


@pytest.mark.trust("C12", figure="reporting links: refused after 6 a minute and 60 a day; other links unharmed")
def test_a_link_sends_six_a_minute_and_sixty_a_day_and_others_go_on(store: Store, database: Database) -> None:
    code, other = added(store).code, added(store, premises="Library").code
    for number in range(6):
        send(store, code, note=f"{number}")
    with pytest.raises(TooOften, match="Try again in") as refusal:
        send(store, code, note="7")
    assert 0 < refusal.value.wait_s <= 60
    # A form that was taken before is answered as before: it is no further report.
    assert send(store, other) == Sent()
    change(database, "UPDATE cs_geo.turns SET taken_at = taken_at - interval '2 minutes'")
    change(
        database,
        "INSERT INTO cs_geo.turns (what, taken_by, of_thing, taken_at) SELECT what, taken_by, n::text, taken_at"
        " FROM (SELECT DISTINCT ON (taken_by) * FROM cs_geo.turns WHERE what = 'link_day' AND taken_by = %s) AS t,"
        " generate_series(1, 54) AS n",
        acting_of(store, code).person,
    )
    with pytest.raises(TooOften, match="within a day"):
        send(store, code, note="61")
    assert send(store, other, note="again") == Sent()
    assert ask_one(database, "SELECT count(*) FROM cs_geo.submissions") == 8


@pytest.mark.trust("C12", figure="reporting links: 120 a minute of all together")
def test_all_links_together_send_no_more_than_a_coordinator_can_look_through(store: Store, database: Database) -> None:
    code = added(store).code
    change(
        database,
        "INSERT INTO cs_geo.turns (what, taken_by, of_thing) SELECT 'links', '', n::text"
        " FROM generate_series(1, 120) AS n",
    )
    with pytest.raises(TooOften, match="Many reports are being sent"):
        send(store, code)
    # The turns that it had of its own are given back.
    assert ask_one(database, "SELECT count(*) FROM cs_geo.turns WHERE what LIKE 'link%%' AND taken_by <> ''") == 0
