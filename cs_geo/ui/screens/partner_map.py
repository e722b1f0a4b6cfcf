"""Partner map: what was released to the person's own agency, as it was given; for the team, what each partner sees."""

from collections.abc import Sequence
from uuid import UUID

import pandas as pd
import streamlit as st

from cs_geo.access.permissions import Action, may
from cs_geo.dates import format_day
from cs_geo.disclosure.rules import RULES
from cs_geo.maps.captions import KIND_WORDS, NOT_ALL_HARM
from cs_geo.maps.given import GivenCells
from cs_geo.maps.hotspot_map import FrameHeight
from cs_geo.maps.layers import degrees_bounds
from cs_geo.reports.report import Kind
from cs_geo.store.given import GivenRelease
from cs_geo.ui.widgets.map_view import show_map, tile_urls
from cs_geo.ui.widgets.session import actor, in_words, store
from cs_geo.words.escaping import escape_text
from cs_geo.workflows.look_at_given import GivenMap, list_given, look_at_given

NOTHING_YET = (
    "Nothing is released to your agency at present. A release is made by an analyst or a data steward of the team that "
    "keeps the reports: cells of 50 m with numbers in bands, for one purpose and until a day. Ask them, and say what "
    "you need it for. Whoever administers this site can say whether your agency is written down with your role."
)
NOTHING_OUT = (
    "Nothing is released to any partner at present. A release is made on the page Export, for a partner and until a "
    "day; what its people see of it then stands here."
)


def show_page() -> None:
    """Draw the page."""
    st.title("Partner map", anchor=False)
    with in_words():
        releases = list_given(store(), actor())
        is_team = may(actor(), Action.VIEW_MAP)
        if not releases:
            st.markdown(NOTHING_OUT if is_team else NOTHING_YET)
            return
        _show_release(look_at_given(store(), actor(), _choose(releases, is_team)), is_team)


def _choose(releases: Sequence[GivenRelease], is_team: bool) -> UUID:
    """The release to be shown: the newest, unless another one that stands is chosen."""
    known = {str(one.release_id): one for one in releases}
    if len(known) == 1:
        return releases[0].release_id

    def named(key: str) -> str:
        one = known[key]
        said = (one.recipient if is_team else "", f"Released on {format_day(one.released_on)}", _days_of(one))
        return ". ".join(part for part in said if part)

    chosen = st.selectbox("Release", list(known), format_func=named, key="given_release", width=720)
    return known[chosen].release_id


def _days_of(release: GivenRelease) -> str:
    return release.caveats[1].rstrip(".") if len(release.caveats) > 1 else ""


def _show_release(seen: GivenMap, is_team: bool) -> None:
    release = seen.release
    if is_team:
        st.caption(escape_text(f"You see what the people of {release.recipient} see."))
    st.markdown(
        escape_text(
            f"Released to {release.recipient} on {format_day(release.released_on)}, to be kept until "
            f"{format_day(release.expires_on)}. {_days_of(release)}."
        )
    )
    kinds = [
        kind for kind in KIND_WORDS if (seen.cells[str(kind)] != "").any() or (seen.hotspots["kind"] == kind).any()
    ]
    if not kinds:
        st.markdown("This release holds no cell and no hotspot: all was left out. The reasons stand below.")
    else:
        _show_kind(seen, _choose_kind(kinds))
    _show_withheld(release)


def _choose_kind(kinds: Sequence[Kind]) -> Kind:
    if len(kinds) == 1:
        return kinds[0]
    first = Kind.INCIDENT if Kind.INCIDENT in kinds else kinds[0]
    chosen = st.segmented_control(
        "Kind of report",
        kinds,
        format_func=lambda kind: KIND_WORDS[kind][1].capitalize(),
        default=first,
        required=True,
        key="given_kind",
        help="Kinds are never added up into one count.",
    )
    return Kind(chosen or first)


def _show_kind(seen: GivenMap, kind: Kind) -> None:
    cells = seen.cells[seen.cells[str(kind)] != ""]
    cells = cells.assign(reports=cells[str(kind)])
    hotspots = seen.hotspots[seen.hotspots["kind"] == kind]
    left, right = st.columns([7, 5], gap="large")
    with left:
        given = GivenCells(kind, cells[["ward", "reports", "geometry"]], hotspots, RULES.few)
        everything = seen.cells if len(seen.cells) else seen.hotspots
        show_map(
            f"given_{seen.release.release_id}",
            tile_urls(None),
            given=given,
            show_strengths=False,
            bounds=degrees_bounds(everything.buffer(150)),
            height=FrameHeight(beside=420, least=320, most=560),
            label="Map of what was released",
        )
        st.caption(
            "Cells of 50 m, cut by wards, with the numbers in which they were released. No single report is drawn. "
            + NOT_ALL_HARM
        )
    with right:
        _show_hotspots(hotspots)
        _show_cells(cells)


def _show_cells(cells: pd.DataFrame) -> None:
    st.subheader("Cells", anchor=False)
    if cells.empty:
        st.markdown("No cell of this kind is told.")
        return
    numbers = pd.to_numeric(cells["reports"].str.replace(",", ""), errors="coerce")
    corner = cells["cell"].str.split("_")
    table = pd.DataFrame(
        {
            "Ward": cells["ward"],
            "Reports": cells["reports"],
            "Easting": corner.str[0].astype(int),
            "Northing": corner.str[1].astype(int),
        }
    ).assign(order=numbers.fillna(0))
    table = table.sort_values(["order", "Ward"], ascending=[False, True]).drop(columns="order")
    metres = st.column_config.NumberColumn(format="%d", help="South-west corner of the cell, British National Grid")
    st.dataframe(
        table,
        hide_index=True,
        height=min(38 + 35 * len(table), 320),
        column_config={"Easting": metres, "Northing": metres},
    )


def _show_hotspots(hotspots: pd.DataFrame) -> None:
    st.subheader("Where reports are concentrated", anchor=False)
    if hotspots.empty:
        st.markdown("None of this kind passes the thresholds of a release.")
        return
    st.dataframe(
        pd.DataFrame(
            {"Number": hotspots["rank"], "Near": hotspots["label"], "Reports": hotspots["reports"]}
        ).sort_values("Number"),
        hide_index=True,
        height="content",
    )
    st.caption(escape_text(" ".join(sorted(set(hotspots["chance"])))))


def _show_withheld(release: GivenRelease) -> None:
    st.subheader("What is not shown, and why", anchor=False)
    st.markdown("Numbers are told in bands, and some not at all, so that nobody can be picked out.")
    rows = [row for row in release.withheld if row[2] != "none"]
    st.dataframe(
        pd.DataFrame(
            [(f"{what.capitalize()} {why}", number) for what, why, number in rows], columns=["Left out", "How many"]
        ),
        hide_index=True,
        height="content",
        width=820,
    )
    with st.expander("What was said with it"):
        for caveat in release.caveats:
            st.markdown(escape_text(caveat))


show_page()
