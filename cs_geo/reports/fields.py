"""The fields a partner's column can be mapped to: the columns that an import promises to read.

The same names head our own template and the exported table of reports, so that an export can be imported again.
"""

REPORT_FIELDS: dict[str, str] = {
    "report_id": "Our own identifier, in our own exports only",
    "reference": "The partner's own key of the report",
    "source": "Name of the source, where one file holds several",
    "kind": "incident, concern, outreach or strength",
    "date": "Day, day and time, or month in which it happened, or began",
    "time": "Time at which it happened, or began, where the day stands apart",
    "date_to": "Day, or day and time, by which it had ended",
    "time_to": "Time by which it had ended, where the day stands apart",
    "reported_on": "Day on which it was reported",
    "location": "Address, place, street or junction, as written",
    "locality": "Village, town or ward that narrows the location",
    "postcode": "Postcode",
    "longitude": "Degrees east, WGS 84",
    "latitude": "Degrees north, WGS 84",
    "easting": "Metres east, British National Grid",
    "northing": "Metres north, British National Grid",
    "grid_reference": "Ordnance Survey grid reference",
    "place": "Name of a registered place",
    "source_type": "Who noticed it (codelist source_type)",
    "agency": "Agency that passed it on (codelist agency)",
    "directness": "How the source knows (codelist directness)",
    "harm_types": "What harm, one or several codes parted by ; (codelist harm_type)",
    "police_category": "Category in police recording (codelist police_category)",
    "asb_qualifier": "personal, nuisance or environmental (codelist asb_qualifier)",
    "presence_only": "yes where young people were merely present and no harm is described",
    "severity_band": "S1 to S4, the worker's view (codelist severity_band)",
    "young_people_band": "How many young people, in bands (codelist young_people_band)",
    "who_causes_harm": "Adults, young people, both, not known (codelist who_causes_harm)",
    "what_helped": "What or who made it safer",
    "note": "What happened to safety here: at most 400 characters, no names or descriptions",
    "outcome": "What was done",
    "safeguarding_answer": "Has an individual safeguarding referral been made: yes, no, not_needed",
}
"""Field of a report: what it holds."""

WHERE_FIELDS = frozenset({"location", "locality", "postcode", "place"})
"""Fields that say in words where it was."""
COORDINATE_FIELDS = frozenset({"longitude", "latitude", "easting", "northing", "grid_reference"})

EFFORT_FIELDS: dict[str, str] = {
    "reference": "The partner's own key of the session",
    "effort_type": "Outreach, patrol, observation… (codelist effort_type)",
    "date": "Day, or day and time, at which it began",
    "time": "Time at which it began, where the day stands apart",
    "date_to": "Day, or day and time, at which it ended",
    "time_to": "Time at which it ended, where the day stands apart",
    "staff_count": "How many staff",
    "staff_hours": "Hours times staff; reckoned from start, end and staff where it is not given",
    "location": REPORT_FIELDS["location"],
    "locality": REPORT_FIELDS["locality"],
    "postcode": REPORT_FIELDS["postcode"],
    "longitude": REPORT_FIELDS["longitude"],
    "latitude": REPORT_FIELDS["latitude"],
    "easting": REPORT_FIELDS["easting"],
    "northing": REPORT_FIELDS["northing"],
    "grid_reference": REPORT_FIELDS["grid_reference"],
    "place": REPORT_FIELDS["place"],
    "route": "Streets or places walked, where it was not one place",
    "contacts_band": "How many young people were spoken with, in bands (codelist young_people_band)",
    "note": "What helps to read the session: no names or descriptions",
}
"""Field of an effort session: what it holds."""
