from typing import Any

from cs_geo.maps.captions import NOT_DANGER
from cs_geo.maps.legend import legend
from cs_geo.reports.report import Kind
from cs_geo.words.escaping import unescape_text


def entries(said: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {unescape_text(entry["text"]): entry for group in said["groups"] for entry in group["entries"]}


def test_the_legend_states_each_class_and_that_darker_is_not_more_dangerous() -> None:
    said = legend((1, 5, 20))
    assert {"1–4", "5–19", "20+"} <= set(entries(said))
    assert [unescape_text(note) for note in said["notes"]] == [NOT_DANGER]


def test_areas_say_that_they_are_not_yet_tested_against_chance() -> None:
    assert "Reports are concentrated here; not yet tested against chance" in entries(legend((1,), hotspots=True))


def test_only_what_is_on_the_map_is_in_the_legend() -> None:
    bare = legend((1, 5), reports=False, strengths=False)
    assert entries(bare) == {}
    assert "Several reports at one spot" not in entries(legend((1, 5)))
    assert any("All recorded crime, all ages" in text for text in entries(legend((1, 5), published=True)))


def test_strengths_are_a_ring_and_reports_are_not() -> None:
    shapes = {text: entry["shape"] for text, entry in entries(legend((1, 5), hotspots=True, spots=True)).items()}
    assert shapes.pop("Strength: what helps here") == "ring"
    assert "ring" not in shapes.values()


def test_classes_stand_only_with_hexagons_and_points_only_with_points() -> None:
    said = legend((1, 5))
    assert said["groups"][0]["maxzoom"] + 1 == entries(said)["Incident (larger: several)"]["minzoom"] == 13


def test_each_kind_on_the_map_has_a_shape_of_its_own_and_no_other_is_named() -> None:
    said = entries(legend((1,), kinds=(Kind.INCIDENT, Kind.CONCERN)))
    assert said["Incident (larger: several)"]["shape"] != said["Concern (larger: several)"]["shape"]
    assert "Outreach note (larger: several)" not in said


def test_hexagons_say_that_they_tell_one_kind() -> None:
    assert legend((1,), kinds=(Kind.CONCERN,))["groups"][0]["title"] == "Concerns in one hexagon"
    assert legend((1,), kinds=(Kind.INCIDENT, Kind.CONCERN))["groups"][0]["title"] == (
        "Reports of the kind that has most in one hexagon"
    )


def test_a_map_without_reports_does_not_say_reports_received() -> None:
    said = legend((1,), reports=False)
    assert said["title"] == "On this map"
    assert said["notes"] == []
