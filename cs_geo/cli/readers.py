"""``cs-geo db readers``: logins that read the database directly, with a GIS."""

from collections.abc import Sequence
from typing import Annotated

import typer

from cs_geo.cli.people import COMMAND_LINE
from cs_geo.cli.saying import say, say_document
from cs_geo.settings import get_settings
from cs_geo.store.opening import open_store
from cs_geo.store.readers import Reader
from cs_geo.workflows import manage_readers

app = typer.Typer(help="Logins that read the database directly, with a GIS.", no_args_is_help=True)

Login = Annotated[str, typer.Argument(metavar="LOGIN", help="Name of the login, such as parks_gis.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("add")
def add(
    login: Login,
    tier: Annotated[str, typer.Option("--as", help="analyst or partner.")],
    agency: Annotated[str, typer.Option(help="For a partner: the agency, as its releases name it.")] = "",
    json_output: Json = False,
) -> None:
    """Let a login read what its tier may see. Its password is shown once."""
    settings = get_settings()
    added = manage_readers.add_reader(
        open_store(settings), COMMAND_LINE, settings, login=login, tier=tier, agency=agency
    )
    if json_output:
        say_document(
            {
                "login": added.login,
                "tier": added.tier,
                "agency": added.agency,
                "schema": added.schema,
                "password": added.password,
                "statements": added.statements,
                "logging": added.logging,
            }
        )
        return
    what = f"what was released to “{added.agency}”" if added.agency else "reports, places and hotspots"
    say(f"{added.login} may read {what}, in the schema {added.schema}.")
    say(f"Password, shown this once: {added.password}")
    if added.statements:
        _say_statements("The login is not made yet. The database's administrator runs:", added.statements)
    _say_statements("To have its statements logged, the database's administrator runs:", added.logging)


@app.command("end")
def end(login: Login, json_output: Json = False) -> None:
    """End a login's reading. It takes effect at its next statement."""
    settings = get_settings()
    left = manage_readers.end_reader(open_store(settings), COMMAND_LINE, settings, login)
    if json_output:
        say_document({"login": login, "statements": left})
        return
    say(f"{login} sees no row any more.")
    if left:
        _say_statements("To close the login too, the database's administrator runs:", left)


@app.command("list")
def list_readers(json_output: Json = False) -> None:
    """List every login that reads, or once did."""
    found = manage_readers.list_readers(open_store(get_settings()), COMMAND_LINE)
    if json_output:
        say_document(
            {
                "readers": [
                    {
                        "login": one.login,
                        "tier": one.tier,
                        "agency": one.agency,
                        "added_at": one.added_at,
                        "ended_at": one.ended_at,
                        "reads": one.reads,
                        "statements_logged": one.is_logged,
                        "other_roles": one.other_roles,
                    }
                    for one in found
                ]
            }
        )
        return
    if not found:
        say("Nobody reads the database directly. `cs-geo db readers add` lets a login in.")
    for one in found:
        say(f"{one.login}: {one.tier}{f' ({one.agency})' if one.agency else ''}, {_state(one)}")


def _state(reader: Reader) -> str:
    if reader.ended_at is not None:
        return f"ended on {reader.ended_at:%Y-%m-%d}"
    if not reader.has_login:
        return "waits for its login to be made"
    if not reader.is_member:
        return "sees no row: its login is no member of the group role"
    others = f"; also holds {', '.join(reader.other_roles)}" if reader.other_roles else ""
    return f"reads, statements {'logged' if reader.is_logged else 'not logged'}{others}"


def _say_statements(before: str, statements: Sequence[str]) -> None:
    say(before)
    for statement in statements:
        say(f"  {statement};")
