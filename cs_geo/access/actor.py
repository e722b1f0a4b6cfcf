"""Who is acting: the person, what they may do and at which level of disclosure.

Every workflow takes an ``Actor``, so that permission and record rest on one value. Until people sign in, local mode and
the command line act as ``LOCAL_ACTOR``.
"""

from dataclasses import dataclass
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


LOCAL_ACTOR = Actor(
    person="local",
    roles=frozenset({Role.COORDINATOR, Role.ANALYST, Role.DATA_STEWARD}),
    tier=Tier.INTERNAL,
)
"""The one person of a local installation and of the command line."""
