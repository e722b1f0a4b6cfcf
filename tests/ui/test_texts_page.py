"""The page of texts, as a coordinator and a data steward work through what waits."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from cs_geo.access.actor import LOCAL_ACTOR, Role
from cs_geo.store.opening import Store
from cs_geo.words.personal_details import NAME
from cs_geo.workflows.review_texts import count_texts
from tests.conftest import Database
from tests.sheets import ask, import_rows, report_row
from tests.ui.conftest import OpenAs, press, shown, words

COORDINATOR, STEWARD = (LOCAL_ACTOR.acting_as({role}) for role in (Role.COORDINATOR, Role.DATA_STEWARD))
LATELY = str(date.today() - timedelta(days=5))


@pytest.fixture
def waiting(store: Store, tmp_path: Path) -> None:
    notes = ["Glass by the *shelter*", "They saw Jordan <b>run</b>"]
    import_rows(store, tmp_path, [report_row(note=note, date=LATELY) for note in notes])


def states(database: Database) -> list[str]:
    return [row["state"] for row in ask(database, "SELECT state FROM cs_geo.report_texts ORDER BY flags")]


def test_where_nothing_waits_the_page_says_what_it_is_for(open_as: OpenAs) -> None:
    app = open_as(Role.COORDINATOR, "texts")
    assert "No text waits for you" in words(app)
    assert not app.text_area


@pytest.mark.usefixtures("waiting")
def test_a_coordinator_approves_the_plain_text_and_is_told_who_reads_the_other(
    open_as: OpenAs, database: Database
) -> None:
    app = open_as(Role.COORDINATOR, "texts")
    assert "1 text to read" in words(app)
    assert "waits for a data steward" in words(app)
    assert "Jordan" not in words(app)
    press(app, "Approve")
    assert "Approved." in app.success[0].value
    assert states(database) == ["approved", "unreviewed"]


@pytest.mark.usefixtures("waiting")
def test_a_data_steward_sees_what_was_found_marked_edits_it_and_approves(open_as: OpenAs, database: Database) -> None:
    app = open_as(Role.DATA_STEWARD, "texts")
    # In brackets and bold, and a word of the text is no markup.
    assert "They saw **⟦Jordan⟧** &#60;b&#62;run" in words(app)
    assert "Found: first name" in words(app)
    assert app.text_area[0].value == f"They saw {NAME} <b>run</b>"
    shown(app.text_area[0].set_value("Somebody ran off").run())
    press(app, "Save and approve")
    rows = ask(database, "SELECT redacted, state FROM cs_geo.report_texts WHERE flags <> '{}'")
    assert rows == [{"redacted": "Somebody ran off", "state": "approved"}]


@pytest.mark.usefixtures("waiting")
def test_next_passes_by_and_comes_round_again(store: Store, open_as: OpenAs) -> None:
    app = open_as(Role.DATA_STEWARD, "texts")
    press(app, "Next")
    assert "Nothing was found" in words(app)
    press(app, "Next")
    assert "You have been through all that wait" in words(app)
    press(app, "Begin again")
    assert "Found: first name" in words(app)
    press(app, "Keep in")
    assert count_texts(store, STEWARD).mine == 1


@pytest.mark.usefixtures("waiting")
def test_home_says_how_many_texts_wait_for_whoever_reviews_them(open_as: OpenAs) -> None:
    assert "**1 text** to read" in words(open_as(Role.COORDINATOR))
    assert "**2 texts** to read" in words(open_as(Role.DATA_STEWARD))
    assert "to read before" not in words(open_as(Role.ANALYST))
