import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.errors import UserError
from cs_geo.hotspots.parameters import MAY_BE_INCLUDED, HotspotParameters, LeftOut


def test_the_defaults_are_a_walkable_block_and_ten_reports():
    defaults = HotspotParameters()
    assert (defaults.radius_m, defaults.min_reports) == (150.0, 10)
    assert (defaults.max_area_m2, defaults.min_places) == (500_000.0, 3)
    assert defaults.include == ()


@given(
    radius_m=st.floats(20, 380),
    min_reports=st.integers(3, 1_000),
    include=st.lists(st.sampled_from(sorted(MAY_BE_INCLUDED))).map(tuple),
)
def test_settings_survive_being_kept_with_a_run(radius_m, min_reports, include):
    settings = HotspotParameters(radius_m=radius_m, min_reports=min_reports, include=include)
    assert HotspotParameters.from_json(json.loads(json.dumps(settings.to_json()))) == settings


def test_a_whole_number_of_metres_is_the_same_setting_as_its_decimal():
    assert HotspotParameters(radius_m=150).to_json() == HotspotParameters(radius_m=150.0).to_json()


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("radius_m", 0, "radius must be a number from 20 to 1,000 m"),
        ("radius_m", float("nan"), "radius must be"),
        ("radius_m", 5_000, "radius must be"),
        ("radius_m", "150", "radius must be"),
        ("min_reports", 2, "smallest number of reports must be a whole number from 3"),
        ("min_reports", 10.5, "a whole number"),
        ("min_reports", True, "a whole number"),
        ("min_places", 2, "smallest number of places"),
        ("max_area_m2", 0, "largest area"),
    ],
)
def test_a_setting_out_of_range_is_refused_with_the_range(name, value, said):
    with pytest.raises(UserError, match=said):
        HotspotParameters(**{name: value})


def test_a_radius_whose_disc_is_larger_than_the_largest_area_is_refused_with_one_that_fits():
    # A disc of 400 m is 0.50 km², and a drawn disc a little more.
    with pytest.raises(UserError, match="Choose a radius up to 389 m"):
        HotspotParameters(radius_m=400)
    assert HotspotParameters(radius_m=389).radius_m == 389


def test_protected_locations_cannot_be_switched_on():
    with pytest.raises(UserError, match="protected_location cannot be switched on"):
        HotspotParameters(include=(LeftOut.PROTECTED_LOCATION,))


def test_an_unknown_setting_is_named():
    with pytest.raises(UserError, match="No such hotspot setting: eps"):
        HotspotParameters.from_json({"eps": 100})
