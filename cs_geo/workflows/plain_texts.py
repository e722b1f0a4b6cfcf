"""Texts about a place that others will read: whoever writes one leaves persons out of it."""

from collections.abc import Iterable

from sqlalchemy import Connection

from cs_geo.errors import RefusedInput
from cs_geo.settings import data_folder
from cs_geo.store.texts import place_asker
from cs_geo.words.masking import mask_personal_details
from cs_geo.words.names import NameKind, find_names, load_name_words

NAMES = frozenset({NameKind.FIRST_NAME, NameKind.AFTER_NAME})
"""A capital alone stops nobody here: agencies, roles and streets are written with one."""


def refuse_persons(connection: Connection, texts: Iterable[str]) -> None:
    """Stop where a text seems to hold details of a person or somebody's name.

    Raises
    ------
    RefusedInput
        With what was found, so that it can be taken out.
    """
    said = [text for text in texts if text]
    words, is_place = load_name_words(data_folder()), place_asker(connection, said)
    for text in said:
        found = list(mask_personal_details(text).found)
        found += [
            f"a name (“{text[one.start : one.end]}”)"
            for one in find_names(text, words, is_place)
            if one.kind in NAMES and f"a name (“{text[one.start : one.end]}”)" not in found
        ]
        if found:
            raise RefusedInput(
                f"This seems to hold details of a person: {', '.join(found)}. Say what happens at the place, and name "
                "roles in place of people."
            )
