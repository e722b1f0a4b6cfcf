"""What an import says before anything else: the wrong area, a mistyped source, rows that came from another source."""

from pathlib import Path

import geopandas as gpd
import pytest
from shapely.geometry import box

from cs_geo.access.actor import LOCAL_ACTOR
from cs_geo.reports.selection import Selection
from cs_geo.store.areas import replace_areas
from cs_geo.store.opening import Store
from cs_geo.store.reports import count_reports
from cs_geo.workflows.place_reports import MatchRate, match_rate
from cs_geo.workflows.read_reports import similar_sources
from tests.sheets import EASTING, NORTHING, import_rows, report_row

FAR = {"easting": EASTING + 50_000, "northing": NORTHING}


@pytest.fixture
def study_area(store: Store) -> None:
    area = box(EASTING - 1000, NORTHING - 1000, EASTING + 1000, NORTHING + 1000)
    areas = gpd.GeoDataFrame(
        {"reference": ["H"], "name": ["Harrowmere"], "was_mended": [False]}, geometry=[area], crs=27700
    )
    with store.begin(LOCAL_ACTOR) as connection:
        replace_areas(connection, "study", areas, source="test", actor="test")


@pytest.mark.usefixtures("study_area")
def test_a_file_wholly_outside_the_study_area_asks_whether_it_is_the_right_file(store: Store, tmp_path: Path) -> None:
    rows = [report_row(**FAR, location=""), report_row(**FAR, location="", note="Broken glass")]
    for dry_run in (True, False):
        outcome = import_rows(store, tmp_path, rows, dry_run=dry_run)
        assert outcome.cautions == ("All rows lie outside Harrowmere: is this the right file?",)
        assert (outcome.matched, outcome.outside) == (2, 2)


@pytest.mark.usefixtures("study_area")
def test_a_file_mostly_outside_the_study_area_says_how_many_rows_are(store: Store, tmp_path: Path) -> None:
    rows = [report_row(**FAR, location="", note=str(number)) for number in range(2)] + [report_row()]
    (said,) = import_rows(store, tmp_path, rows, dry_run=True).cautions
    assert said == "2 of 3 rows lie outside Harrowmere: is this the right file?"


@pytest.mark.usefixtures("study_area")
def test_one_row_over_the_border_is_no_caution_and_not_located(store: Store, tmp_path: Path) -> None:
    rows = [report_row(**FAR, location=""), report_row(), report_row(note="Broken glass")]
    assert import_rows(store, tmp_path, rows).cautions == ()
    with store.begin(LOCAL_ACTOR) as connection:
        counts = count_reports(connection, Selection())
    assert (counts.reports, counts.located, counts.outside) == (3, 2, 1)
    assert "2 of 3 reports are located (66%)." in match_rate(store, LOCAL_ACTOR).sentence()
    assert "1 lies outside the study area" in match_rate(store, LOCAL_ACTOR).sentence()


def test_a_share_is_never_rounded_up_to_all() -> None:
    assert "(99%)" in MatchRate(59_107, 59_081, 26, 0, 0).sentence()
    assert "(100%)" in MatchRate(59_107, 59_107, 0, 0, 0).sentence()


def test_a_new_source_named_almost_like_a_known_one_is_said(store: Store, tmp_path: Path) -> None:
    import_rows(store, tmp_path, [report_row()], source="Schools")
    outcome = import_rows(store, tmp_path, [report_row(note="Broken glass")], source="Schols", dry_run=True)
    assert any("Did you mean “Schools”?" in note for note in outcome.notes)
    assert not any("Did you mean" in note for note in import_rows(store, tmp_path, [report_row()]).notes)


def test_rows_that_equal_those_of_another_source_are_said(store: Store, tmp_path: Path) -> None:
    rows = [report_row(note=str(number)) for number in range(4)]
    import_rows(store, tmp_path, rows, source="Harbour Street School")
    (said,) = import_rows(store, tmp_path, rows, source="Youth work", dry_run=True).cautions
    assert "equal reports of “Harbour Street School”" in said
    assert import_rows(store, tmp_path, [report_row(note="new")], source="Youth work", dry_run=True).cautions == ()


def test_names_that_are_alike_are_found_and_the_same_name_in_other_letters_first(store: Store, tmp_path: Path) -> None:
    for number, name in enumerate(("Schools", "Housing estates")):
        import_rows(store, tmp_path, [report_row(note=str(number))], source=name)
    assert similar_sources(store, LOCAL_ACTOR, "Schols") == ["Schools"]
    assert similar_sources(store, LOCAL_ACTOR, "housing  ESTATES") == ["Housing estates"]
    assert similar_sources(store, LOCAL_ACTOR, "Fire service") == []
