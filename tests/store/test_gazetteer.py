"""The gazetteer in PostGIS answers as the reference engine in memory does."""

from collections import defaultdict
from collections.abc import Iterator, Sequence

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.geocode.gazetteer import Chunk, Entry, frame_of
from cs_geo.store.gazetteer import StoredGazetteer, list_gazetteers, load_gazetteer
from cs_geo.store.opening import Store
from tests.unit.geocode.gazetteer_spec import *  # noqa: F403 - the specification of every engine
from tests.unit.geocode.gazetteer_spec import GazetteerOf, a_borough


@pytest.fixture
def gazetteer_of(module_store: Store) -> Iterator[GazetteerOf]:
    with module_store.engine.connect() as connection:

        def build(entries: Sequence[Entry]) -> StoredGazetteer:
            of_gazetteer: dict[str, list[Entry]] = defaultdict(list)
            for entry in entries:
                of_gazetteer[entry.gazetteer].append(entry)
            for label, own in of_gazetteer.items():
                name, version = label.rsplit(" ", 1)
                load_gazetteer(
                    connection,
                    name=name,
                    format_name="csv",
                    version=version,
                    chunks=[Chunk(frame_of(own), {})],
                    actor="test",
                )
            return StoredGazetteer(connection)

        yield build
        connection.rollback()


def test_a_gazetteer_of_the_same_name_takes_the_place_of_the_earlier(module_store: Store) -> None:
    with module_store.engine.connect() as connection:
        for version in ("1", "2"):
            loaded = load_gazetteer(
                connection,
                name="Test",
                format_name="csv",
                version=version,
                chunks=[Chunk(frame_of(a_borough()), {"no point": 2}), Chunk(frame_of([]), {"no point": 1})],
                actor=LOCAL_ACTOR.person,
            )
        assert (loaded.version, loaded.entries, loaded.skipped) == ("2", len(a_borough()), {"no point": 3})
        assert len(list_gazetteers(connection)) == 1
        assert len(StoredGazetteer(connection).find_postcodes(["XX1 1AA"])["XX1 1AA"]) == 1
        connection.rollback()
