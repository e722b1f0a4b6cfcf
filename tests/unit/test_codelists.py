from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cs_geo.codelists import Code, Codelist, load_codelists
from cs_geo.errors import RefusedInput

HEAD = "reference,name,description,parent,source,start_date,end_date\n"
TODAY = date(2026, 11, 23)


def codelist(*codes: Code) -> Codelist:
    return Codelist("harm_type", {code.reference: code for code in codes})


HARMS = codelist(
    Code("noise_nuisance", "Noise or nuisance", "Noise that others found hard to live with."),
    Code("weapon_seen_found", "Weapon seen or found", "A knife or other weapon."),
    Code("anti-social-behaviour", "Anti-social behaviour", "Published category."),
    Code("old_code", "Old code", "No longer offered.", end_date=date(2013, 4, 30)),
    Code("new_code", "New code", "Not yet offered.", start_date=date(2027, 1, 1)),
    Code("unclear", "Unclear", "Not said."),
)
BANDS = codelist(Code("1_to_2", "1–2", "One or two."), Code("11_plus", "11 or more", "Many."))


@pytest.mark.parametrize(
    "text",
    [
        "noise_nuisance", "Noise nuisance", "noise-nuisance", "NOISE/NUISANCE", " noise  nuisance ",
        "Noise or nuisance", "noiseornuisance",
    ],
)  # fmt: skip
def test_a_code_is_found_by_reference_or_name_whatever_its_case_spaces_and_hyphens(text):
    found = HARMS.find_code(text)
    assert found is not None
    assert found.reference == "noise_nuisance"


def test_antisocial_is_anti_social():
    found = HARMS.find_code("Antisocial behaviour")
    assert found is not None
    assert found.reference == "anti-social-behaviour"


def test_a_text_that_is_not_on_the_list_is_never_guessed():
    for text in ("", "noise", "noise_nuisances", "nuisance noise", "!!!", "x" * 10_000):
        assert HARMS.find_code(text) is None


def test_twelve_is_not_one_to_two():
    assert BANDS.find_code("12") is None
    found = BANDS.find_code("1-2")
    assert found is not None
    assert found.reference == "1_to_2"


def test_the_nearest_codes_are_named_for_the_message():
    assert [code.reference for code in HARMS.nearest_codes("noise nuisence")] == ["noise_nuisance"]
    assert [code.reference for code in HARMS.nearest_codes("knife")] == ["weapon_seen_found"]
    assert len(HARMS.nearest_codes("something", 3)) == 3
    assert HARMS.nearest_codes("new code", today=TODAY)[0].reference != "new_code"


def test_an_ended_code_is_read_but_not_offered():
    assert HARMS.find_code("Old code") is not None
    offered = [code.reference for code in HARMS.offered_codes(TODAY)]
    assert "old_code" not in offered
    assert "new_code" not in offered
    assert "noise_nuisance" in offered


def test_what_is_not_known_has_its_own_code_where_the_list_has_one():
    assert HARMS.unclear == "unclear"
    assert codelist(Code("not_known", "Not known", "Not said.")).unclear == "not_known"
    assert BANDS.unclear == ""


@given(st.text(max_size=200))
def test_no_text_breaks_the_search(text):
    HARMS.find_code(text)
    assert len(HARMS.nearest_codes(text)) == 1


def write(folder: Path, rows: str, head: str = HEAD) -> Path:
    (folder / "kind.csv").write_text(head + rows, encoding="utf-8")
    return folder


def test_a_list_is_read_with_its_dates_and_parents(tmp_path):
    lists = load_codelists(write(tmp_path, "a,A,First.,,ours,2026-01-01,\nb,B,Second.,a,ours,,2026-06-30\n"))
    assert list(lists) == ["kind"]
    assert lists["kind"].codes["b"] == Code("b", "B", "Second.", "a", "ours", None, date(2026, 6, 30))


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ("a,A,,,,,\na,B,,,,,\n", "line 3"),
        ("a,A,,missing,,,\n", "parent"),
        ("a,A,,,,31/01/2026,\n", "line 2"),
        (",A,,,,,\n", "line 2"),
    ],
)
def test_a_faulty_list_is_refused_and_says_where(tmp_path, rows, told):
    with pytest.raises(RefusedInput, match=told):
        load_codelists(write(tmp_path, rows))


def test_a_list_without_its_columns_is_refused(tmp_path):
    with pytest.raises(RefusedInput, match="reference, name"):
        load_codelists(write(tmp_path, "a,A\n", head="reference,name\n"))
