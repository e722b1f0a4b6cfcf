from collections.abc import Iterator

import pytest

from cs_geo.store.opening import Store
from tests.conftest import Database
from tests.sheets import open_test_store


@pytest.fixture
def store(database: Database) -> Iterator[Store]:
    """The test's database as the app sees it."""
    opened = open_test_store(database)
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def module_store(module_database: Database) -> Iterator[Store]:
    """A store shared by the tests of one module, each of which brings a source of its own."""
    opened = open_test_store(module_database)
    yield opened
    opened.close()
