"""Which role may do what. Workflows ask here before anything is read or written; pages ask here what to show.

This is the one table: pages, routes, commands and jobs name an action, and a test fails where one does not. The
database keeps its own, coarser rule of who reaches which rows (``store/migrations``), for the day this one is missed.
"""

from enum import StrEnum

from cs_geo.access.actor import INTERNAL_ROLES, PARTNER_ROLES, Actor, Role
from cs_geo.errors import UserError


class Action(StrEnum):
    """A thing a person does."""

    VIEW_MAP = "view_map"
    VIEW_REPORTS = "view_reports"
    IMPORT_REPORTS = "import_reports"
    ADD_REPORT = "add_report"
    LOOK_UP = "look_up"
    """Ask where a location lies, in gazetteers and on the map of streets, without reports."""
    SUBMIT_REPORT = "submit_report"
    """Hand a report or a place referral in, and see what became of one's own."""
    ACCEPT_REPORTS = "accept_reports"
    """Read what was handed in, and accept it, ask back or decline it."""
    PLACE_REPORTS = "place_reports"
    FIND_HOTSPOTS = "find_hotspots"
    REGISTER_PLACES = "register_places"
    EXPORT = "export"
    EXPORT_PARTNER = "export_partner"
    """Cells with banded counts for one partner; recorded, and checked against all that was given before."""
    EXPORT_PUBLIC = "export_public"
    """Tables that anybody may have, for ever."""
    VIEW_BASEMAP = "view_basemap"
    """See streets, parks and names under a map on which no report is drawn."""
    VIEW_GIVEN = "view_given"
    """See what was released to a partner, as it was given. To which partner is asked of the database."""
    VIEW_PUBLISHED = "view_published"
    """See the tables that anybody may have."""
    VIEW_CASE = "view_case"
    """See a case: its own members, and those who work with reports. Which case is asked of the database."""
    OPEN_CASE = "open_case"
    MANAGE_CASE = "manage_case"
    """Name its members, close it, let it lapse later: a chair, of a case of their own."""
    SCREEN_CASE = "screen_case"
    """Read the counts of the time before into a case."""
    WRITE_CASE = "write_case"
    """Write down what a panel knows, agrees and plans."""
    MOVE_CASE = "move_case"
    """Take a case from one state to the next; what only the chair may pass is asked there."""
    HOLD_MEETING = "hold_meeting"
    EXPORT_CASE = "export_case"
    """Take a watermarked pack of a case away."""
    VIEW_ASSESSMENT = "view_assessment"
    ASSESS = "assess"
    """Begin an assessment of a place, and write down what is asked, seen and said in it."""
    LOAD_SITE_DATA = "load_site_data"
    """Areas, calendar, gazetteers and basemap."""
    LOAD_PROTECTED = "load_protected"
    """The list of locations where nothing is drawn, clustered or named."""
    VIEW_AUDIT = "view_audit"
    MANAGE_PEOPLE = "manage_people"
    MANAGE_LINKS = "manage_links"
    """Add and end the links by which premises hand in without an account."""
    MANAGE_READERS = "manage_readers"
    """Let logins of the database read directly, with a GIS, and end that."""
    BACK_UP = "back_up"
    RESTORE = "restore"
    RUN_RETENTION = "run_retention"
    """Remove what has been kept for as long as it may be."""
    HOLD = "hold"
    """Keep something against every rule, for a court or an inquiry."""
    REVIEW_TEXTS = "review_texts"
    """Read what was written as it came in, take names out of it, and approve what nothing was found in."""
    APPROVE_FLAGGED = "approve_flagged"
    """Approve a text in which something was found that may name somebody."""
    REVEAL_TEXT = "reveal_text"
    """Read what was written about a report as it came in, outside a review."""
    READ_APPROVED = "read_approved"
    """Read approved texts; of which reports, the database says."""
    RELEASE_TEXT = "release_text"
    """In an urgent case, let the members of the case read a text before its review."""
    ERASE = "erase"
    """Erase one report from every table."""


ALLOWED: dict[Action, frozenset[Role]] = {
    Action.VIEW_MAP: INTERNAL_ROLES,
    Action.VIEW_REPORTS: INTERNAL_ROLES,
    Action.IMPORT_REPORTS: frozenset({Role.COORDINATOR, Role.ANALYST}),
    Action.ADD_REPORT: frozenset({Role.COORDINATOR, Role.ANALYST}),
    Action.LOOK_UP: INTERNAL_ROLES | {Role.CONTRIBUTOR},
    Action.SUBMIT_REPORT: frozenset({Role.CONTRIBUTOR, Role.COORDINATOR, Role.ANALYST}),
    Action.ACCEPT_REPORTS: frozenset({Role.COORDINATOR, Role.ANALYST}),
    Action.PLACE_REPORTS: frozenset({Role.COORDINATOR, Role.ANALYST}),
    Action.FIND_HOTSPOTS: frozenset({Role.COORDINATOR, Role.ANALYST}),
    Action.REGISTER_PLACES: frozenset({Role.COORDINATOR, Role.ANALYST, Role.ASSESSOR}),
    Action.EXPORT: frozenset({Role.ANALYST, Role.DATA_STEWARD}),
    Action.EXPORT_PARTNER: frozenset({Role.ANALYST, Role.DATA_STEWARD}),
    Action.EXPORT_PUBLIC: frozenset({Role.DATA_STEWARD}),
    Action.VIEW_BASEMAP: INTERNAL_ROLES | PARTNER_ROLES | {Role.CONTRIBUTOR},
    Action.VIEW_GIVEN: INTERNAL_ROLES | PARTNER_ROLES,
    Action.VIEW_PUBLISHED: frozenset(Role),
    Action.VIEW_CASE: INTERNAL_ROLES | PARTNER_ROLES,
    Action.OPEN_CASE: frozenset({Role.COORDINATOR}),
    Action.MANAGE_CASE: frozenset({Role.COORDINATOR, Role.DATA_STEWARD, Role.CHAIR}),
    Action.SCREEN_CASE: frozenset({Role.COORDINATOR, Role.ANALYST}),
    Action.WRITE_CASE: frozenset({Role.COORDINATOR, Role.ASSESSOR, Role.ANALYST, Role.CHAIR}),
    Action.MOVE_CASE: frozenset({Role.COORDINATOR, Role.CHAIR}),
    Action.HOLD_MEETING: frozenset({Role.COORDINATOR, Role.CHAIR}),
    Action.EXPORT_CASE: INTERNAL_ROLES | PARTNER_ROLES,
    Action.VIEW_ASSESSMENT: INTERNAL_ROLES,
    Action.ASSESS: frozenset({Role.COORDINATOR, Role.ASSESSOR}),
    Action.LOAD_SITE_DATA: frozenset({Role.ANALYST, Role.DATA_STEWARD, Role.ADMINISTRATOR}),
    Action.LOAD_PROTECTED: frozenset({Role.DATA_STEWARD}),
    Action.VIEW_AUDIT: frozenset({Role.DATA_STEWARD}),
    Action.MANAGE_PEOPLE: frozenset({Role.ADMINISTRATOR}),
    Action.MANAGE_LINKS: frozenset({Role.COORDINATOR, Role.ADMINISTRATOR}),
    Action.MANAGE_READERS: frozenset({Role.ADMINISTRATOR}),
    # A backup is sealed: whoever makes it sees no row.
    Action.BACK_UP: frozenset({Role.ADMINISTRATOR, Role.DATA_STEWARD}),
    Action.RESTORE: frozenset({Role.ADMINISTRATOR, Role.DATA_STEWARD}),
    Action.RUN_RETENTION: frozenset({Role.DATA_STEWARD}),
    Action.HOLD: frozenset({Role.DATA_STEWARD}),
    Action.REVIEW_TEXTS: frozenset({Role.COORDINATOR, Role.DATA_STEWARD}),
    Action.APPROVE_FLAGGED: frozenset({Role.DATA_STEWARD}),
    Action.REVEAL_TEXT: frozenset({Role.DATA_STEWARD}),
    Action.READ_APPROVED: INTERNAL_ROLES | PARTNER_ROLES,
    Action.RELEASE_TEXT: frozenset({Role.CHAIR}),
    Action.ERASE: frozenset({Role.DATA_STEWARD}),
}


class Refused(UserError):
    """The person may not do this."""


def may(actor: Actor, action: Action) -> bool:
    """May the person do this?"""
    return actor.holds(*ALLOWED[action])


def require(actor: Actor, action: Action) -> None:
    """Stop unless the person may do this.

    Raises
    ------
    Refused
        With who may, so that the person knows whom to ask.
    """
    if not may(actor, action):
        who = " or ".join(sorted(role.words for role in ALLOWED[action]))
        raise Refused(f"Your role does not allow this. Ask a colleague who is {who}.")
