"""Which pages there are, and which of them a person may open: a page names the action that its work is."""

from dataclasses import dataclass
from pathlib import Path

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, may

FOLDER = Path(__file__).parent / "screens"


@dataclass(frozen=True, slots=True)
class Screen:
    """A page of the app."""

    file: str
    title: str
    path: str
    action: Action | None
    """What a person must be allowed to do to open it; None for everybody who is signed in."""
    is_heading: bool = True
    """Does it stand in the navigation? The others are reached from another page."""
    stands_in_for: Action | None = None
    """What this page does for those who may not do this: for others it is no heading."""

    def is_heading_for(self, actor: Actor) -> bool:
        """Does it stand in this person's navigation?"""
        return self.is_heading and (self.stands_in_for is None or not may(actor, self.stands_in_for))


SCREENS = (
    Screen("home.py", "Home", "home", Action.VIEW_REPORTS),
    Screen("hand_in.py", "Hand in", "hand-in", Action.SUBMIT_REPORT, stands_in_for=Action.ADD_REPORT),
    Screen("my_reports.py", "My reports", "my-reports", Action.SUBMIT_REPORT, stands_in_for=Action.ADD_REPORT),
    Screen("inbox.py", "Inbox", "inbox", Action.ACCEPT_REPORTS),
    Screen("map.py", "Map", "map", Action.VIEW_MAP),
    Screen("reports.py", "Reports", "reports", Action.VIEW_REPORTS),
    Screen("places.py", "Places", "places", Action.VIEW_REPORTS),
    Screen("cases.py", "Cases", "cases", Action.VIEW_CASE),
    Screen("partner_map.py", "Partner map", "partner-map", Action.VIEW_GIVEN, stands_in_for=Action.VIEW_MAP),
    Screen("export.py", "Export", "export", Action.EXPORT),
    Screen("people.py", "People", "people", Action.MANAGE_PEOPLE),
    Screen("audit.py", "Audit", "audit", Action.VIEW_AUDIT),
    Screen("published.py", "Published tables", "published", Action.VIEW_PUBLISHED, stands_in_for=Action.EXPORT),
    Screen("analysis.py", "Analysis", "analysis", Action.FIND_HOTSPOTS, is_heading=False),
    Screen("import_reports.py", "Import a file", "import", Action.IMPORT_REPORTS, is_heading=False),
    Screen("add_report.py", "Add a report", "add", Action.ADD_REPORT, is_heading=False),
    Screen("review_locations.py", "Review locations", "review", Action.PLACE_REPORTS, is_heading=False),
    Screen("texts.py", "Texts", "texts", Action.REVIEW_TEXTS, is_heading=False),
    Screen("links.py", "Reporting links", "links", Action.MANAGE_LINKS, is_heading=False),
    Screen("no_page.py", "Welcome", "welcome", None, is_heading=False),
)


def may_open(actor: Actor, file: str) -> bool:
    """May a person open a page? A link to one that they may not open would break the page it stands on."""
    return any(screen.file == file for screen in screens_for(actor))


def screens_for(actor: Actor) -> list[Screen]:
    """The pages a person may open, the first of them the one they arrive at."""
    return [screen for screen in SCREENS if screen.action is None or may(actor, screen.action)]


def screens_not_for(actor: Actor) -> list[Screen]:
    """The pages that a person may not open: at their addresses stands whom to ask.

    Not so at the address of the first page of all: there, whoever may not open it arrives at the first page of theirs,
    as somebody does whose role changed while they stood on it.
    """
    own = screens_for(actor)
    return [screen for screen in SCREENS[1:] if screen not in own]
