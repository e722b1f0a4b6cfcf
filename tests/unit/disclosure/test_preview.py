from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest

from cs_geo.crs import storage_epsg
from cs_geo.disclosure.cells import count_by_cell
from cs_geo.disclosure.harm_groups import Level, load_harm_groups
from cs_geo.disclosure.hotspots import choose_hotspots
from cs_geo.disclosure.preview import describe_audience, preview_export
from cs_geo.disclosure.releases import Number, Release, check_release
from cs_geo.disclosure.rules import Audience
from cs_geo.disclosure.tables import tabulate_quarter
from cs_geo.settings import data_folder
from cs_geo.words.wording import suggest_wording

GROUPS = load_harm_groups(data_folder())


def points(*harms, at=(10.0, 10.0), **columns):
    table = pd.DataFrame({"kind": "incident", "ward": "A", "harm_types": [(harm,) for harm in harms]}).assign(**columns)
    xy = np.tile(at, (len(harms), 1))
    return gpd.GeoDataFrame(table, geometry=gpd.points_from_xy(*xy.T), crs=storage_epsg())


def test_a_partners_export_is_told_with_what_is_banded_and_what_is_withheld():
    reports = pd.concat([points(*["damage"] * 6), points("damage", "sexual_exploitation", at=(60, 10))])
    preview = preview_export(Audience.PARTNER, cells=count_by_cell(reports.reset_index(drop=True), GROUPS))
    assert preview.effects == (
        "7 of 8 reports are counted in 2 cells.",
        "1 count will read “fewer than 5”.",
        "1 report not in any cell: of a harm that is told by district only.",
    )
    assert preview.may_be_released


def test_hotspots_that_are_withheld_are_told_with_the_reason_and_unchecked_addresses_too():
    hotspots = gpd.GeoDataFrame(
        {"rank": [1, 2], "label": "", "reports_n": [9, 3], "days_n": 5, "sources_n": 2, "area_m2": 1.0, "chance": ""},
        geometry=gpd.points_from_xy([0, 1], [0, 1]).buffer(10),
        crs=storage_epsg(),
    )
    preview = preview_export(Audience.PARTNER, hotspots=choose_hotspots(hotspots, Audience.PARTNER))
    assert preview.effects == (
        "1 of 2 hotspots will be drawn.",
        "1 hotspot not drawn: with too few reports.",
        "No address gazetteer is loaded: boundaries are not checked for the number of addresses in them.",
    )


def test_a_public_table_is_told_with_what_is_suppressed():
    harms = ["damage"] * 30 + ["weapon_seen_found"] * 3 + ["presence_only", "hate_or_discrimination"]
    reports = points(*harms).assign(occurred_on=date(2026, 4, 14))
    table = tabulate_quarter(
        reports, GROUPS, kind="incident", quarter=date(2026, 4, 1), level=Level.WARD,
        areas={"A": frozenset("a")}, today=date(2026, 9, 1),
    )  # fmt: skip
    effects = preview_export(Audience.PUBLIC, tables=[table]).effects
    assert effects[0] == "incident by ward, April to June 2026: 33 of 35 reports are counted."
    assert "will be suppressed because they are from 1 to 5" in effects[1]
    assert effects[2].endswith("1 report not counted: of a harm that is told by district only, not by ward.")
    assert effects[3].endswith("1 report not counted: of young people merely being present.")


def test_an_export_that_tells_of_few_together_with_an_earlier_one_is_refused_by_name():
    def release(name, reports_n):
        one = Number("Elm", frozenset("a"), date(2026, 4, 1), date(2026, 6, 30), frozenset(), reports_n)
        return Release(name, date(2026, 8, 1), Audience.PUBLIC, (one,))

    preview = preview_export(Audience.PUBLIC, differences=check_release(release("new", 33), [release("old", 30)]))
    assert not preview.may_be_released
    assert "“old” of 1 August 2026" in preview.refusals[0]


@pytest.mark.parametrize("audience", Audience)
def test_what_holds_for_an_audience_is_said_in_words_the_field_uses(audience):
    lines = list(describe_audience(audience))
    assert len(lines) >= 4
    assert all(line.endswith(".") and "{" not in line for line in lines)
    assert [one.written for line in lines for one in suggest_wording(line)] == []
    assert any("by district only" in line for line in lines) == (audience in {Audience.PARTNER, Audience.PUBLIC})
