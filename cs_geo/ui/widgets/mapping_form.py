"""Which column of a partner's file means what: recognised or guessed, shown, corrected, and saved for next time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd
import streamlit as st

from cs_geo.errors import UserError
from cs_geo.reports.columns import DATE_ORDERS, RECORDS, Profile, fits, recognise_profile
from cs_geo.reports.guessing import Guess, guess_profile
from cs_geo.reports.reading import Row
from cs_geo.reports.report import Kind
from cs_geo.settings import data_folder
from cs_geo.ui.widgets.filters import codelists, name_of
from cs_geo.ui.widgets.refusals import show_refusal
from cs_geo.ui.widgets.session import actor, store
from cs_geo.words.escaping import escape_text
from cs_geo.words.masking import mask_personal_details
from cs_geo.workflows.choose_mapping import save_mapping

GUESSED = "guessed"
USUAL = ("date", "time", "location", "postcode", "kind", "harm_types", "source_type", "reference", "note")
"""Fields shown for correction even where no column was found for them."""
USUAL_EFFORT = ("date", "time", "time_to", "location", "effort_type", "staff_count", "staff_hours")
RECORD_NAMES = {"report": "Reports", "effort": "Effort sessions (outreach, patrol)"}
ORDER_NAMES = {"dmy": "Day first (14/04/2026)", "mdy": "Month first (04/14/2026)", "ymd": "Year first (2026/04/14)"}
SHOWN_VALUES = 3


@dataclass(frozen=True, slots=True)
class Sheet:
    """The head of an uploaded table and its first rows."""

    columns: tuple[str, ...]
    sample: tuple[Row, ...]
    mark: str
    """Tells one upload from the next, so that one's corrections are not shown with another."""


@dataclass(frozen=True, slots=True)
class Mapped:
    """The mapping that is settled, and the kind of rows that do not say."""

    name: str
    kind: str
    record: str


def choose_mapping(sheet: Sheet, profiles: Mapping[str, Profile], *, source: str) -> Mapped | None:
    """Draw the mapping of a sheet; None until it is settled."""
    base, guess = _choose_base(sheet, profiles)
    known = base.name in profiles
    correcting = not known or st.toggle("Correct this mapping", key=f"correct_{sheet.mark}_{base.name}")
    if not correcting:
        _show_mapping(base, sheet)
        return Mapped(base.name, _kind_of_rows(base, sheet), base.record)
    edited = _correct(base, sheet)
    if guess and guess.personal:
        st.caption(f"Not read, because they seem to describe a person: {escape_text(', '.join(guess.personal))}.")
    if known and edited == base:
        return Mapped(base.name, _kind_of_rows(base, sheet), base.record)
    _offer_saving(edited, sheet, base if known else None, source)
    return None


def _choose_base(sheet: Sheet, profiles: Mapping[str, Profile]) -> tuple[Profile, Guess | None]:
    fitting = [name for name, profile in profiles.items() if profile.required and fits(profile, sheet.columns)]
    saved = st.session_state.get(f"saved_{sheet.mark}")
    recognised = recognise_profile(profiles, sheet.columns)
    first = saved if saved in fitting else recognised.name if recognised else GUESSED
    options = [*fitting, GUESSED]
    chosen = (
        st.selectbox(
            "Mapping",
            options,
            index=options.index(first),
            format_func=lambda name: (
                "Guess from the headings" if name == GUESSED else f"{profiles[name].title or name} · {name}"
            ),
            # Another key when one has been saved: the choice then begins at the saved one.
            key=f"mapping_{sheet.mark}_{saved}",
        )
        if fitting
        else GUESSED
    )
    if chosen != GUESSED:
        if recognised and chosen == recognised.name and not saved:
            st.caption("The columns were recognised.")
        return profiles[chosen], None
    st.caption(
        "These columns were guessed from the headings and the first rows. Look them through, put right what is wrong, "
        "and save the mapping: the partner's next file is then recognised."
    )
    guess = guess_profile(sheet.columns, sheet.sample, name=GUESSED)
    return guess.profile, guess


def _show_mapping(profile: Profile, sheet: Sheet) -> None:
    mapped = {
        field: present
        for field, names in profile.columns.items()
        if (present := [name for name in names if name in sheet.columns])
    }
    st.dataframe(
        pd.DataFrame(
            {
                "We read": [_title(field) for field in mapped],
                "From the column": [" + ".join(names) for names in mapped.values()],
                "Such as": [_examples(names, sheet) for names in mapped.values()],
            }
        ),
        hide_index=True,
        width="stretch",
    )


def _correct(base: Profile, sheet: Sheet) -> Profile:
    """The profile as it stands after a person's corrections."""
    mark = f"{sheet.mark}_{base.name}"
    record = st.radio(
        "What is a row?",
        list(RECORD_NAMES),
        index=list(RECORD_NAMES).index(base.record),
        format_func=RECORD_NAMES.__getitem__,
        horizontal=True,
        key=f"record_{mark}",
    )
    fields = RECORDS[record]
    usual = USUAL_EFFORT if record == "effort" else USUAL
    first = [field for field in fields if field in base.columns or field in usual]
    chosen: dict[str, tuple[str, ...]] = {}
    _edit_fields(first, base, sheet, fields, mark, chosen)
    with st.expander("More fields"):
        _edit_fields([field for field in fields if field not in first], base, sheet, fields, mark, chosen)
    columns = {field: chosen[field] for field in fields if chosen.get(field)}
    fixed = {field: value for field, value in base.fixed.items() if field in fields}
    source_type, order = _fixed_values(base, record, columns, fixed, mark)
    return replace(
        base,
        record=record,
        columns=columns,
        fixed=fixed,
        source_type=source_type,
        date_order=order,
        values={field: words for field, words in base.values.items() if field in columns},
        key=tuple(field for field in base.key if field in columns)
        or (("reference",) if "reference" in columns else ()),
        required=base.required
        if columns == base.columns and base.required
        else tuple(dict.fromkeys(name for names in columns.values() for name in names)),
    )


def _edit_fields(
    names: Sequence[str],
    base: Profile,
    sheet: Sheet,
    fields: Mapping[str, str],
    mark: str,
    chosen: dict[str, tuple[str, ...]],
) -> None:
    left, right = st.columns(2, gap="medium")
    for number, field in enumerate(names):
        with left if number % 2 == 0 else right:
            present = [name for name in base.columns.get(field, ()) if name in sheet.columns]
            picked = st.multiselect(
                _title(field),
                list(sheet.columns),
                default=present,
                help=fields[field],
                placeholder="No column",
                key=f"field_{mark}_{field}",
            )
            chosen[field] = tuple(base.columns.get(field, ())) if picked == present else tuple(picked)
            if picked:
                st.caption(escape_text(_examples(picked, sheet)))


def _fixed_values(
    base: Profile, record: str, columns: Mapping[str, tuple[str, ...]], fixed: dict[str, str], mark: str
) -> tuple[str, str]:
    """Ask for what is the same in every row; fills ``fixed`` and gives source type and order of dates."""
    source_type = base.source_type if record == "report" else ""
    with st.container(horizontal=True):
        if record == "report" and "kind" not in columns:
            kinds = [str(kind) for kind in Kind]
            fixed["kind"] = st.selectbox(
                "Every row is",
                kinds,
                index=kinds.index(fixed.get("kind", "incident")),
                format_func=lambda kind: name_of("kind", kind),
                key=f"kind_{mark}",
                width=220,
            )
        if record == "report" and "source_type" not in columns:
            offered = ["", *codelists()["source_type"].codes]
            source_type = st.selectbox(
                "Noticed by",
                offered,
                index=offered.index(base.source_type),
                format_func=lambda code: name_of("source_type", code) if code else "Not said",
                key=f"source_type_{mark}",
                width=280,
            )
        order = st.selectbox(
            "Dates are written",
            DATE_ORDERS,
            index=DATE_ORDERS.index(base.date_order),
            format_func=ORDER_NAMES.__getitem__,
            key=f"order_{mark}",
            width=260,
        )
    return source_type, order


def _offer_saving(edited: Profile, sheet: Sheet, base: Profile | None, source: str) -> None:
    # A mapping that comes with the product stays as it is; one that was saved here is replaced.
    shipped = {path.stem for path in (data_folder() / "mappings").glob("*.toml")}
    proposed = (f"{base.name}-own" if base.name in shipped else base.name) if base else _slug(source)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(
            "Save this mapping as",
            value=proposed,
            help="Small letters, digits and hyphens.",
            key=f"save_as_{sheet.mark}_{proposed}",
            width=320,
        )
        asked = st.button("Save this mapping", type="primary", key=f"save_{sheet.mark}")
    if not asked:
        st.caption("Save the mapping to go on to the check.")
        return
    try:
        title = f"{source.strip()} (saved here)" if source.strip() else name
        save_mapping(store(), actor(), replace(edited, name=name, title=title))
    except UserError as refusal:
        show_refusal(refusal)
        return
    st.session_state[f"saved_{sheet.mark}"] = name
    st.rerun()


def _kind_of_rows(profile: Profile, sheet: Sheet) -> str:
    """Ask for the kind where neither the file nor the mapping says it."""
    if profile.record != "report" or profile.published or {"kind"} & {*profile.columns, *profile.fixed}:
        return ""
    return st.selectbox(
        "Every row is",
        [str(kind) for kind in Kind],
        format_func=lambda kind: name_of("kind", kind),
        key=f"rows_are_{sheet.mark}",
        width=220,
    )


def _examples(names: Sequence[str], sheet: Sheet) -> str:
    at = [sheet.columns.index(name) for name in names if name in sheet.columns]
    values = dict.fromkeys(", ".join(row.cells[i] for i in at if row.cells[i].strip()) for row in sheet.sample)
    shown = [mask_personal_details(value, is_location=True).text[:60] for value in values if value]
    return " · ".join(shown[:SHOWN_VALUES])


def _title(field: str) -> str:
    return field.replace("_", " ").capitalize()


def _slug(text: str) -> str:
    kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in text.lower())
    return "-".join(part for part in kept.split("-") if part)[:80] or "new-mapping"
