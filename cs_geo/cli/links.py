"""``cs-geo link``: the links by which premises hand in without an account."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from cs_geo.cli.people import COMMAND_LINE
from cs_geo.cli.saying import say, say_document
from cs_geo.dates import format_day
from cs_geo.settings import get_settings
from cs_geo.store.links import ReportingLink
from cs_geo.store.opening import open_store
from cs_geo.web.qr_code import draw_qr
from cs_geo.workflows import manage_links

app = typer.Typer(help="Links by which premises hand in without an account.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


@app.command("add")
def add(
    premises: Annotated[str, typer.Option(help="What the premises are called; never a person.")],
    location: Annotated[str, typer.Option(help="Where they lie, such as an address: “here” on their form.")] = "",
    until: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Last day of the link, such as 2026-12-31.")
    ] = None,
    qr: Annotated[Path | None, typer.Option(help="File for the link as a QR code (SVG).")] = None,
    json_output: Json = False,
) -> None:
    """Add a link for premises. It is shown once: only its hash is kept."""
    settings = get_settings()
    added = manage_links.add_link(
        open_store(settings),
        COMMAND_LINE,
        premises=premises,
        location=location,
        until=until.date() if until else None,
        today=datetime.now(ZoneInfo(settings.zone)).date(),
    )
    address = added.address(settings.public_address or f"http://localhost:{settings.port}")
    if qr:
        qr.write_text(draw_qr(address), encoding="utf-8")
    if json_output:
        say_document({"link": added.link_id, "address": address})
        return
    say(f"Link {added.link_id} of {premises.strip()} stands. It is shown this once:")
    say(address)
    say(f"A sheet to print: {address}/sheet")
    if settings.public_address is None:
        say("Set CS_GEO_PUBLIC_ADDRESS to the address of your site, so that links are shown with it.")


@app.command("list")
def list_links(json_output: Json = False) -> None:
    """List every link, those that stand first."""
    links = manage_links.list_links(open_store(get_settings()), COMMAND_LINE)
    if json_output:
        say_document(
            {
                "links": [
                    {
                        "link": one.link_id,
                        "premises": one.premises,
                        "location": one.location,
                        "added_at": one.added_at,
                        "added_by": one.added_by,
                        "open_until": one.open_until,
                        "ended_at": one.ended_at,
                        "ended_by": one.ended_by,
                    }
                    for one in links
                ]
            }
        )
        return
    if not links:
        say("No premises has a link yet. `cs-geo link add` makes one.")
    for one in links:
        say(f"{one.link_id}  {one.premises}: {_state(one)}")


@app.command("end")
def end(
    link: Annotated[UUID, typer.Argument(metavar="LINK", help="Identifier as `cs-geo link list` shows it.")],
) -> None:
    """End a link. Whoever opens it from now on is told that it does not work."""
    manage_links.end_link(open_store(get_settings()), COMMAND_LINE, link)
    say(f"Link {link} has ended. What was handed in by it stays.")


def _state(link: ReportingLink) -> str:
    zone = ZoneInfo(get_settings().zone)
    if link.ended_at:
        return f"ended on {format_day(link.ended_at.astimezone(zone).date())}"
    if link.open_until is None:
        return "stands until it is ended"
    last = format_day(link.last_day(zone))
    return f"stands until {last}" if link.stands(datetime.now(UTC)) else f"ran out after {last}"
