"""Whom to call when a child may be in danger: the product's list, or the site's own in its place."""

import tomllib
from dataclasses import dataclass
from pathlib import Path

from cs_geo.errors import SetupError
from cs_geo.settings import data_folder, get_settings, home_folder

FILE = "contacts.toml"


@dataclass(frozen=True, slots=True)
class Contact:
    """Somebody to call. Without a number, the site has not filled it in yet."""

    name: str
    phone: str
    hours: str
    when: str
    note: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """The emergency contact, which stays on top, and the others."""

    emergency: Contact
    others: tuple[Contact, ...]


def read_contacts(site_folder: Path | None = None) -> Contacts:
    """Read the contacts; a file in the site's own folder stands in place of the product's.

    Raises
    ------
    SetupError
        If the file cannot be read: the numbers that matter most must not fail silently.
    """
    own = (site_folder or home_folder(get_settings())) / FILE
    path = own if own.is_file() else data_folder() / FILE
    try:
        plain = tomllib.loads(path.read_text(encoding="utf-8"))
        return Contacts(_contact(plain["emergency"]), tuple(_contact(one) for one in plain.get("contacts", ())))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, AttributeError, UnicodeDecodeError) as fault:
        raise SetupError(
            f"The list of contacts ({path.name}) cannot be read. In an emergency call 999. "
            "Mend the file, or take the site's own away so that the product's is used."
        ) from fault


def _contact(plain: dict[str, str]) -> Contact:
    return Contact(
        plain["name"], plain.get("phone", ""), plain.get("hours", ""), plain.get("when", ""), plain.get("note", "")
    )
