"""Releases checked against earlier ones, on ground of a few pieces, and an attacker who subtracts everything."""

from datetime import date, timedelta
from itertools import combinations

import numpy as np
import pytest

from cs_geo.disclosure.releases import Number, Release, check_release
from cs_geo.disclosure.rules import Audience
from cs_geo.words.wording import suggest_wording

JANUARY, MARCH = date(2026, 1, 1), date(2026, 3, 31)


def number(area, reports_n, *, days=(JANUARY, MARCH), told=True, **values):
    restricted = frozenset((name, frozenset(value.split())) for name, value in values.items())
    return Number(f"area {area}", frozenset(area), *days, restricted, reports_n, told)


def release(table, *numbers, audience=Audience.PUBLIC, on=date(2026, 5, 1)):
    return Release(table, on, audience, numbers)


def test_an_area_less_a_part_of_it_is_refused_where_few_are_left():
    wards = release("by ward", number("abcd", 30))
    (found,) = check_release(release("by school zone", number("abc", 27)), [wards])
    assert (found.larger.table, found.smaller.table) == ("by ward", "by school zone")
    assert check_release(release("by school zone", number("abc", 24)), [wards]) == ()


def test_the_finding_names_both_tables_and_no_count():
    (found,) = check_release(release("by school zone", number("abc", 27)), [release("by ward", number("abcd", 30))])
    assert "“by ward” of 1 May 2026" in str(found)
    assert "“by school zone” of 1 May 2026" in str(found)
    assert "27" not in str(found)
    assert "30" not in str(found)
    assert suggest_wording(str(found)) == ()


def test_it_does_not_matter_which_of_two_tables_came_first():
    larger, smaller = release("larger", number("abcd", 30)), release("smaller", number("abc", 27))
    assert len(check_release(larger, [smaller])) == len(check_release(smaller, [larger])) == 1


def test_a_longer_window_less_a_shorter_one_is_refused_where_few_are_left():
    quarter = release("quarter", number("a", 30))
    two_months = (JANUARY, date(2026, 2, 28))
    assert len(check_release(release("two months", number("a", 28, days=two_months)), [quarter])) == 1
    assert check_release(release("two months", number("a", 20, days=two_months)), [quarter]) == ()


def test_all_harm_less_one_group_is_refused_where_few_are_left():
    everything = release("all", number("a", 30, kind="incident"))
    damage = number("a", 27, kind="incident", harm="damage noise")
    assert len(check_release(release("damage", damage), [everything])) == 1
    of_another_kind = number("a", 27, kind="concern", harm="damage noise")
    assert check_release(release("damage", of_another_kind), [everything]) == ()


def test_the_same_number_told_again_is_refused_where_a_few_reports_came_in_late():
    first = release("quarter", number("a", 30))
    assert len(check_release(release("quarter", number("a", 33), on=date(2026, 6, 1)), [first])) == 1
    assert len(check_release(release("quarter", number("a", 27), on=date(2026, 6, 1)), [first])) == 1  # or withdrawn
    assert check_release(release("quarter", number("a", 30)), [first]) == ()
    assert check_release(release("quarter", number("a", 36)), [first]) == ()


def test_a_ward_less_its_published_parts_is_refused_where_few_are_left():
    parts = release("by LSOA", number("a", 10), number("b", 12), number("c", 3, told=False))
    (found,) = check_release(release("by ward", number("abc", 25)), [parts])
    assert [one.name for one in found.less] == ["area a", "area b"]
    more = release("by LSOA", number("a", 10), number("b", 12), number("c", 3, told=False), number("d", 5, told=False))
    assert check_release(release("by ward", number("abcd", 30)), [more]) == ()


def test_a_total_in_a_table_does_not_hide_what_its_parts_give_away():
    parts = release("by LSOA", number("abc", 25), number("a", 10), number("b", 12), number("c", 3, told=False))
    (found,) = check_release(parts, [])
    assert found.number.name == "area abc"


def test_a_quarter_less_its_published_months_is_refused_where_few_are_left():
    ends = [date(2026, 1, 31), date(2026, 2, 28), MARCH]
    months = [
        number("a", n, days=(end.replace(day=1), end), told=n > 5) for end, n in zip(ends, [9, 9, 2], strict=True)
    ]
    assert len(check_release(release("quarter", number("a", 20)), [release("months", *months)])) == 1


def test_areas_that_only_overlap_are_not_compared():
    assert check_release(release("one", number("abc", 30)), [release("other", number("bcd", 28))]) == ()


def test_a_suppressed_number_is_subtracted_from_nothing():
    assert check_release(release("one", number("abcd", 30)), [release("other", number("ab", 28, told=False))]) == ()


def test_a_partner_may_be_left_with_five_and_the_public_not():
    def left_with_five(audience):
        earlier = release("larger", number("ab", 15), audience=audience)
        return check_release(release("smaller", number("a", 10), audience=audience), [earlier])

    assert len(left_with_five(Audience.PUBLIC)) == 1
    assert left_with_five(Audience.PARTNER) == ()


def test_nothing_released_is_nothing_found():
    assert check_release(release("empty"), []) == ()


# --- Random releases --------------------------------------------------------------------------------------------------

PIECES = [f"{x},{y}" for x in range(6) for y in range(6)]
KINDS = ["incident", "concern", "outreach"]


def random_numbers(random, n, reports):
    """Rectangles of pieces, windows and kinds, told with their true counts."""
    numbers = []
    for _ in range(n):
        (x0, x1), (y0, y1) = np.sort(random.integers(0, 6, (2, 2)), axis=1)
        start, end = np.sort(random.integers(0, 2, 2)).tolist()
        kinds = set(random.choice(KINDS, random.integers(1, 4), replace=False).tolist())
        area = frozenset(f"{x},{y}" for x in range(x0, x1 + 1) for y in range(y0, y1 + 1))
        filter_ = frozenset() if len(kinds) == 3 else frozenset({("kind", frozenset(kinds))})
        count = sum(1 for at, week, kind in reports if at in area and start <= week <= end and kind in kinds)
        days = [JANUARY + timedelta(weeks=start), JANUARY + timedelta(weeks=end, days=6)]
        numbers.append(Number(f"{len(numbers)}", area, *days, filter_, count, count > 5))
    return numbers


def what_a_number_counts(one):
    weeks = range((one.first_day - JANUARY).days // 7, (one.last_day - JANUARY).days // 7 + 1)
    kinds = dict(one.filter).get("kind", KINDS)
    return frozenset((at, week, kind) for at in one.area for week in weeks for kind in kinds)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.trust("E5", figure="10,000 pairs, 0 small counts")
def test_of_ten_thousand_random_pairs_those_that_give_a_small_count_are_refused_and_no_others(seed):
    random = np.random.default_rng(seed)
    reports = [
        (PIECES[at], week, KINDS[kind])
        for at, week, kind in zip(
            random.integers(0, 36, 150), random.integers(0, 2, 150), random.integers(0, 3, 150), strict=True
        )
    ]
    numbers = random_numbers(random, 142, reports)  # 142 × 141 / 2 = 10,011 pairs
    table = release("random", *numbers)
    counts = [what_a_number_counts(one) for one in numbers]
    expected = {
        frozenset((i, j))
        for i, j in combinations(range(len(numbers)), 2)
        if numbers[i].told
        and numbers[j].told
        and (counts[i] <= counts[j] or counts[j] <= counts[i])
        and 1 <= abs(numbers[i].reports_n - numbers[j].reports_n) <= 5  # the whole has no fewer than its part
    }
    found = check_release(table, [])
    assert {frozenset((int(one.number.name), int(one.less[0].name))) for one in found if len(one.less) == 1} == expected
    assert expected, "a seed in which nothing is small proves nothing"
    for one in found:  # whatever is found is no false alarm: the parts lie inside, apart, and leave few
        whole, parts = counts[int(one.number.name)], [counts[int(part.name)] for part in one.less]
        assert all(part <= whole for part in parts)
        assert len(frozenset().union(*parts)) == sum(map(len, parts))
        assert 1 <= one.number.reports_n - sum(part.reports_n for part in one.less) <= 5


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.trust("E5", figure="0 small counts")
def test_whoever_keeps_every_release_and_subtracts_any_two_numbers_obtains_no_small_count(seed):
    random = np.random.default_rng(100 + seed)
    reports = [
        (PIECES[at], week, KINDS[kind])
        for at, week, kind in zip(
            random.integers(0, 36, 300), random.integers(0, 2, 300), random.integers(0, 3, 300), strict=True
        )
    ]
    released = []
    for n in range(80):
        (one,) = random_numbers(random, 1, reports)
        new = release(f"table {n}", one)
        if not check_release(new, released):
            released.append(new)
    told = [of.numbers[0] for of in released if of.numbers[0].told]
    assert len(told) > 12
    counts = [what_a_number_counts(one) for one in told]
    obtained = [
        one.reports_n - other.reports_n
        for one, whole in zip(told, counts, strict=True)
        for other, part in zip(told, counts, strict=True)
        if part <= whole
    ]
    assert [n for n in obtained if 1 <= n <= 5] == []
