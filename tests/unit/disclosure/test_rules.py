from dataclasses import fields
from datetime import date

import pytest

from cs_geo.access.actor import Tier
from cs_geo.disclosure.rules import RULES, SIGHTS, Audience, Rules, quarter_end, quarter_of


def test_every_audience_has_a_sight_and_every_tier_is_an_audience():
    assert set(SIGHTS) == set(Audience)
    assert {str(tier) for tier in Tier} <= {str(audience) for audience in Audience}


@pytest.mark.trust("E1", figure="one rule set, 0 exceptions")
def test_only_internal_sees_rows_exact_points_and_reports_at_one_spot():
    for audience, sight in SIGHTS.items():
        assert sight.rows == sight.spots == (audience is Audience.INTERNAL)
        assert (sight.place == "exact point") == (audience is Audience.INTERNAL)


@pytest.mark.trust("E1", figure="0 audiences outside")
def test_guarded_harm_goes_below_district_only_inside_and_in_a_case():
    assert {a for a, sight in SIGHTS.items() if sight.sensitive_harm} == {Audience.INTERNAL, Audience.CASE}


def test_the_public_sees_no_text_and_no_outline():
    assert SIGHTS[Audience.PUBLIC].text == "none"
    assert not SIGHTS[Audience.PUBLIC].outlines


def test_a_partner_is_told_five_and_not_four():
    assert RULES.band_count(5) == "5"
    assert RULES.band_count(1234) == "1,234"
    assert {RULES.band_count(n) for n in range(5)} == {"fewer than 5"}


@pytest.mark.parametrize("field", [field.name for field in fields(Rules)])
def test_a_site_may_make_a_rule_stricter_and_never_looser(field):
    least = getattr(RULES, field)
    assert getattr(Rules(**{field: least + 1}), field) == least + 1
    with pytest.raises(ValueError, match="never looser"):
        Rules(**{field: least - 1})


def test_the_smallest_count_that_may_be_worked_out_depends_on_the_audience():
    assert [RULES.largest_small(audience) for audience in Audience] == [0, 0, 4, 5]


def test_a_boundary_holds_eight_addresses_or_none():
    assert [n for n in range(10) if RULES.may_hold(n)] == [0, 8, 9]


def test_a_quarter_is_due_a_month_after_its_last_day():
    assert quarter_of(date(2026, 5, 31)) == date(2026, 4, 1)
    assert quarter_end(date(2026, 10, 1)) == date(2026, 12, 31)
    assert not RULES.is_due(date(2026, 1, 1), date(2026, 4, 29))
    assert RULES.is_due(date(2026, 1, 1), date(2026, 4, 30))
