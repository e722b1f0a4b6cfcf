"""What was drawn by hand: the river, the railway, the main roads, the sites that the town is built around.

Everything in local metres. The rest (side streets, houses, addresses, postcodes) follows from this by rule.
"""

from dataclasses import dataclass

from shapely.geometry import LineString, Point, Polygon

from making.geometry import block, broken_ring, curve, ring

TOWN = "Harrowmere"

BOROUGH = broken_ring(
    [(110, 1080), (40, 1960), (-40, 2480), (210, 3050), (120, 3700), (420, 4390), (1150, 4560), (1800, 4930),
     (2700, 4790), (3350, 4960), (4350, 4900), (4900, 4720), (5620, 4690), (6010, 4420), (5960, 3900), (5830, 3150),
     (5990, 2330), (5880, 1320), (5960, 620), (5300, 330), (4560, 60), (3900, 150), (3060, 10), (2200, 110),
     (1500, 60), (620, 130), (200, 380)],
)  # fmt: skip

BUILT_UP = ring(
    [(860, 1750), (800, 2500), (900, 3250), (1120, 4020), (1800, 4230), (2450, 4480), (3200, 4430), (3900, 4330),
     (4700, 4250), (5020, 3700), (4930, 3050), (5250, 2500), (5330, 1750), (4950, 1150), (4350, 640), (3500, 380),
     (2600, 420), (1850, 620), (1150, 1080)],
    40,
)  # fmt: skip
"""Where the town ends and the fields begin."""

RIVER = curve(
    [(-200, 3330), (300, 3400), (750, 3330), (1200, 3160), (1700, 3210), (2200, 3020), (2700, 3075), (3150, 2960),
     (3550, 2730), (3980, 2670), (4400, 2400), (4850, 2330), (5350, 1990), (5750, 1930), (6250, 1760)],
)  # fmt: skip
RIVER_HALF_WIDTH = 15.0
RIVER_NAME = "River Sallow"

RAILWAY = curve(
    [(-200, 1700), (700, 1760), (1500, 1860), (2300, 1945), (2900, 1975), (3500, 1930), (4200, 1740), (4900, 1480),
     (5600, 1290), (6250, 1180)],
)  # fmt: skip


@dataclass(frozen=True)
class Road:
    """A main road: its name, class of the OpenStreetMap key ``highway`` and line."""

    name: str
    highway: str
    line: LineString


ROADS = (
    Road("Bridge Street", "secondary", curve([(2790, 3215), (2792, 3075), (2800, 2905), (2795, 2790)])),
    Road("High Street", "tertiary", curve([(2795, 2790), (2815, 2660), (2850, 2480), (2862, 2320)])),
    Road("Station Road", "tertiary", curve([(2862, 2320), (2880, 2180), (2905, 2045)])),
    Road("Station Approach", "unclassified", curve([(2905, 2045), (2800, 2020), (2640, 2024)])),
    Road("Westgate", "secondary", curve([(2795, 2790), (2640, 2735), (2360, 2660), (2000, 2640), (1620, 2570)])),
    Road("Carr Road", "secondary", curve([(1620, 2570), (1250, 2540), (800, 2430), (350, 2440), (-120, 2330)])),
    Road("Eastgate", "secondary", curve([(2795, 2790), (2960, 2700), (3250, 2520), (3650, 2350), (4010, 2260),
        (4330, 2125)])),
    Road("Saltmarsh Road", "secondary", curve([(4330, 2125), (4750, 1960), (5250, 1640), (5700, 1560),
        (6200, 1400)])),
    Road("Lowfield Road", "secondary", curve([(2905, 2045), (3010, 1960), (3030, 1850), (2985, 1500), (2960, 1130)])),
    Road("Tollgate Road", "secondary", curve([(2960, 1130), (2985, 800), (3060, 430), (3030, 150), (3100, -150)])),
    Road("Northgate Road", "secondary", curve([(2790, 3215), (2745, 3400), (2700, 3790)])),
    Road("Ashlode Road", "secondary", curve([(2700, 3790), (2640, 4150), (2520, 4450), (2500, 5100)])),
    Road("Beacon Road", "tertiary", curve([(2790, 3215), (3050, 3290), (3450, 3330), (3985, 3440)])),
    Road("Withy Road", "tertiary", curve([(3985, 3440), (4400, 3600), (4900, 3960), (5500, 4200), (6100, 4330)])),
    Road("Weir Road", "tertiary", curve([(2790, 3215), (2450, 3250), (2150, 3390), (1760, 3480)])),
    Road("Tillmere Road", "tertiary", curve([(1760, 3480), (1350, 3640), (1000, 3850), (500, 3930), (-50, 4250)])),
    Road("Mossgarth Road", "tertiary", curve([(1660, 1440), (1300, 1130), (960, 960), (520, 560), (-60, 320)])),
    Road("Pellmoor Road", "tertiary", curve([(4080, 1400), (4400, 1110), (4620, 820), (5200, 480), (5900, 200)])),
    Road("West Ringway", "primary", curve([(1760, 3480), (1725, 3330), (1690, 3150), (1570, 2900), (1620, 2570),
        (1520, 2250), (1500, 1860), (1660, 1440)])),
    Road("South Ringway", "primary", curve([(1660, 1440), (1950, 1220), (2450, 1110), (2960, 1130), (3500, 1180),
        (4080, 1400)])),
    Road("East Ringway", "primary", curve([(4080, 1400), (4300, 1720), (4330, 2125), (4330, 2440), (4240, 2900),
        (3985, 3440)])),
    Road("North Ringway", "primary", curve([(3985, 3440), (3640, 3700), (3200, 3800), (2700, 3790), (2200, 3690),
        (1760, 3480)])),
    Road("Sallow Lane", "unclassified", curve([(2200, 3690), (2010, 3990), (2060, 4330), (1760, 4700),
        (1650, 5000)])),
    Road("Kiln Road", "residential", curve([(1500, 1860), (1900, 1700), (2400, 1640), (2985, 1500), (3500, 1560),
        (4300, 1720)])),
    Road("Wall Street", "tertiary", curve([(2360, 2660), (2390, 2480), (2470, 2300), (2640, 2215), (2880, 2180),
        (3060, 2290), (3160, 2420), (3250, 2520)])),
    Road("Castle Street", "tertiary", curve([(2360, 2660), (2400, 2830), (2480, 2990), (2620, 3020), (2730, 2950),
        (2800, 2905)])),
    Road("Water Lane", "unclassified", curve([(2800, 2905), (2950, 2880), (3090, 2800), (3190, 2680), (3250, 2520)])),
    Road("Merebank Road", "unclassified", curve([(3640, 3700), (3720, 3950), (3830, 4180), (4100, 4220), (4480, 4100),
        (4700, 3800)])),
    Road("Sallowfield Way", "unclassified", curve([(2010, 3990), (2320, 4060), (2640, 4150), (2980, 4190),
        (3300, 4100), (3720, 3950)])),
    Road("Tillmere Way", "unclassified", curve([(1760, 3480), (1640, 3330), (1380, 3330), (1150, 3480),
        (1000, 3850)])),
    Road("Brackenlea Way", "unclassified", curve([(1570, 2900), (1300, 2950), (1180, 2760), (1250, 2540)])),
    Road("Mossgarth Way", "unclassified", curve([(1250, 2540), (1120, 2220), (1080, 1800), (1130, 1400),
        (1300, 1130)])),
    Road("Lowfield Way", "unclassified", curve([(1950, 1220), (1950, 950), (2180, 720), (2560, 670), (2985, 800)])),
    Road("Pellmoor Way", "unclassified", curve([(2985, 800), (3240, 620), (3620, 600), (4020, 720), (4400, 1110)])),
    Road("Saltmarsh Way", "unclassified", curve([(4400, 1110), (4640, 1180), (4850, 1330), (5000, 1470),
        (5250, 1640)])),
    Road("Beaconside", "unclassified", curve([(3450, 3330), (3560, 3080), (3850, 2950), (4240, 2900)])),
    Road("Withybank Road", "unclassified", curve([(4400, 3600), (4560, 3350), (4560, 3080), (4700, 2860)])),
    Road("Osierfield Road", "unclassified", curve([(4330, 2125), (4500, 2330), (4760, 2290), (4930, 2110),
        (4750, 1960)])),
    Road("Fen Lane", "unclassified", curve([(800, 2430), (700, 2050), (430, 1500), (520, 1000), (520, 560)])),
    Road("Osier Lane", "unclassified", curve([(4240, 2900), (4700, 2860), (5150, 3120), (5600, 3080), (5980, 3180)])),
    Road("Quarry Lane", "unclassified", curve([(5150, 3120), (5250, 3600), (5500, 4200)])),
    Road("Drove Road", "unclassified", curve([(5250, 1640), (5330, 1200), (5100, 850), (5200, 480)])),
)  # fmt: skip
"""Roads meet where one begins or ends on another; the rest is joined by rule."""


@dataclass(frozen=True)
class Site:
    """A piece of the town with a use of its own, where no side street is laid."""

    name: str
    use: str
    outline: Polygon


SITES = (
    Site("Ropewalk Park", "park", ring([(2765, 3420), (2840, 3285), (3060, 3325), (3330, 3345), (3400, 3480),
        (3330, 3700), (3170, 3780), (2900, 3778), (2725, 3770), (2740, 3580)], 20)),
    Site("Osier Meadow", "park", ring([(3190, 2890), (3330, 2690), (3560, 2560), (3900, 2440), (4230, 2400),
        (4270, 2460), (4000, 2630), (3600, 2700), (3400, 2810)], 20)),
    Site("Tenter Green", "park", Polygon([(2130, 1500), (2400, 1450), (2420, 1590), (2150, 1640)])),
    Site("Carr Field", "recreation_ground", ring([(930, 2640), (1150, 2690), (1230, 2900), (1150, 3050), (960, 3060),
        (880, 2850)], 20)),
    Site("Merebank Green", "park", ring([(3950, 3900), (4230, 3830), (4420, 3960), (4330, 4140), (4060, 4120)], 20)),
    Site("Pellmoor Rec", "recreation_ground", Polygon([(3640, 850), (3880, 800), (3930, 1030), (3680, 1080)])),
    Site("Weir Meadow", "park", ring([(1790, 3300), (2000, 3250), (2250, 3095), (2560, 3125), (2730, 3140),
        (2600, 3180), (2400, 3185), (2130, 3310), (1930, 3390), (1800, 3400)], 20)),
    Site("Castle Garth", "park", ring([(2510, 2860), (2620, 2830), (2700, 2880), (2690, 2980), (2590, 3000),
        (2510, 2960)], 15)),
    Site("Carr Road Cemetery", "cemetery", Polygon([(1180, 2310), (1440, 2320), (1450, 2490), (1190, 2480)])),
    Site("Harrowmere General Hospital", "hospital", Polygon([(1640, 2650), (1930, 2680), (1910, 2930),
        (1630, 2900)])),
    Site("Weirside Academy", "secondary", Polygon([(1800, 3650), (2060, 3700), (1950, 3890), (1890, 4030),
        (1710, 3990), (1700, 3780)])),
    Site("Kilnfield High School", "secondary", Polygon([(3080, 1210), (3420, 1200), (3430, 1430), (3090, 1440)])),
    Site("Market Primary School", "primary", block(2450, 2480, -12, 120, 90)),
    Site("Sallowfield Primary School", "primary", block(2950, 4080, 5, 120, 95)),
    Site("Ferrymead Primary School", "primary", block(3760, 3140, -10, 120, 95)),
    Site("Osierfield Primary School", "primary", block(4660, 2170, -20, 110, 90)),
    Site("Kilnfield Primary School", "primary", block(2700, 1330, 5, 110, 85)),
    Site("Mossgarth Primary School", "primary", block(1230, 1560, 5, 115, 95)),
    Site("Pellmoor Primary School", "primary", block(4180, 1130, -40, 115, 85)),
    Site("Ringway Retail Park", "retail", Polygon([(3520, 1210), (3900, 1350), (3850, 1530), (3640, 1540),
        (3500, 1450)])),
    Site("Saltmarsh Trading Estate", "industrial", Polygon([(4420, 1720), (4860, 1550), (4950, 1515), (4990, 1740),
        (4760, 1890), (4430, 2040)])),
    Site("Carr Works", "industrial", Polygon([(1560, 1890), (2060, 1950), (2080, 2150), (1580, 2130)])),
    Site("Goods Yard", "industrial", Polygon([(3120, 1990), (3520, 1965), (3540, 2090), (3180, 2130)])),
    Site("The Maltings Shopping Centre", "mall", block(2710, 2540, -12, 130, 95)),
    Site("Maltings car park", "parking", block(2600, 2420, -10, 70, 50)),
    Site("Harrowmere Leisure Centre", "leisure", block(3410, 2270, -25, 150, 90)),
    Site("Pellmoor Court", "estate", Polygon([(3290, 720), (3560, 690), (3590, 900), (3310, 940)])),
    Site("Bus station", "bus_station", block(2745, 2290, -3, 110, 55)),
    Site("Station car park", "parking", block(2740, 2055, 2, 130, 34)),
    Site("Ashlode Road allotments", "allotments", Polygon([(2740, 4180), (2900, 4190), (2890, 4330), (2720, 4320)])),
)  # fmt: skip

POND = ring([(3020, 3600), (3090, 3560), (3170, 3590), (3180, 3650), (3100, 3690), (3030, 3670)], 12)
RESERVOIR = ring([(420, 2900), (560, 2820), (720, 2880), (760, 3040), (640, 3150), (480, 3120)], 20)
WOODS = (
    ring([(600, 4150), (900, 4080), (1060, 4250), (980, 4450), (700, 4360)], 25),
    ring([(5200, 2450), (5480, 2380), (5640, 2600), (5500, 2850), (5260, 2780)], 25),
    ring([(3650, 4560), (4000, 4480), (4230, 4600), (4050, 4800), (3720, 4800)], 25),
    ring([(1000, 560), (1300, 500), (1420, 720), (1200, 880), (1010, 780)], 25),
)  # fmt: skip
GOLF = ring([(5150, 3450), (5100, 3250), (5350, 3170), (5700, 3250), (5750, 3600), (5480, 3900), (5320, 3650)], 25)

PARK_PATHS = (
    curve([(2760, 3420), (2870, 3500), (3000, 3540), (3200, 3540), (3400, 3470)]),
    curve([(2985, 3786), (2990, 3700), (2960, 3610), (3000, 3540), (3060, 3430), (3085, 3302)]),
    curve([(2738, 3600), (2850, 3640), (2960, 3610)]),
    curve([(2990, 3720), (3120, 3725), (3230, 3660), (3240, 3590), (3200, 3540)]),
    curve([(3230, 3660), (3330, 3700), (3350, 3762)]),
    curve([(3060, 3430), (3230, 3420), (3330, 3350), (3345, 3320)]),
    curve([(3415, 575), (3410, 690), (3395, 790), (3450, 860), (3440, 960), (3465, 1060), (3455, 1190)]),
    curve([(3395, 790), (3300, 800), (3180, 790), (2980, 815)]),
    curve([(2870, 3500), (2890, 3400), (2860, 3235)]),
)  # fmt: skip
RIVERSIDE = (
    curve([(2800, 3040), (2900, 3010), (3050, 2955), (3190, 2890), (3400, 2770), (3620, 2650), (3900, 2600),
        (4120, 2510), (4330, 2380)]),
    curve([(3400, 2770), (3450, 2640), (3420, 2450)]),
    curve([(3900, 2600), (3880, 2450), (3850, 2305)]),
    curve([(1600, 3120), (1850, 3100), (2150, 2990), (2350, 2990), (2510, 2960), (2620, 3025), (2792, 3045)]),
)  # fmt: skip
FOOTBRIDGE = LineString([(3575, 2655), (3590, 2725), (3610, 2800)])

STEPS = LineString([(2806, 2905), (2850, 2960), (2900, 3010)])
"""The flight from Bridge Street down to the river, known as the Steps."""

STATION = Point(2790, 1998)


VILLAGES = (("Quarrystead", Point(5500, 4180), 250.0), ("Fenlode", Point(520, 590), 220.0))
"""Name, middle and radius in metres."""


@dataclass(frozen=True)
class Quarter:
    """How the side streets of a part of the town are laid, and what they are named after."""

    name: str
    at: tuple[tuple[float, float], ...]
    """Points in the faces between main roads that belong to it."""
    manner: str
    """old, terrace, semi or estate."""
    theme: str
    ward: str
    angle: float = 0.0


QUARTERS = (
    Quarter("Old town", ((2800, 2600), (2450, 2780), (3000, 2520), (3000, 2850)), "old", "old", "Oldmarket", -10),
    Quarter("Clothfield", ((2000, 2420), (2300, 2850)), "terrace", "crafts", "Oldmarket", -6),
    Quarter("Goods", ((3500, 2150), (3900, 2050), (2300, 2150)), "terrace", "trades", "Oldmarket", -17),
    Quarter("Kilnfield", ((2300, 1400), (2500, 1800), (2000, 1750), (2700, 1700)), "terrace", "clay", "Kilnfield", 5),
    Quarter("Kilnfield east", ((3500, 1750), (3300, 1650), (3900, 1650)), "terrace", "metals", "Kilnfield", -12),
    Quarter("Wherrybank", ((3200, 3120), (3700, 2950), (2350, 3130)), "semi", "boats", "Ferrymead", 0),
    Quarter("Ferrymead", ((3650, 3480), (4500, 3250), (4700, 3050)), "semi", "birds", "Ferrymead", 0),
    Quarter("Weirside", ((2300, 3530), (1400, 3850), (2000, 3300)), "semi", "fishes", "Weirside", 0),
    Quarter("Tillmere", ((1150, 3450), (1300, 4050), (1600, 4000)), "estate", "herbs", "Weirside", 0),
    Quarter("Sallowfield", ((2350, 4050), (3000, 4200), (3500, 4050)), "estate", "trees", "Sallowfield", 0),
    Quarter("Merebank", ((4300, 4000), (4400, 3800), (3900, 4200)), "estate", "weather", "Sallowfield", 0),
    Quarter("Osierfield", ((4700, 2450), (4600, 2700), (4900, 2150)), "semi", "fruits", "Osierfield", 0),
    Quarter("Saltmarsh", ((4700, 1450), (4500, 1300), (4900, 1300)), "estate", "shore", "Pellmoor", 0),
    Quarter("Pellmoor", ((4000, 900), (4300, 900), (3700, 1100)), "estate", "moor", "Pellmoor", 0),
    Quarter("Lowfield", ((2500, 800), (3300, 600), (2100, 950)), "semi", "flowers", "Kilnfield", 0),
    Quarter("Mossgarth", ((1400, 1500), (1300, 1900), (1550, 1200)), "estate", "stones", "Mossgarth", 0),
    Quarter("Brackenlea", ((1200, 2900), (1400, 3100), (1100, 2250), (1350, 2650)), "semi", "crops", "Brackenlea", 0),
)
"""Each piece of land between main roads belongs to the quarter with the nearest of these points."""
