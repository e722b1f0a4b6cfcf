"""The page that a premises' link opens: ``/report/{code}``. Plain HTML, without script and without cookie.

The code stands in the path and nowhere else: no log holds it (``web.access_log``), and the page tells it to no other
site (``Referrer-Policy``). A code that opens nothing, whatever the reason, is answered alike. What is sent is taken in
one known form, up to a size, and what was typed comes back with whatever must be mended.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, Protocol
from urllib.parse import parse_qsl
from uuid import UUID, uuid4

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from cs_geo.errors import TooOften, UserError
from cs_geo.web.qr_code import draw_qr

PATH: Final = "/report/{code:str}"
MOST_BYTES: Final = 16 * 1024
"""Of a form as it is sent: its fields at their longest take a quarter of that, in UTF-8 and percent signs."""
MOST_FIELDS: Final = 40
FORM_TYPE: Final = "application/x-www-form-urlencoded"
FIELDS: Final = ("danger", "kind", "harm", "where", "location", "date", "band", "note")
HEADERS: Final = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}

NO_LINK: Final = (
    "It may have been ended, it may have run out, or it was not typed as it stands on the sheet. Ask whoever gave it "
    "to you for a new one."
)
TOO_LARGE: Final = "More was sent than this form holds. Begin with a new form, and keep the note short."
NOT_A_FORM: Final = "This was not sent by the form of this page. Begin with a new form."


class Offers(Protocol):
    """What the form offers to choose from."""

    @property
    def premises(self) -> str:
        """Whose link it is."""
        ...

    @property
    def kinds(self) -> Any:
        """Codes of the kinds of report."""
        ...


class Outcome(Protocol):
    """What became of a form that was sent."""

    @property
    def faults(self) -> Mapping[str, str]:
        """What must be mended, by field."""
        ...

    @property
    def mended(self) -> Mapping[str, str]:
        """Texts without the personal details that were taken out of them."""
        ...

    @property
    def has_nobody_called(self) -> bool:
        """May a child be in danger, and has nobody called?"""
        ...


OpenForm = Callable[[str], Offers | None]
SendForm = Callable[[str, Mapping[str, str], UUID], Outcome | None]


class _NotTaken(Exception):
    """A body that is not read as a form."""

    def __init__(self, status: int, said: str) -> None:
        super().__init__(said)
        self.status, self.said = status, said


def report_routes(
    open_form: OpenForm,
    send_form: SendForm,
    *,
    contacts: Callable[[], object],
    longest_note: int,
    address: Callable[[], str | None],
) -> list[Route]:
    """The routes of reporting links.

    Parameters
    ----------
    open_form, send_form
        Workflows, called in a thread; None where the code opens nothing.
    contacts
        Whom to call.
    address
        Of the site as people open it, for the sheet; None: the one that it is asked by.
    """
    pages = Environment(
        loader=PackageLoader("cs_geo.web", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    pages.filters["dialled"] = _dialled

    def draw(name: str, status: int, /, headers: Mapping[str, str] = HEADERS, **given: object) -> Response:
        page = pages.get_template(name).render(contacts=contacts(), **given)
        return HTMLResponse(page, status_code=status, headers=dict(headers))

    def refuse(status: int, heading: str, said: str, path: str = "") -> Response:
        return draw("report_refused.html", status, heading=heading, said=said, path=path)

    def draw_form(path: str, offered: Offers, status: int = 200, **more: Any) -> Response:
        given: dict[str, Any] = {"typed": {}, "faults": {}, "said": "", "form_id": uuid4(), **more}
        given["typed"] = {name: given["typed"].get(name, "") for name in FIELDS}
        faults: Mapping[str, str] = given.pop("faults")
        wait = given.pop("wait_s", 0)
        return draw(
            "report_form.html",
            status,
            headers=HEADERS | ({"Retry-After": str(wait)} if wait else {}),
            path=path,
            offered=offered,
            kinds=[(code.reference, code.name, code.description) for code in offered.kinds],
            faults=_Faults(faults),
            longest_note=longest_note,
            **given,
        )

    def answer(path: str, code: str, typed: Mapping[str, str], form_id: UUID) -> Response:
        offered = open_form(code)
        if offered is None:
            return no_link()
        kept = {"typed": typed, "form_id": form_id}
        try:
            sent = send_form(code, typed, form_id)
        except TooOften as refusal:
            return draw_form(path, offered, 429, said=str(refusal), wait_s=refusal.wait_s, **kept)
        except UserError as refusal:
            return draw_form(path, offered, 400, said=str(refusal), **kept)
        if sent is None:
            return no_link()
        if sent.faults:
            return draw_form(path, offered, 400, faults=sent.faults, **(kept | {"typed": {**typed, **sent.mended}}))
        return draw("report_done.html", 200, path=path, has_nobody_called=sent.has_nobody_called)

    def no_link() -> Response:
        return refuse(404, "This link does not work", NO_LINK)

    async def serve(request: Request) -> Response:
        code, path = request.path_params["code"], request.url.path
        if request.method == "POST":
            try:
                typed = await _read_form(request)
            except _NotTaken as refusal:
                return refuse(refusal.status, "This was not taken", refusal.said, path)
            return await run_in_threadpool(answer, path, code, *_form_of(typed))
        offered = await run_in_threadpool(open_form, code)
        return no_link() if offered is None else draw_form(path, offered)

    async def serve_sheet(request: Request) -> Response:
        code = request.path_params["code"]
        offered = await run_in_threadpool(open_form, code)
        if offered is None:
            return no_link()
        link = f"{(address() or str(request.base_url)).rstrip('/')}{request.url.path.removesuffix('/sheet')}"
        # Squares that were drawn here: nothing in it was typed by anybody.
        drawn = Markup(draw_qr(link))  # noqa: S704
        return draw("report_sheet.html", 200, offered=offered, address=link, qr=drawn)

    return [
        Route(PATH, serve, methods=["GET", "POST"]),
        Route(f"{PATH}/sheet", serve_sheet, methods=["GET"]),
    ]


class _Faults(dict[str, str]):
    """Faults by field; a field without one has none."""

    def __missing__(self, name: str) -> str:
        return ""


async def _read_form(request: Request) -> dict[str, str]:
    """The fields of a form, read no further than a form reaches."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM_TYPE:
        raise _NotTaken(415, NOT_A_FORM)
    body = bytearray()
    try:
        async for piece in request.stream():
            body += piece
            if len(body) > MOST_BYTES:
                raise _NotTaken(413, TOO_LARGE)
    except ClientDisconnect:
        raise _NotTaken(400, NOT_A_FORM) from None
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise _NotTaken(400, NOT_A_FORM) from None
    # A browser sends the ends of lines as two characters and counts them as one.
    return {name: value.replace("\r\n", "\n").replace("\x00", "") for name, value in pairs}


def _form_of(typed: Mapping[str, str]) -> tuple[dict[str, str], UUID]:
    """What was typed, and which form it was typed into: a new one where it does not say."""
    try:
        form_id = UUID(typed.get("form", ""))
    except ValueError:
        form_id = uuid4()
    return {name: typed[name] for name in FIELDS if name in typed}, form_id


def _dialled(phone: str) -> str:
    return "".join(sign for sign in phone if sign.isdigit() or sign == "+")
