"""Every page while the database does not answer, or the program is at fault: our own words, said once."""

import pytest
from streamlit.testing.v1 import AppTest

from cs_geo.settings import get_settings
from cs_geo.store.opening import Store, shared_store
from cs_geo.ui.widgets.session import BROKEN
from tests.ui.conftest import MAIN, OpenPage, press, words

PAGES = ("home", "map", "reports", "places", "export", "import_reports", "add_report", "review_locations")


@pytest.fixture
def no_database(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    monkeypatch.setenv("CS_GEO_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")
    get_settings.cache_clear()
    shared_store.cache_clear()


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("no_database")
def test_a_page_without_its_database_says_so_once_in_plain_words(page: str) -> None:
    app = AppTest.from_file(str(MAIN), default_timeout=60).run()
    app.switch_page(f"screens/{page}.py").run()
    assert not app.exception
    if page == "add_report":  # its first question needs no database
        next(button for button in app.button if button.label == "No").click().run()
    assert not app.exception
    (said,) = [error.value for error in app.error]
    assert "The database does not answer" in said
    assert "Nothing that was saved is lost" in said
    assert "whoever looks after the site" in said
    assert "Try again" in [button.label for button in app.button]


def test_a_database_that_goes_away_while_a_page_is_open_is_said_in_the_same_words(
    open_page: OpenPage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_page("reports")
    store.close()
    monkeypatch.setattr(store.engine.dialect, "connect", _refuse)
    app.run()
    assert not app.exception
    assert "The database does not answer" in app.error[0].value


def test_a_half_filled_form_outlives_a_database_that_goes_away(
    open_page: OpenPage, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = press(open_page("add_report"), "No")
    app.text_area[0].set_value("Broken glass by the swings").run()
    store.close()
    with monkeypatch.context() as broken:
        broken.setattr(store.engine.dialect, "connect", _refuse)
        app.run()
        assert "What you typed is kept while this page stays open." in words(app)
        assert not app.text_area
    press(app, "Try again")
    assert app.text_area[0].value == "Broken glass by the swings"


@pytest.mark.usefixtures("store")
def test_a_fault_of_the_program_is_said_in_our_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cs_geo.workflows.look_at_home.count_reports", lambda *_: 1 / 0)
    app = AppTest.from_file(str(MAIN), default_timeout=60).run()
    assert not app.exception
    assert [error.value for error in app.error] == [BROKEN]


def _refuse(*_: object, **__: object) -> object:
    import psycopg

    raise psycopg.OperationalError("connection refused")
