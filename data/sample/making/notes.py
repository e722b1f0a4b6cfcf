"""What reports say: short, about the place and what happened to safety, with no person described.

A note is put together from what happened and, sometimes, what was done. Wording follows the house rules: it names harm
and surroundings, never a sort of young person.
"""

import numpy as np

HAPPENED: dict[str, tuple[str, ...]] = {
    "violence_between_young_people": (
        "A fight began here and others gathered round it.",
        "Pushing turned into a fight; one young person was hurt and was helped to a shop.",
        "A threat of a fight was shared beforehand and a crowd came.",
        "Two groups met here and there was shouting and kicking.",
        "A fight that had started elsewhere went on here.",
    ),
    "violence_by_adults": (
        "An adult shoved a young person out of the doorway.",
        "An adult threatened young people who were waiting here.",
        "An adult threw a bottle towards young people.",
    ),
    "weapon_seen_found": (
        "A blade was found under the hedge and handed in.",
        "A knife was shown during an argument; nobody was hurt.",
        "A bag with a weapon in it was found behind the bins.",
    ),
    "robbery_or_theft_from_a_young_person": (
        "A phone was taken from a young person on the way home.",
        "A bicycle was taken from a young person under threat.",
        "A bag was snatched and thrown over the wall empty.",
        "Headphones were demanded and handed over.",
    ),
    "intimidation_or_bullying": (
        "Young people were followed and called names on the way through.",
        "A young person was surrounded and made to hand over a scarf.",
        "Younger pupils say they are stopped here and asked for money.",
        "A young person was filmed and laughed at; the clip was passed round.",
        "Some young people walk a longer way round to keep clear of this spot.",
    ),
    "criminal_exploitation": (
        "Young people are handed packages here by adults in cars.",
        "A young person was being pressed to hold something for an adult.",
        "New clothes and phones were given to young people by adults nobody knows.",
        "Young people were asked to carry a bag across town for money.",
    ),
    "drug_supply_affecting_young_people": (
        "Dealing was seen here while young people were passing.",
        "Small bags are passed from a parked car in the early evening.",
        "Empty bags and canisters were found where young people sit.",
    ),
    "alcohol_vape_supply_to_under_18s": (
        "Vapes were sold to children in school uniform.",
        "An adult bought alcohol and passed it to children outside.",
        "Single cigarettes and vapes were offered to children by the door.",
    ),
    "substance_use": (
        "A young person was unwell after taking something; an ambulance came.",
        "Canisters and bottles were left where young people had been.",
        "Young people were drinking and one could not stand; a worker stayed.",
    ),
    "adults_of_concern_approaching": (
        "An adult offered lifts to young people waiting here.",
        "An adult waited in a car and spoke to several children.",
        "An adult filmed young people who were sitting on the wall.",
        "Young people say the same adult asks them where they live.",
    ),
    "sexual_harassment_or_harmful_sexual_behaviour": (
        "Sexual remarks were shouted at girls waiting here.",
        "A young person was touched without wanting it in the crowd.",
        "Young people say that images are shown round here against the wish of those in them.",
    ),
    "hate_or_discrimination": (
        "Hateful words were shouted at young people and written on the shelter.",
        "A young person was told to go home because of their faith.",
    ),
    "online_harm_linked_to_place": (
        "A post named this place for a fight; staff were told beforehand.",
        "Clips made here are posted and more young people come to watch.",
    ),
    "missing_whereabouts_worry": (
        "This place keeps coming up when families do not know where a child is.",
        "Workers were told that young people stay here late and are not fetched.",
    ),
    "vehicle_road_danger": (
        "Motorbikes were ridden fast across the path where children play.",
        "A car was driven at speed past the gate as pupils came out.",
        "Electric scooters were ridden through the crowd at the stop.",
    ),
    "environmental_hazard": (
        "The lights have been out for a week and the path is dark by five.",
        "Broken glass lies all over the ball court.",
        "The railing by the water is loose.",
        "Needles were found beside the bench.",
    ),
    "damage": (
        "The shelter was broken and glass lay on the pavement.",
        "A fire was lit in the bin and spread to the fence.",
        "The noticeboard was pulled down and the bench burnt.",
        "Windows of the empty unit were broken.",
    ),
    "noise_nuisance": (
        "Loud music and shouting late in the evening; no harm described.",
        "Noise from the car park until after midnight.",
        "Rubbish was thrown about and bins were turned over.",
        "Fireworks were let off between the houses.",
    ),
    "presence_only": (
        "Young people spending time together; no harm described.",
        "A group was sitting here talking; the caller asked for a patrol.",
        "Young people were gathered and the caller was unsure why.",
        "Young people at the ramps in the evening; no harm described.",
    ),
    "unclear": (
        "Something happened here and the caller did not say more.",
        "The message broke off; the place is clear.",
    ),
}

DONE = (
    "Staff stepped in.", "A youth worker came over.", "The warden was told.", "Nobody stepped in.",
    "The police were called.",
    "The shop let them wait inside.", "It had ended when help came.", "This has happened before.",
    "It was over in minutes.",
    "The driver waited until it was calm.", "A neighbour spoke up.", "The family was told.",
)  # fmt: skip

STRENGTHS = (
    "The café lets young people wait inside when it is dark.",
    "The youth worker on Thursdays is known and trusted here.",
    "The librarian keeps a table free after school and it is always full.",
    "The manager knows young people by name and calls for help calmly.",
    "Neighbours keep an eye on the path and walk children across.",
    "The new lights make the way home feel safer, young people say.",
    "Young people run the bike repair morning themselves.",
    "The bus driver waits until everyone is on.",
    "The caretaker opens the hall when it rains.",
    "Older teenagers look after the younger ones at the ball court.",
    "The boxing club brings young people from both sides of the river together.",
    "Shop staff have been trained and step in kindly.",
    "The garden project has made this corner friendly again.",
    "Young people say this is where they feel at home.",
    "The community meal on Fridays brings everyone in.",
)

OUTREACH = (
    "Spoke with young people about the evening; they felt unsafe on the way home.",
    "Young people showed us where they are bothered and asked for a light.",
    "Several young people told us about pressure to carry things.",
    "Quiet session; young people said they had moved here to keep out of the way of adults.",
    "Young people asked for somewhere warm to go after eight.",
    "We stayed with a young person until a parent came.",
    "Young people told us about adults offering vapes.",
    "Talked about a fight the day before; nobody wants it to go on.",
    "Young people said the staff here are fair to them.",
    "We saw adults handing round alcohol and told the warden.",
)

DETAILS = (
    "Call back on 07700 900123.", "The caller left 07700 900 456 for more.", "Write to hall.keeper@example.org.",
    "Reply to front-desk@example.org please.", "Ring 01632 960321 after six.", "A car reg AB12 CDE was noted.",
    "Message @harrow.example for the clip.", "The caller rang from +44 7700 900789.",
)  # fmt: skip
"""Details that must be masked on the way in. Numbers from the ranges kept for drama, addresses of example.org."""


def note_for(kind: str, harm: str, rng: np.random.Generator) -> str:
    """A note for one report."""
    if kind == "strength":
        return str(rng.choice(STRENGTHS))
    if kind == "outreach" and rng.random() < 0.75:
        return str(rng.choice(OUTREACH))
    text = str(rng.choice(HAPPENED[harm]))
    return f"{text} {rng.choice(DONE)}" if harm != "presence_only" and rng.random() < 0.6 else text
