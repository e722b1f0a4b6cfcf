"""The pages as Streamlit runs them, over a real database of the test's own."""

import csv
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from cs_geo.access.actor import Role
from cs_geo.settings import get_settings
from cs_geo.store.opening import Store, shared_store
from cs_geo.ui.widgets.session import BROKEN
from cs_geo.ui.widgets.signing_in import LOCAL_ROLES
from tests.conftest import Database

MAIN = Path(__file__).parents[2] / "cs_geo" / "ui" / "main.py"
OpenPage = Callable[[str], AppTest]
OpenAs = Callable[..., AppTest]


@pytest.fixture
def store(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The store that the pages of this test share."""
    monkeypatch.setenv("CS_GEO_DATABASE_URL", database.app_url)
    monkeypatch.setenv("CS_GEO_HOME", str(tmp_path / "home"))
    get_settings.cache_clear()
    shared_store.cache_clear()
    opened = shared_store()
    yield opened
    opened.close()
    get_settings.cache_clear()
    shared_store.cache_clear()


@pytest.fixture
def open_page(store: Store) -> OpenPage:
    """Open a page by the name of its script, as a person who follows a link."""

    def open_named(name: str) -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60).run()
        shown(app.switch_page(f"screens/{name}.py").run())
        return app

    return open_named


@pytest.fixture
def open_as(store: Store) -> OpenAs:
    """Open a page in one role; without a name, the page that the role arrives at."""

    def open_named(role: Role, name: str = "") -> AppTest:
        app = AppTest.from_file(str(MAIN), default_timeout=60)
        app.session_state[LOCAL_ROLES] = [role]
        shown(app.run())
        return shown(app.switch_page(f"screens/{name}.py").run()) if name else app

    return open_named


def shown(app: AppTest) -> AppTest:
    """A page that has drawn something, and has not broken."""
    assert not app.exception, [one.message for one in app.exception]
    assert BROKEN not in [one.value for one in app.error]
    assert len(app.main) > 0
    return app


def words(app: AppTest) -> str:
    """Everything that is written on a page."""
    written = (*app.title, *app.subheader, *app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.text)
    return "\n".join(one.value for one in (*written, *app.header))


def press(app: AppTest, label: str) -> AppTest:
    """Press the button with this label."""
    buttons = {button.label: button for button in app.button}
    assert label in buttons, f"{label} is not among {list(buttons)}.\n{words(app)}"
    return shown(buttons[label].click().run())


def sheet(rows: Sequence[Mapping[str, object]]) -> bytes:
    """Rows as the bytes of a CSV."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return stream.getvalue().encode()
