from cs_geo.maps import basemap, style


def test_every_rule_names_a_source_a_layer_and_how_it_is_drawn() -> None:
    paint = basemap.basemap_paint() + basemap.report_paint((1, 5)) + basemap.published_paint((1, 5))
    assert all(rule["source"] in {"basemap", "reports", "published"} and rule["layer"] for rule in paint)
    assert {rule["draw"] for rule in paint} == {"area", "line", "classes", "dots", "rings"}


def test_reports_are_painted_over_the_basemap_and_strengths_over_reports() -> None:
    layers = [rule["layer"] for rule in basemap.basemap_paint() + basemap.report_paint((1, 5))]
    assert layers.index("streets") < layers.index("cells") < layers.index("points") < layers.index("strengths")


def test_strengths_and_helpful_places_are_rings_and_can_be_turned_off_together() -> None:
    rings = [rule for rule in basemap.report_paint((1,)) if rule["draw"] == "rings"]
    assert {rule["layer"] for rule in rings} == {"strengths", "amenities"}
    assert {rule["stroke"] for rule in rings} == {style.STRENGTH}
    assert not [rule for rule in basemap.report_paint((1,), show_strengths=False) if rule["draw"] == "rings"]
    assert not [rule for rule in basemap.names(show_strengths=False) if rule["fill"] == style.STRENGTH]


def test_each_class_of_a_hexagon_has_its_colour() -> None:
    cells = basemap.report_paint((1, 5, 20))[0]
    assert cells["breaks"] == [1, 5, 20]
    assert len(cells["fills"]) == 3


def test_published_police_data_is_grey_and_never_the_colour_of_reports() -> None:
    colours = [colour for rule in basemap.published_paint((1, 5)) for colour in rule.get("fills", [rule.get("fill")])]
    assert not set(colours) & {*style.REPORTS, *(colour for _, colour in style.POINTS.values())}


def test_every_kind_of_report_has_its_own_shape_and_colour() -> None:
    points = [rule for rule in basemap.report_paint((1,)) if rule["layer"] == "points"]
    assert sorted(kind for rule in points for kind in rule["kinds"]) == ["concern", "incident", "outreach"]
    assert len({rule["shape"] for rule in points}) == len({rule["fill"] for rule in points}) == 3


def test_schools_and_shops_are_not_named_on_the_map() -> None:
    kinds = {kind for rule in basemap.names() if rule["layer"] == "amenities" for kind in rule["kinds"]}
    assert kinds == {"youth_venue", "library", "station"}


def test_the_attribution_is_a_link_to_follow_and_fetches_nothing() -> None:
    assert "OpenStreetMap" in basemap.ATTRIBUTION
    assert "<img" not in basemap.ATTRIBUTION
    assert "src=" not in basemap.ATTRIBUTION
