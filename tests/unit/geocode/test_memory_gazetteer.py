from collections.abc import Sequence

import pytest

from cs_geo.geocode.gazetteer import Entry, entries_of, frame_of
from cs_geo.geocode.memory import MemoryGazetteer
from tests.unit.geocode.gazetteer_spec import *  # noqa: F403 - the specification of every engine
from tests.unit.geocode.gazetteer_spec import GazetteerOf, a_borough


@pytest.fixture
def gazetteer_of() -> GazetteerOf:
    def build(entries: Sequence[Entry]) -> MemoryGazetteer:
        return MemoryGazetteer(entries)

    return build


def test_entries_survive_the_way_through_a_frame() -> None:
    entries = a_borough()
    again = list(entries_of(frame_of(entries), first_id=0))
    assert [entry.name_norm for entry in again] == [entry.name_norm for entry in entries]
    numbered = MemoryGazetteer(again).find_postcodes(["XX1 1AA"])["XX1 1AA"][0]
    assert numbered.entry_id == 1
    assert numbered.kind is entries[0].kind
