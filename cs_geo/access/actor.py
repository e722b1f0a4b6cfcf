"""Who is acting: the person, what they may do and at which level of disclosure.

Every workflow takes an ``Actor``, so that permission and record rest on one value. Pages make it of whoever signed in,
from the roles that stand in the database at that moment; the command line, and local mode, act as ``LOCAL_ACTOR``.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import StrEnum


class Tier(StrEnum):
    """Level of disclosure, from what staff see to what anybody may see (practice.md §5)."""

    INTERNAL = "internal"
    PARTNER = "partner"
    PUBLIC = "public"


class Role(StrEnum):
    """What a person does here. One person may hold several."""

    CONTRIBUTOR = "contributor"
    COORDINATOR = "coordinator"
    ANALYST = "analyst"
    ASSESSOR = "assessor"
    PANEL_MEMBER = "panel_member"
    CHAIR = "chair"
    DATA_STEWARD = "data_steward"
    PARTNER_VIEWER = "partner_viewer"
    ADMINISTRATOR = "administrator"

    @property
    def words(self) -> str:
        """The role as it is said."""
        return self.value.replace("_", " ")


INTERNAL_ROLES = frozenset({Role.COORDINATOR, Role.ANALYST, Role.ASSESSOR, Role.DATA_STEWARD})
"""Who works with reports as they are (practice.md §5.1, audiences)."""
PARTNER_ROLES = frozenset({Role.CHAIR, Role.PANEL_MEMBER, Role.PARTNER_VIEWER})
"""Who sees cells with banded counts, and never a row."""


def tier_of(roles: Iterable[Role]) -> Tier:
    """The level of disclosure that roles give: a contributor's and an administrator's is that of the public."""
    held = frozenset(roles)
    if held & INTERNAL_ROLES:
        return Tier.INTERNAL
    return Tier.PARTNER if held & PARTNER_ROLES else Tier.PUBLIC


@dataclass(frozen=True, slots=True)
class Actor:
    """A person acting: a stable identifier (never shown on a map or in an export), roles, tier and agency."""

    person: str
    roles: frozenset[Role]
    tier: Tier
    agency: str = ""

    def holds(self, *roles: Role) -> bool:
        """Does the person hold any of these roles?"""
        return bool(self.roles.intersection(roles))

    def acting_as(self, roles: Iterable[Role]) -> "Actor":
        """The same person in only some of the roles they hold."""
        kept = self.roles.intersection(roles)
        return replace(self, roles=kept, tier=tier_of(kept))


NOBODY = Actor("", frozenset(), Tier.PUBLIC)
"""Before anybody is known: the database gives no rows to it."""

LOCAL_ACTOR = Actor(
    person="local",
    roles=frozenset({Role.COORDINATOR, Role.ANALYST, Role.DATA_STEWARD}),
    tier=Tier.INTERNAL,
)
"""The one person of a local installation and of the command line."""

WORKER = Actor("worker", frozenset(), Tier.PUBLIC)
"""The process that does long work: it reads and writes jobs, and does each in the name of whoever asked for it."""
