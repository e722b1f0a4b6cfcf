"""The register of places: neutral names, boundaries drawn by people, and reports that name a place however vaguely."""

import json
from pathlib import Path
from uuid import UUID

import pytest

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.errors import RefusedInput
from cs_geo.store.opening import Store
from cs_geo.store.places import PlaceSummary
from cs_geo.workflows.register_places import (
    boundary_around,
    boundary_of_corners,
    boundary_of_geojson,
    list_register,
    open_place,
    page_of_place,
    redraw_boundary,
    register_place,
)
from tests.sheets import EASTING, NORTHING, import_rows, report_row
from tests.ui.conftest import OpenPage, press, shown, words

POINT = f"{EASTING}, {NORTHING}"


def test_an_empty_register_says_what_a_place_is(open_page: OpenPage) -> None:
    app = open_page("places")
    assert "No place is registered yet" in words(app)
    assert "Best is the boundary of the place itself" in words(app)


def test_a_place_is_registered_around_a_point(open_page: OpenPage, store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(), report_row(kind="strength", harm_types="")])
    app = open_page("places")
    app.text_input(key="place_name").set_value("Elm Park, south gate")
    app.selectbox(key="place_type").set_value("park_green_space")
    app.text_input(key="place_point").set_value(POINT)
    press(shown(app.run()), "Register the place")
    place = _only(store)
    assert (place.name, place.incidents, place.strengths) == ("Elm Park, south gate", 1, 1)
    table = app.dataframe[0].value
    assert list(table.columns).index("Strengths") < list(table.columns).index("Incidents")


def test_a_label_in_a_name_is_answered_with_a_better_one(open_page: OpenPage) -> None:
    app = open_page("places")
    shown(app.text_input(key="place_name").set_value("No-go area by the station").run())
    assert "place where young people may need more safety" in words(app)


def test_a_vague_report_that_names_the_place_is_among_its_reports(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row(location="elm  PARK", easting="", northing=""), report_row()])
    registered = register_place(store, LOCAL_ACTOR, name="Elm Park", place_type="park_green_space")
    assert registered.linked == 1
    rows = page_of_place(store, LOCAL_ACTOR, registered.place_id, page=1, size=25)
    assert [row["is_inside"] for row in rows] == [False]
    assert open_place(store, LOCAL_ACTOR, _only(store)).reports_n == _only(store).incidents == 1


def test_a_new_boundary_is_a_new_version(store: Store) -> None:
    place_id = _register(store)
    drawn = boundary_around(store, LOCAL_ACTOR, POINT, 150)
    assert redraw_boundary(store, LOCAL_ACTOR, place_id, drawn, origin="test") == 2
    kept = open_place(store, LOCAL_ACTOR, _only(store)).boundary
    assert kept is not None
    assert kept.area == pytest.approx(drawn.area, rel=1e-6)


def test_corners_that_cross_are_refused(store: Store) -> None:
    square = ["400000, 300000", "400100, 300100", "400100, 300000", "400000, 300100"]
    with pytest.raises(RefusedInput, match="cross"):
        boundary_of_corners(store, LOCAL_ACTOR, "\n".join(square))
    good = boundary_of_corners(store, LOCAL_ACTOR, "\n".join([square[0], square[2], square[1], square[3]]))
    assert good.area == pytest.approx(10_000, rel=1e-3)


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"type": "Point", "coordinates": [-2, 52]}, "no polygon"),
        ({"type": "Polygon", "coordinates": [[[400000, 300000], [400100, 300000], [400100, 300100], [400000, 300000]]]},
         "longitude and latitude"),
        ({"type": "Polygon", "coordinates": [[[-2, 52], [-1, 52], [-1, 53], [-2, 52]]]}, "at most"),
        ({"type": "Polygon"}, "cannot|can be read"),
        ([], "can be read"),
    ],
)  # fmt: skip
def test_a_file_that_holds_no_boundary_is_refused_in_words(document: object, said: str) -> None:
    with pytest.raises(RefusedInput, match=said):
        boundary_of_geojson(json.dumps(document).encode())


def test_a_refuge_is_never_put_on_the_register(store: Store) -> None:
    with pytest.raises(RefusedInput, match="protected"):
        register_place(store, LOCAL_ACTOR, name="A house", place_type="care_or_supported_accommodation")


def test_a_name_with_a_telephone_number_is_refused(store: Store) -> None:
    with pytest.raises(RefusedInput, match="personal"):
        register_place(store, LOCAL_ACTOR, name="Kiosk 07700 900123", place_type="other")


def test_the_map_of_a_place_says_what_it_shows_and_since_when(
    open_page: OpenPage, store: Store, tmp_path: Path
) -> None:
    import_rows(store, tmp_path, [report_row(), report_row(date="2024-05-01", note="two"), report_row(kind="strength")])
    place_id = _register(store)
    app = open_page("places")
    assert "Counts are of all dates." in words(app)
    app.session_state["places_open"] = str(place_id)
    said = words(shown(app.run()))
    assert "Showing 1 of 1 strength and 2 of 2 incidents, Elm Park, 14 April to 1 May 2024 (all dates)" in said
    assert "100% located" in said
    assert "Effort: not recorded." in said


def _register(store: Store) -> UUID:
    boundary = boundary_around(store, LOCAL_ACTOR, POINT, 100)
    return register_place(
        store, LOCAL_ACTOR, name="Elm Park", place_type="park_green_space", boundary=boundary, origin="test"
    ).place_id


def _only(store: Store) -> PlaceSummary:
    (place,) = list_register(store, LOCAL_ACTOR)
    return place
