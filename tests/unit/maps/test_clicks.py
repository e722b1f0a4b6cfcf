from cs_geo.maps.clicks import RETURNED_OBJECTS, Click, read_click

GROUND = {"lat": 51.1, "lng": -5.7}
AREA = {"type": "Feature", "properties": {"layer": "hotspots", "rank": 3, "text": "Candle Lane: 9 reports"}}


def answer(**given: object) -> dict[str, object]:
    return dict.fromkeys(RETURNED_OBJECTS) | given


def test_nothing_is_chosen_before_the_first_click() -> None:
    assert read_click(None) is None
    assert read_click(answer()) is None
    assert read_click({}) is None


def test_a_click_on_an_area_names_its_rank() -> None:
    clicked = answer(last_clicked=GROUND, last_object_clicked=GROUND, last_active_drawing=AREA)
    assert read_click(clicked) == Click(-5.7, 51.1, layer="hotspots", rank=3)


def test_a_later_click_on_open_ground_forgets_the_area() -> None:
    later = {"lat": 51.2, "lng": -5.7}
    clicked = answer(last_clicked=later, last_object_clicked=GROUND, last_active_drawing=AREA)
    assert read_click(clicked) == Click(-5.7, 51.2)


def test_a_drawing_that_is_not_ours_is_open_ground() -> None:
    clicked = answer(last_clicked=GROUND, last_object_clicked=GROUND, last_active_drawing={"properties": None})
    assert read_click(clicked) == Click(-5.7, 51.1)


def test_a_page_never_asks_for_bounds_or_zoom_which_would_run_it_on_every_pan() -> None:
    assert not {"bounds", "zoom", "center"} & set(RETURNED_OBJECTS)
