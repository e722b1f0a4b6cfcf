import numpy as np
import pandas as pd
import pytest

from cs_geo.codelists import load_codelists
from cs_geo.disclosure.harm_groups import Level, load_harm_groups
from cs_geo.disclosure.rules import Audience
from cs_geo.errors import RefusedInput
from cs_geo.settings import data_folder

GROUPS = load_harm_groups(data_folder())
OUTSIDE = [Audience.PARTNER, Audience.PUBLIC]
HARM_TYPES = set(load_codelists(data_folder() / "codelists")["harm_type"].codes)
GUARDED = {
    "criminal_exploitation",
    "sexual_exploitation",
    "sexual_harassment_or_harmful_sexual_behaviour",
    "hate_or_discrimination",
    "radicalisation_worry",
}


@pytest.mark.parametrize("audience", OUTSIDE)
def test_every_harm_type_has_a_group_for_everybody_outside_and_no_other_has(audience):
    assert set(GROUPS.groups[audience]) == HARM_TYPES


@pytest.mark.parametrize("audience", OUTSIDE)
@pytest.mark.parametrize("harm", sorted(GUARDED))
def test_guarded_harm_is_never_told_below_district(harm, audience):
    assert GROUPS.groups[audience][harm].lowest >= Level.DISTRICT


@pytest.mark.parametrize("audience", OUTSIDE)
@pytest.mark.parametrize("beside", sorted(HARM_TYPES))
def test_a_second_harm_never_brings_a_guarded_one_below_district(beside, audience):
    for harms in [(beside, "sexual_exploitation"), ("sexual_exploitation", beside)]:
        assert GROUPS.place(harms, audience).lowest >= Level.DISTRICT


def test_nobody_is_told_a_finer_area_in_public_than_a_partner():
    partner, public = (GROUPS.groups[audience] for audience in OUTSIDE)
    assert all(public[harm].lowest >= partner[harm].lowest for harm in HARM_TYPES)
    assert min(group.lowest for group in public.values()) > Level.CELL


def test_young_people_merely_present_are_in_no_public_table():
    assert GROUPS.place(("presence_only",), Audience.PUBLIC).lowest is Level.NEVER


def test_a_harm_the_file_does_not_know_is_told_by_district_only():
    placed = GROUPS.place(("damage", "added_by_the_site"), Audience.PARTNER)
    assert (placed.group, placed.lowest) == ("other", Level.DISTRICT)


def test_a_case_sees_the_harm_itself():
    assert GROUPS.place(("sexual_exploitation",), Audience.CASE).group == "sexual_exploitation"


def test_every_report_is_placed_once_and_one_without_harm_too():
    harms = pd.Series([("damage",), (), ["weapon_seen_found", "damage"], None], index=[7, 5, 3, 1])
    placed = GROUPS.place_all(harms, Audience.PARTNER)
    assert placed["group"].to_dict() == {7: "surroundings", 5: "none_given", 3: "violence_and_weapons", 1: "none_given"}
    assert placed["lowest"].tolist() == [1, 1, 1, 1]


@pytest.mark.parametrize(
    "held",
    [
        ("hate_or_discrimination",),
        ["hate_or_discrimination"],
        np.array(["hate_or_discrimination"], dtype=object),
        {"hate_or_discrimination"},
        "hate_or_discrimination",
        "damage; hate_or_discrimination",
    ],
    ids=["tuple", "list", "array", "set", "text", "several in a text"],
)
def test_guarded_harm_stays_guarded_however_its_references_are_held(held):
    assert GROUPS.place_all(pd.Series([held]), Audience.PARTNER)["lowest"].tolist() == [Level.DISTRICT]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("damage,partner,a,street", "lowest area"),
        ("damage,nobody,a,cell", "tier"),
        ("weapon,partner,a,cell", "twice"),
        ("damage,partner,a,ward", "two lowest areas"),
    ],
)
def test_a_file_that_contradicts_itself_is_refused_with_the_line(tmp_path, line, message):
    folder = tmp_path / "disclosure"
    folder.mkdir()
    (folder / "harm_groups.csv").write_text(f"reference,tier,group,lowest_area\nweapon,partner,a,cell\n{line}\n")
    with pytest.raises(RefusedInput, match=f"line 3.*{message}"):
        load_harm_groups(tmp_path)
