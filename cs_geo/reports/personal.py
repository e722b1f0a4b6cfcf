"""Which columns of a partner's sheet describe a person, told by their heads.

Such columns are not read: the product has nowhere to put them (practice.md §5.1). Being wrong in this direction costs a
person one look at the list of columns that were not read; being wrong in the other stores what must not be stored.
"""

import re

PERSON = (
    r"(?:child(?:ren's)?|yp|young person|young people's|pupil|student|client|nominal|victim|suspect|offender"
    r"|perpetrator|accused|aggressor|complainant|caller|reporter|informant|witness|parent|carer|guardian|mother|father"
    r"|sibling|relative|friend|peer|associate|customer|applicant|referrer|officer|worker|employee|member of staff|staff"
    r"|tenant|occupant|householder|landlord|neighbour|keyholder|driver|owner|manager|person|individual)s?'?s?"
)
OF_A_PERSON = (
    r"(?:names?|details?|address|postcode|post code|school|contact|description|identity|id|ref(?:erence)?|photo|status)"
)
PLACES = (
    r"(?:place|street|road|ward|area|location|site|park|venue|premises?|station|estate|[lm]soa|oa|district|borough"
    r"|council|authority|town|village|city|county|region|parish|force|agency|organisation|team|school|shop|business"
    r"|project|scheme|event|building|file|dataset|service|category|type|unit|beat|neighbourhood|sector|source|zone|stop"
    r"|centre|center|hall|club|library|church|mosque|house|block|route|feature|provider|form|session|activity|path"
    r"|asset|office|department|country|postcode|locality|landmark)"
)

ALWAYS = re.compile(
    r"\b(?:"
    r"surname|fore ?names?|first ?names?|given ?names?|last ?names?|full ?name|middle names?|maiden name|nick ?names?"
    r"|initials|alias(?:es)?|aka|also known as"
    r"|d\.?o\.?b\.?|(?:date|day|year|place) of birth|birth ?(?:date|day|place)|born"
    r"|(?:tele)?phone|mobile|tel|fax|whatsapp|e ?mail"
    r"|snap(?:chat)?|insta(?:gram)?|facebook|tik ?tok|twitter|social media|(?:user|screen) ?name|handle"
    r"|nhs|upn|uln|pnc|cro|custody|national insurance|ni (?:no|number)|nino|passport|prison(?:er)? (?:no|number)"
    r"|vrm|vrn|(?:number|registration|licen[cs]e) plate|plate|(?:vehicle|car) (?:reg|registration)"
    r"|reg(?:istration)? (?:no|number|mark)|vehicle (?:details|number)"
    r"|ethnic\w*|race|religio\w*|faith|national(?:ity|ities)|immigration(?: status)?|asylum|first language"
    r"|(?:mother|father)'?s? tongue|language spoken|sexuality|sexual orientation|gender|sex|pronouns?|marital status"
    r"|disabilit\w*|disabled|(?:mental|physical) health|health (?:condition|needs?)|medical|medication|diagnos\w+"
    r"|sen|send|ehcp|pregnan\w+"
    r"|photo(?:graph)?s?|pictures?|images?|videos?|audio|attachments?|signature|signed"
    r"|home address|school attended|attends|year group|school year|form group"
    r"|looked after|care status|care leaver|lac|child protection plan|criminal (?:record|history)|convictions?"
    r"|antecedents|gang|affiliations?|associates|people involved|persons? involved"
    r"|physical description|appearance|clothing|build|hair|height|tattoos?|distinguishing"
    r"|ip address|device id|(?:liquidlogic|mosaic|lcs|capita|sims|arbor) (?:id|no|number)"
    r")\b|^reg(?:istration)?$"
)
BY_SOMEBODY = re.compile(
    r"\b(?:(?:reported|recorded|logged|created|entered|completed|submitted|referred|seen|witnessed|signed) by"
    r"|assigned to|allocated to|author|who (?:was involved|did it|reported(?: it)?)"
    r"|contact (?:no|number|details?|person|info(?:rmation)?))\b|^contact$"
)
AGE = re.compile(r"\bages?\b(?! ?(?:band|group|range|bracket|categor))")
A_PERSON = re.compile(rf"^(?:the |name of (?:the )?|details of (?:the )?)?{PERSON}(?: \d+)?$")
PERSON_AND_DETAIL = re.compile(
    rf"\b{PERSON}(?: \d+)?(?:'s)? (?:\w+ )?{OF_A_PERSON}\b|\b{OF_A_PERSON} of (?:the )?{PERSON}\b"
)
GROUPED_UNDER_PERSON = re.compile(
    r"^(?:victim|suspect|offender|perpetrator|complainant|caller|reporter|informant|witness|parent|pupil|client"
    r"|child|referrer)s?\b"
)
NAME = re.compile(r"\bnames?\b")
NAME_OF_PLACE = re.compile(rf"\b{PLACES}(?: \w+)? names?\b|\bnames? of (?:the )?{PLACES}\b|\b{PLACES}\b.*\bnames?\b")
HOW_MANY = re.compile(
    r"\b(?:number of|no\.? of|num(?:ber)? |count|how many|total|hours?|bands?|groups?|present|type)\b|#"
)
CATEGORY = re.compile(r"\b(?:type|role|category|band|range|agency|organisation|method|channel|route)\b")


def looks_personal(column: str) -> bool:
    """Does the head of a column say that it holds something about a person?"""
    head = _plain_words(column)
    if ALWAYS.search(head) or AGE.search(head):
        return True
    # "Reported by (agency)", "Contact method" and "Caller type" say what sort of source it was, not who.
    if CATEGORY.search(head):
        return False
    if BY_SOMEBODY.search(head):
        return True
    if HOW_MANY.search(head):
        return False
    if NAME.search(head):
        return re.search(rf"\b{PERSON}\b", head) is not None or not NAME_OF_PLACE.search(head)
    return names_people(column) or bool(PERSON_AND_DETAIL.search(head) or GROUPED_UNDER_PERSON.search(head))


def names_people(column: str) -> bool:
    """Is the head just a word for people ("Staff", "Victim")? Under it may stand names, or how many there were."""
    return A_PERSON.search(_plain_words(column)) is not None


def _plain_words(column: str) -> str:
    return " ".join(re.sub(r"[_/()\[\]:*?-]+", " ", column.replace("’", "'").casefold()).split())
