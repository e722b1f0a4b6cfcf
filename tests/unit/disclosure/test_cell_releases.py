from datetime import date

import geopandas as gpd
import numpy as np
import pytest

from cs_geo.crs import storage_epsg
from cs_geo.disclosure.cell_releases import record_cells, release_cells
from cs_geo.disclosure.cells import ALL, TOGETHER, Withheld, count_by_cell
from cs_geo.disclosure.harm_groups import load_harm_groups
from cs_geo.disclosure.releases import check_release
from cs_geo.settings import data_folder

GROUPS = load_harm_groups(data_folder())
SPRING = date(2026, 4, 1)
DAYS = (SPRING, date(2026, 6, 30))


def counted(**cells):
    """Incidents in cells: ``at_0=["damage"] * 5``."""
    rows = [(int(name.split("_")[1]) + 10, harm) for name, harms in cells.items() for harm in harms]
    return count_by_cell(
        gpd.GeoDataFrame(
            {"kind": "incident", "ward": "A", "harm_types": [(harm,) for _, harm in rows]},
            geometry=gpd.points_from_xy([x for x, _ in rows], [10] * len(rows)),
            crs=storage_epsg(),
        ),
        GROUPS,
    )


def release(counts, earlier=()):
    return release_cells(counts, GROUPS, earlier, days=DAYS, restricted_to={}, today=SPRING)


def test_a_cell_that_a_late_report_changed_is_left_out_and_counted():
    _, before = release(counted(at_0=["damage"] * 9, at_50=["damage"] * 7))
    counts, record = release(counted(at_0=["damage"] * 10, at_50=["damage"] * 7), [before])
    assert counts.cells["cell"].tolist() == ["50_0_A"]
    assert counts.withheld == {Withheld.TOLD_BEFORE: 10}
    assert counts.read == counts.in_cells + sum(counts.withheld.values()) == 17
    assert check_release(record, [before]) == ()


def test_all_of_a_cell_goes_where_one_harm_of_it_changed():
    _, before = release(counted(at_0=["damage"] * 9 + ["weapon_seen_found"] * 8))
    changed = counted(at_0=["damage"] * 11 + ["weapon_seen_found"] * 8)
    assert release(changed, [before])[0].counts.empty


def test_what_was_told_before_and_has_not_changed_is_told_again():
    counts = counted(at_0=["damage"] * 9, at_50=["damage"] * 3)
    _, before = release(counts)
    again, _ = release(counts, [before])
    assert again.counts.equals(counts.counts)
    assert again.withheld == {}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.trust("E5", figure="0 small differences")
def test_week_after_week_of_cells_leave_no_small_difference(seed):
    random = np.random.default_rng(seed)
    harms = {f"at_{50 * n}": ["damage"] * int(random.integers(0, 12)) for n in range(8)}
    released = []
    for _ in range(6):
        for cell in random.choice(list(harms), 3):
            harms[cell] = [*harms[cell], *random.choice(["damage", "weapon_seen_found"], random.integers(1, 8))]
        released.append(release(counted(**harms), released)[1])
    told = [(number.area, number.filter, number.reports_n) for of in released for number in of.numbers]
    differences = [n - m for area, harm, n in told for ground, group, m in told if (area, harm) == (ground, group)]
    assert [n for n in differences if 1 <= n <= 4] == []


def test_the_record_of_cells_says_what_is_told_together():
    harms = ["damage"] * 9 + ["weapon_seen_found"] * 8 + ["unclear"] * 3
    counts = counted(at_0=harms)
    release = record_cells(counts, GROUPS, days=DAYS, restricted_to={"source_type": ["parks"]}, today=SPRING)
    values = {one.name.split(", ")[2].replace(" ", "_"): dict(one.filter) for one in release.numbers}
    assert set(values) == {ALL, "surroundings", TOGETHER}
    assert values[TOGETHER]["harm_group"] == values[ALL]["harm_group"] - {"surroundings"}
    assert values[ALL]["source_type"] == {"parks"}
    assert check_release(release, []) == ()
