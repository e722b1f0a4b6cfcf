"""The states of a case and the steps between them (practice.md §3).

A case is one place taken to a panel, or several that belong together. Nothing here knows what has been written down
about it: what must be there before a step is taken is told by ``needs``.
"""

from enum import StrEnum


class State(StrEnum):
    """Where a case stands."""

    DRAFT = "draft"
    REFERRED = "referred"
    SCREENED = "screened"
    SIGNPOSTED = "signposted"
    URGENT_MEETING = "urgent_meeting"
    THRESHOLD = "threshold"
    NO_FURTHER_ACTION = "no_further_action"
    UNIVERSAL = "universal"
    LOOK_AGAIN = "look_again"
    LIGHT_PLAN = "light_plan"
    ASSESSING = "assessing"
    FINDINGS = "findings"
    GOALS = "goals"
    PLAN = "plan"
    RESPONDING = "responding"
    REVIEW_DUE = "review_due"
    REASSESSING = "reassessing"
    COMPARING = "comparing"
    PANEL_DECISION = "panel_decision"
    PAUSED = "paused"
    CLOSED = "closed"


ENDED = frozenset({State.SIGNPOSTED, State.NO_FURTHER_ACTION, State.CLOSED})
"""Nothing more is done, unless the case is opened again."""

STEPS: dict[State, tuple[State, ...]] = {
    State.DRAFT: (State.REFERRED,),
    State.REFERRED: (State.SCREENED,),
    State.SCREENED: (State.THRESHOLD, State.SIGNPOSTED),
    State.SIGNPOSTED: (State.REFERRED,),
    State.URGENT_MEETING: (State.THRESHOLD,),
    State.THRESHOLD: (State.NO_FURTHER_ACTION, State.UNIVERSAL, State.LIGHT_PLAN, State.ASSESSING),
    State.NO_FURTHER_ACTION: (State.REFERRED,),
    State.UNIVERSAL: (State.LOOK_AGAIN,),
    State.LOOK_AGAIN: (State.CLOSED, State.REFERRED),
    State.LIGHT_PLAN: (State.PLAN,),
    State.ASSESSING: (State.FINDINGS,),
    State.FINDINGS: (State.GOALS,),
    State.GOALS: (State.PLAN,),
    State.PLAN: (State.RESPONDING,),
    State.RESPONDING: (State.REVIEW_DUE,),
    State.REVIEW_DUE: (State.REASSESSING,),
    State.REASSESSING: (State.COMPARING,),
    State.COMPARING: (State.PANEL_DECISION,),
    State.PANEL_DECISION: (State.CLOSED, State.RESPONDING, State.GOALS, State.REASSESSING),
    State.PAUSED: (),
    State.CLOSED: (State.THRESHOLD,),
}
"""Besides these, an urgent meeting may be called from any state, and any case that goes on may be paused: a paused one
goes on where it was."""

LEVEL_STATES = {0: State.NO_FURTHER_ACTION, 1: State.UNIVERSAL, 2: State.LIGHT_PLAN, 3: State.ASSESSING}
"""Where each level of the panel leads (practice.md §2.5)."""


def next_states(state: State, paused_from: State | None = None) -> tuple[State, ...]:
    """Where a case may go from here, the ordinary way first.

    Parameters
    ----------
    state
        Where it stands.
    paused_from
        Where it stood when it was paused.
    """
    if state is State.PAUSED:
        return (paused_from or State.REFERRED, State.URGENT_MEETING)
    steps = STEPS[state]
    if state is not State.URGENT_MEETING:
        steps = (*steps, State.URGENT_MEETING)
    return steps if state in ENDED else (*steps, State.PAUSED)
