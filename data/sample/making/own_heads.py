"""The files of partners who send their own sheets: the council, the schools and the youth service.

Their heads and words are those that the shipped mappings read (``data/mappings``).
"""

import csv
import io
from datetime import timedelta
from pathlib import Path

from making import days
from making.effort import Session
from making.noticed import Noticed
from making.partners import (
    Cell,
    Sheet,
    clock,
    day,
    draw,
    east,
    fixed,
    helped,
    locality,
    north,
    note,
    number,
    one_of,
    postcode,
    text,
)

COUNCIL_WORDS: dict[str, tuple[str, ...]] = {
    "noise_nuisance": ("Noise nuisance", "Rowdy behaviour", "Fireworks", "Litter"),
    "damage": ("Vandalism", "Graffiti", "Criminal damage"),
    "vehicle_road_danger": ("Off-road bikes", "E-scooters", "Nuisance vehicles"),
    "environmental_hazard": ("Lighting", "Broken glass", "Drug litter"),
    "violence_between_young_people": ("Fighting",),
    "violence_by_adults": ("Threatening behaviour",),
    "robbery_or_theft_from_a_young_person": ("Threatening behaviour", "Intimidation"),
    "intimidation_or_bullying": ("Intimidation", "Verbal abuse"),
    "substance_use": ("Street drinking", "Substance misuse"),
    "hate_or_discrimination": ("Hate incident",),
    "adults_of_concern_approaching": ("Harassment",),
    "weapon_seen_found": ("Knife found", "Weapon"),
    "alcohol_vape_supply_to_under_18s": ("Underage sales",),
    "criminal_exploitation": ("Drug dealing",),
    "drug_supply_affecting_young_people": ("Drug dealing",),
    "online_harm_linked_to_place": ("Intimidation",),
    "missing_whereabouts_worry": ("Other",),
    "presence_only": ("Young people gathering", "Groups gathering", "Ball games", "Loitering"),
    "unclear": ("Other",),
}
SCHOOL_WORDS = {
    "criminal_exploitation": "Criminal exploitation",
    "violence_between_young_people": "Fighting",
    "robbery_or_theft_from_a_young_person": "Robbery",
    "weapon_seen_found": "Weapon",
    "drug_supply_affecting_young_people": "Drugs being sold",
    "alcohol_vape_supply_to_under_18s": "Alcohol or vapes sold",
    "intimidation_or_bullying": "Bullying",
    "hate_or_discrimination": "Hate",
    "adults_of_concern_approaching": "Adults approaching pupils",
    "missing_whereabouts_worry": "Truancy or missing",
    "online_harm_linked_to_place": "Online",
    "vehicle_road_danger": "Road danger",
    "environmental_hazard": "Unsafe surroundings",
    "sexual_harassment_or_harmful_sexual_behaviour": "Sexual harassment",
    "noise_nuisance": "Not sure",
}
OUTREACH_WORDS = {
    "violence_between_young_people": "Fights",
    "robbery_or_theft_from_a_young_person": "Robbery",
    "intimidation_or_bullying": "Bullying",
    "adults_of_concern_approaching": "Adults approaching",
    "weapon_seen_found": "Weapons",
    "environmental_hazard": "Lighting",
    "alcohol_vape_supply_to_under_18s": "Vapes and alcohol sales",
    "noise_nuisance": "Not sure",
    "hate_or_discrimination": "Discrimination",
    "damage": "Damage",
    "substance_use": "Smoking, drinking, drugs",
    "vehicle_road_danger": "Traffic",
    "online_harm_linked_to_place": "Online",
    "criminal_exploitation": "Exploitation",
    "drug_supply_affecting_young_people": "Drug dealing",
    "missing_whereabouts_worry": "Missing",
}
_TYPES = {"detached_youth_work": "Detached", "outreach_pop_up": "Pop-up", "warden_uniform_patrol": "Warden patrol"}
_BANDS = {"1_to_2": "1-2", "3_to_5": "3-5", "6_to_10": "6-10", "11_plus": "11+"}
_SOURCES = one_of("source", "Resident", "Resident", "Resident", "Warden", "CCTV", "Councillor", "Business", "Anonymous")


def _category(row: Noticed, place: int) -> str:
    return row.written.get("harm") or str(draw(row, place, "category").choice(COUNCIL_WORDS[row.harm]))


def _reported(row: Noticed, place: int) -> str:
    later = row.start.date() + timedelta(days=int(draw(row, place, "reported").choice([0, 0, 0, 1, 1, 2, 4])))
    return min(later, days.END).strftime("%d/%m/%Y")


def _place(row: Noticed, place: int) -> str:
    return row.where.text if row.where.style == "place" else ""


def _not_place(row: Noticed, place: int) -> str:
    return "" if row.where.style == "place" else row.where.text


def _theme(row: Noticed, place: int) -> str:
    return OUTREACH_WORDS[row.harm] if row.harm else "None"


def _concern(row: Noticed, place: int) -> str:
    return row.written.get("harm") or SCHOOL_WORDS[row.harm]


def _noticed(row: Noticed, place: int) -> str:
    return {"outreach": "Noticed", "strength": "Strength"}[row.kind]


_YOUNG: Cell = one_of("young", "1-2", "1-2", "3-5", "3-5", "6-10", "11+")

COUNCIL = Sheet(
    "council",
    "council-asb.csv",
    "Council community safety",
    "council-asb",
    (
        ("Case reference", number("ASB-", 20517)),
        ("Date reported", _reported),
        ("Incident date", day("%d/%m/%Y")),
        ("Incident time", clock),
        ("Location", text),
        ("Ward", locality),
        ("Postcode", postcode),
        ("Easting", east),
        ("Northing", north),
        ("Source", _SOURCES),
        ("Category", _category),
        ("Details", note),
        (
            "Action taken",
            one_of(
                "action",
                "",
                "",
                "Visit made",
                "Passed to wardens – no reply",
                "Letter sent",
                "CCTV checked",
                "Lamp mended",
            ),
        ),
    ),
    delimiter=";",
    encoding="cp1252",
)
SCHOOLS = Sheet(
    "schools",
    "school-concern-forms.csv",
    "Schools",
    "school-concern-form",
    (
        ("Form number", number("SCF", 3001)),
        ("Date of form", _reported),
        ("When did it happen", day("%d/%m/%Y")),
        ("At what time", clock),
        ("Where did it happen", text),
        ("Area or ward", locality),
        ("Postcode", postcode),
        ("One event or a worry", fixed("Worry")),
        ("Type of concern", _concern),
        (
            "How do you know",
            one_of("know", "I saw it", "A pupil it happened to told me", "I heard about it", "I heard about it"),
        ),
        ("Year group", one_of("year", "", "7 to 9", "10 to 11")),
        ("How many young people", _YOUNG),
        ("Who causes the harm", one_of("causes", "Adults", "Young people", "Both", "Not known", "Not known")),
        ("What happened to safety there", note),
        ("What the school did", one_of("did", "", "Spoke at assembly", "Staff at the gate", "Told the family")),
        ("Referral made", one_of("referral", "No", "No", "Not needed", "Yes")),
    ),
)
OUTREACH = Sheet(
    "outreach",
    "outreach-log.csv",
    "Detached youth work",
    "outreach-log",
    (
        ("Session date", day("%d/%m/%Y")),
        ("From", clock),
        ("Place", _place),
        ("Street or area", _not_place),
        ("Postcode", postcode),
        ("Type", _noticed),
        ("Theme", _theme),
        ("How known", one_of("known", "Seen", "Told by young person", "Told by young person", "Heard")),
        ("Young people", _YOUNG),
        ("What helped", helped),
        ("What was noticed", note),
    ),
)

OWN_SHEETS = (COUNCIL, SCHOOLS, OUTREACH)


def write_sessions(path: Path, held: list[Session]) -> None:
    """Write outreach sessions and patrols as the youth service lists them."""
    sheet = io.StringIO(newline="")
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(
        [
            "Session reference",
            "Session type",
            "Date",
            "Start",
            "Finish",
            "Number of staff",
            "Place",
            "Route",
            "Young people met",
        ]
    )
    for session in held:
        writer.writerow(
            [session.reference, _TYPES[session.effort_type], session.start.strftime("%d/%m/%Y"),
            session.start.strftime("%H:%M"),
             session.until.strftime("%H:%M"), session.staff, session.place, session.route, _BANDS[session.contacts]]
        )  # fmt: skip
    path.write_bytes(sheet.getvalue().encode("utf-8"))
