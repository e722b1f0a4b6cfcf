"""``cs-geo people`` and ``cs-geo audit``: who may use the program, and what was done with it."""

from pathlib import Path
from typing import Annotated

import typer

from cs_geo.access.actor import LOCAL_ACTOR, Actor, Role, tier_of
from cs_geo.cli.saying import say, say_document
from cs_geo.dates import format_day
from cs_geo.errors import RefusedInput
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.workflows import check_audit, manage_people

app = typer.Typer(help="Who may use the program, and in which roles.", no_args_is_help=True)
audit_app = typer.Typer(help="What was done, by whom, and whether the log is whole.", no_args_is_help=True)

# Whoever runs commands on this machine can reach the whole database: the command line acts in every role.
COMMAND_LINE = Actor(LOCAL_ACTOR.person, frozenset(Role), tier_of(Role))

Roles = Annotated[list[Role], typer.Option("--role", help="A role; may be given several times.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]
PersonId = Annotated[str, typer.Argument(metavar="PERSON", help="Identifier as `cs-geo people list` shows it.")]


@app.command("grant")
def grant(
    issuer: Annotated[str, typer.Option(help="Who vouches for the person: the provider's address.")],
    subject: Annotated[str, typer.Option(help="By which identifier the provider knows them (the claim “sub”).")],
    role: Roles,
    label: Annotated[str, typer.Option(help="What colleagues call the post, such as “coordinator, north”.")] = "",
    agency: Annotated[str, typer.Option(help="The agency the person acts for.")] = "",
    json_output: Json = False,
) -> None:
    """Let somebody use the program, in one or several roles. The first administrator is made so."""
    person = manage_people.grant_roles(
        open_store(get_settings()),
        COMMAND_LINE,
        issuer=issuer,
        subject=subject,
        roles=role,
        label=label,
        agency=agency,
    )
    if json_output:
        say_document({"person": person, "roles": [str(one) for one in role]})
    else:
        say(f"{person} is now {' and '.join(one.words for one in role)}.")


@app.command("end")
def end(person: PersonId, role: Roles, json_output: Json = False) -> None:
    """End roles of a person. It takes effect at whatever they do next."""
    ended = manage_people.end_roles(open_store(get_settings()), COMMAND_LINE, person, role)
    if json_output:
        say_document({"person": person, "ended": [str(one) for one in ended]})
    elif ended:
        say(f"{person} is no longer {' or '.join(one.words for one in ended)}.")
    else:
        raise RefusedInput(f"{person} holds none of these roles. See `cs-geo people list`.")


@app.command("leave")
def leave(person: PersonId) -> None:
    """Note that somebody has left: every role ends. What they did stays written down."""
    manage_people.note_leaving(open_store(get_settings()), COMMAND_LINE, person)
    say(f"{person} has left and holds no role any more.")


@app.command("list")
def list_people(json_output: Json = False) -> None:
    """List everybody who may use the program, or once could."""
    people = manage_people.list_people(open_store(get_settings()), COMMAND_LINE)
    if json_output:
        say_document(
            {
                "people": [
                    {
                        "person": one.person_id,
                        "issuer": one.issuer,
                        "subject": one.subject,
                        "label": one.label,
                        "roles": [{"role": str(held.role), "agency": held.agency} for held in one.roles],
                        "left_at": one.left_at.isoformat() if one.left_at else None,
                    }
                    for one in people
                ]
            }
        )
        return
    if not people:
        say("Nobody signs in here yet. `cs-geo people grant` lets somebody in.")
    for one in people:
        roles = ", ".join(held.role.words + (f" ({held.agency})" if held.agency else "") for held in one.roles)
        state = "has left" if one.left_at else roles or "no role"
        say(f"{one.person_id}  {one.label or one.subject}: {state}")


@audit_app.command("verify")
def verify(
    anchors: Annotated[Path | None, typer.Option(help="File of anchors kept elsewhere.")] = None,
    json_output: Json = False,
) -> None:
    """Check every row of the log against the chain, and the anchors against the log."""
    store = open_store(get_settings())
    unanchored = check_audit.unanchored_since(store, COMMAND_LINE, anchors)
    found = check_audit.check_audit(store, COMMAND_LINE, anchors)
    if json_output:
        say_document(
            {
                "rows": found.rows,
                "altered": [{"number": number, "fault": fault} for number, fault in found.altered],
                "anchors": found.anchors,
                "lost_anchors": [one.number for one in found.lost],
                "unanchored_since": unanchored,
            }
        )
    else:
        say(f"{found.rows:,} rows, {found.anchors:,} anchors.")
        if unanchored:
            day = format_day(unanchored.date())
            say(f"No row since {day} is anchored: a tail cut off would not be found. Run a worker, or `audit anchor`.")
    if found.is_whole:
        if not json_output:
            say("Every row is as it was written, and none is missing.")
        return
    faults = [f"row {number}: {fault}" for number, fault in found.altered]
    faults += [f"the row of anchor {one.number} is gone or another" for one in found.lost]
    raise RefusedInput("The log has been changed. " + "; ".join(faults) + ".")


@audit_app.command("anchor")
def anchor(
    file: Annotated[Path | None, typer.Option(help="Where to write it; best on another machine.")] = None,
) -> None:
    """Write the newest row's number and hash down outside the database. Best done every day."""
    written = check_audit.write_anchor(open_store(get_settings()), file)
    say(f"Row {written.number:,} has been anchored.")
