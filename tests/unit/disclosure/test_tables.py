from datetime import date

import pandas as pd
import pytest

from cs_geo.disclosure.harm_groups import Level, load_harm_groups
from cs_geo.disclosure.releases import check_release
from cs_geo.disclosure.tables import tabulate_quarter
from cs_geo.errors import NotAvailable
from cs_geo.settings import data_folder

GROUPS = load_harm_groups(data_folder())
SPRING = date(2026, 4, 1)
WARDS = {"A": frozenset({"a"}), "B": frozenset({"b"})}


def reports(**counts):
    """So many reports of a harm in a ward: ``A_damage=12``."""
    rows = []
    for name, n in counts.items():
        ward, harm = name.split("_", 1)
        rows += [{"kind": "incident", "occurred_on": date(2026, 5, 3), "ward": ward, "harm_types": (harm,)}] * n
    return pd.DataFrame(rows).assign(district="D")


def table(of, level=Level.WARD, areas=WARDS, today=date(2026, 7, 31), quarter=SPRING):
    return tabulate_quarter(of, GROUPS, kind="incident", quarter=quarter, level=level, areas=areas, today=today)


def test_every_area_and_every_group_has_its_place_whatever_was_reported():
    shown = table(reports(A_damage=12)).table.shown
    assert shown.index.tolist() == ["A", "B", "all"]
    assert shown.loc["A", "surroundings"] == 10
    assert shown.loc["B", "violence_and_weapons"] == 0
    assert "exploitation" not in shown.columns
    assert "presence_only" not in shown.columns


def test_guarded_harm_is_in_the_districts_table_only():
    of = reports(A_damage=30, B_damage=30, A_sexual_exploitation=12, B_hate_or_discrimination=14)
    by_ward, by_district = table(of), table(of, Level.DISTRICT, {"D": frozenset("ab")})
    assert by_ward.table.shown.loc["all", "all"] == 60
    assert by_ward.by_district_only == 26
    assert by_district.table.shown.loc["D", ["exploitation", "hate", "all"]].tolist() == [10, 15, 85]


def test_a_harm_that_a_site_added_is_told_by_district():
    by_district = table(reports(A_added=8, A_damage=20), Level.DISTRICT, {"D": frozenset("ab")})
    assert by_district.table.shown.loc["D", "other"] == 10


def test_reports_read_are_counted_by_district_only_never_told_or_outside():
    made = table(reports(A_damage=7, A_sexual_exploitation=2, B_presence_only=3, C_damage=4))
    assert (made.read, made.counted, made.by_district_only, made.never_told, made.outside) == (16, 7, 2, 3, 4)


def test_only_reports_of_the_kind_and_quarter_are_counted():
    of = reports(A_damage=9, B_damage=8)
    of.loc[0, "kind"] = "concern"
    of.loc[1, "occurred_on"] = date(2026, 3, 31)
    of.loc[2, "occurred_on"] = date(2026, 7, 1)
    assert table(of).counted == 14


def test_a_quarter_is_published_a_month_after_its_end_and_not_before():
    with pytest.raises(NotAvailable, match="April to June 2026 may be published from 30 July 2026 on"):
        table(reports(A_damage=7), today=date(2026, 7, 29))
    with pytest.raises(NotAvailable, match="LSOAs, wards and districts"):
        table(reports(A_damage=7), Level.CELL)


def test_a_district_less_its_wards_is_refused_where_little_guarded_harm_is_left():
    of = reports(A_damage=30, B_damage=30, A_sexual_exploitation=8, B_hate_or_discrimination=7)
    by_ward, by_district = table(of), table(of, Level.DISTRICT, {"D": frozenset("ab")})
    assert check_release(by_district.release, [by_ward.release]) == ()
    few = reports(A_damage=30, B_damage=30, A_sexual_exploitation=3)
    found = check_release(table(few, Level.DISTRICT, {"D": frozenset("ab")}).release, [table(few).release])
    # Its own table keeps the 3 back; the total of all harm less that of the wards would tell them.
    assert {one.number.name.split(", ")[2] for one in found} == {"all"}
