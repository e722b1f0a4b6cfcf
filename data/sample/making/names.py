"""Names for the streets of the sample borough, by theme. All made up or plain words; none is called after a person."""

_WORDS = {
    "old": """
        Fleshmarket Pudding Cordwainer Saddler Wheelgate Fuller Butterwell Cloth Crooked Candlewick Horsefair Malt
        Salter Glover Ropery Haymarket Swan Turnagain Pinfold Friargate Cooper Hopper Lantern Dial Packhorse Almoner
        Sexton Bellfounder Skinner Tallow Loom Currier Vintner Barbican Postern Bakehouse Dyehouse Pepper
        Spicer Mercer Draper Fletcher Pewterer Needle Buttercross Shambles Pump Archway
    """,
    "crafts": """
        Weaver Spinner Carder Dyer Shuttle Bobbin Tenter Fulling Worsted Linen Calico Jersey Selvedge Twill Damask
        Hemp Flax Teasel Distaff Heddle Spindle Yarn Fustian Felt Ribbon Lace Thimble Warp Weft Merino Denim Muslin
        Gingham Corduroy Velvet Braid Tassel Hessian Chenille Plaid
    """,
    "trades": """
        Wheelwright Sawyer Joiner Mason Slater Thatcher Cartwright Farrier Turner Chandler Carter Drover Tanner Miller
        Baker Brewer Potter Glazier Plumber Smithy Anvil Forge Bellows Hammer Chisel Mallet Adze Trowel Girder Signal
        Sidings Engine Turntable Coupling Buffer Points Lamp Tender Semaphore Ballast
    """,
    "clay": """
        Kiln Brick Tile Clay Ochre Sienna Umber Terracotta Glaze Ashlar Marl Loam Puddle Chimney Flue Furnace Hearth
        Ember Cinder Kelp Quoin Header Stretcher Bond Gable Lintel Mortar Plinth Arch Keystone Corbel Parapet Cornice
        Pantile Ridge Finial Cobble Flint Gravel
    """,
    "metals": """
        Copper Bronze Silver Nickel Tin Zinc Cobalt Iron Steel Brass Pewter Gilt Foundry Ingot Crucible Rivet Boiler
        Piston Flywheel Governor Throttle Spanner Lathe Bobbing Gauge Valve Cylinder Axle Pinion Ratchet Cog Sprocket
        Bearing Gasket
    """,
    "boats": """
        Keel Mast Rudder Tiller Halyard Anchor Capstan Wherry Cutter Ketch Sloop Lugger Dinghy Punt Skiff Barge
        Lighter Compass Beacon Bowline Reef Spinnaker Mainsail Bowsprit Binnacle Gunwale Rowlock Hawser Fender
        Windlass Galleon Schooner Clipper Brigantine Yawl Coble Dory Kedge Topmast Jib Sextant Lanyard Forecastle
        Bilge Gangway Slipway Towrope Painter
    """,
    "birds": """
        Heron Plover Curlew Lapwing Kingfisher Teal Wigeon Mallard Moorhen Dunlin Avocet Swift Martin Linnet Siskin
        Fieldfare Redwing Goldcrest Nuthatch Wagtail Whinchat Dabchick Grebe Sandpiper Redshank Osprey Kestrel Merlin
        Harrier Bittern Goldfinch Thrush Snipe Whimbrel Godwit Turnstone Knot Ruff Shelduck Goosander Bunting Pipit
        Dipper Skylark Chaffinch Bullfinch Yellowhammer
    """,
    "fishes": """
        Grayling Perch Roach Tench Bream Chub Dace Gudgeon Minnow Loach Barbel Rudd Bleak Lamprey Salmon Trout
        Sturgeon Stickleback Ruffe Zander Burbot Smelt Shad Vendace Charr Elver
    """,
    "herbs": """
        Tansy Marjoram Thyme Fennel Borage Lovage Sorrel Chervil Comfrey Bergamot Camomile Coriander Caraway Hyssop
        Lavender Angelica Rosemary Burnet Yarrow Dill Mint Basil Chive Arnica Juniper Saffron Sage Woodruff Feverfew
        Vervain Betony Sweetcicely Costmary Tarragon Mallow Melilot Pennyroyal Rue Southernwood Elecampane
    """,
    "trees": """
        Rowan Hornbeam Whitebeam Larch Alder Aspen Juneberry Maple Walnut Chestnut Linden Hazel Medlar Spindleberry
        Cedar Cypress Spruce Tamarisk Laburnum Sycamore Poplar Hawthorn Blackthorn Elder Dogwood Holm Service Acacia
        Tulip Catalpa Ginkgo Magnolia Hemlock Sequoia Osier Sallow Bay Almond Olive Cork Ironwood Mulga Balsam Redwood
        Deodar Sweetgum Wingnut Buckthorn Privet Yew
    """,
    "weather": """
        Cirrus Stratus Zephyr Breeze Rainbow Sunrise Sunset Midsummer Solstice Equinox Aurora Meridian Horizon Dawn
        Daybreak Twilight Harvest Springtide Eventide Northwind Westerly Isobar Barometer Frost Hoar Dewpoint Mistral
        Halcyon
    """,
    "fruits": """
        Damson Quince Bullace Greengage Mulberry Russet Pippin Codlin Costard Pearmain Bramble Bilberry Cranberry
        Currant Gooseberry Loganberry Cherry Apricot Nectarine Peach Plum Sloe Strawberry Raspberry Elderberry
        Rowanberry Whortleberry Tayberry
    """,
    "shore": """
        Samphire Marram Dune Shingle Tidewater Estuary Saltings Spartina Thrift Campion Limpet Cockle Winkle Whelk
        Oyster Mussel Scallop Razorshell Seaholly Sandbank Groyne Breakwater Foreshore Headland Longshore
    """,
    "moor": """
        Heather Ling Bracken Gorse Whin Cotton Sphagnum Sundew Tormentil Harebell Cloudberry Peat Turbary Cairn Tarn
        Fell Beck Gill Scar Crag Tor Combe Ridgeway Drystone Fold Shieling Bield Cowberry Sedge Clough Rigg Tussock
        Crowberry Butterwort Milkwort Mosscrop Grouse Hindgate Packway Sheepwash Cragside Stonepit Causey
    """,
    "flowers": """
        Primrose Cowslip Bluebell Foxglove Campanula Clover Speedwell Celandine Oxlip Anemone Columbine Larkspur Lupin
        Marigold Poppy Cornflower Snowdrop Crocus Iris Aster Dahlia Peony Verbena Zinnia Sweetbriar Honeysuckle
        Jasmine Clematis Wisteria
    """,
    "stones": """
        Granite Basalt Gritstone Limestone Sandstone Dolerite Gabbro Marble Alabaster Gypsum Jasper Agate Onyx Garnet
        Beryl Topaz Opal Jet Amber Feldspar Quartz Mica Schist Gneiss Chert Travertine Tufa Oolite Porphyry Serpentine
        Whinstone Soapstone Obsidian Malachite Peridot Zircon Lapis Citrine Moonstone Sunstone Ironstone Puddingstone
        Rhyolite Andesite
    """,
    "crops": """
        Barley Wheat Oat Rye Millet Spelt Emmer Buckwheat Lucerne Sainfoin Vetch Trefoil Turnip Mangold Swede Bean
        Pease Hop Linseed Mustard Rape Woad Madder Weld Stook Sheaf Rick Stubble Furrow Headrig Harrowing Seedcorn
        Gleaner Winnow Granary Staddle Haywain Wagon Threshing Scythe Sickle Rake Harvester Tithe Croftfield Ploughman
        Hayrick Cornfield Oatcroft
    """,
    "Quarrystead": """
        Delph Spoil Crane Banker Quarryman Rubble Freestone
    """,
    "Fenlode": """
        Sluice Dyke Drain Reedbed Eelcatcher Bulrush Wicken
    """,
}
"""Words for each theme, in the order in which they are used; a village has its own."""

THEMES: dict[str, tuple[str, ...]] = {theme: tuple(words.split()) for theme, words in _WORDS.items()}

KINDS: dict[tuple[str, str], tuple[str, ...]] = {
    ("old", "through"): ("Street", "Lane", "Row", "Street", "Hill", "Lane"),
    ("old", "end"): ("Yard", "Court", "Row", "Passage"),
    ("terrace", "through"): ("Street", "Street", "Terrace", "Street", "Road", "Street"),
    ("terrace", "end"): ("Street", "Place", "Terrace"),
    ("semi", "collector"): ("Avenue", "Road", "Drive"),
    ("semi", "through"): ("Avenue", "Drive", "Grove", "Crescent", "Road", "Gardens"),
    ("semi", "end"): ("Close", "Gardens", "Croft", "Place"),
    ("estate", "collector"): ("Drive", "Way", "Road"),
    ("estate", "through"): ("Drive", "Rise", "Way"),
    ("estate", "end"): ("Close", "Court", "Croft", "Mews", "Walk", "Place"),
}
"""What a street is called besides, by the manner of its quarter and by whether it leads on."""

SHARED = (
    ("Church Lane", ("Old town", "Brackenlea")),
    ("Mill Lane", ("Clothfield", "Ferrymead")),
    ("Chapel Street", ("Kilnfield", "Goods")),
    ("School Lane", ("Weirside", "Mossgarth")),
    ("Park Road", ("Kilnfield east", "Sallowfield")),
)
"""Streets of one name in two wards: without a locality nobody can tell which is meant."""
