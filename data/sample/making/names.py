"""Names for the streets of the sample borough, by theme. All made up or plain words; none is called after a person."""

THEMES: dict[str, tuple[str, ...]] = {
    "old": tuple(
        "Fleshmarket Pudding Cordwainer Saddler Wheelgate Fuller Butterwell Cloth Crooked Candlewick Horsefair Malt Salter "
        "Glover Ropery Haymarket Swan Turnagain Pinfold Friargate Cooper Hopper Lantern Dial Packhorse Threadgold Almoner "
        "Sexton Bellfounder Skinner Tallow Loom".split()
    ),
    "crafts": tuple(
        "Weaver Spinner Carder Dyer Shuttle Bobbin Tenter Fulling Worsted Linen Calico Jersey Selvedge Twill Damask Hemp "
        "Flax Teasel Distaff Heddle Spindle Yarn Fustian Felt Ribbon Lace Thimble Warp Weft Merino Denim Muslin Gingham "
        "Corduroy Velvet Braid Tassel Hessian Chenille Plaid".split()
    ),
    "trades": tuple(
        "Wheelwright Sawyer Joiner Mason Slater Thatcher Cartwright Farrier Turner Chandler Carter Drover Tanner Miller "
        "Baker Brewer Potter Glazier Plumber Smithy Anvil Forge Bellows Hammer Chisel Mallet Adze Trowel Girder Signal "
        "Sidings Engine Turntable Coupling Buffer Points Lamp Tender Semaphore Ballast".split()
    ),
    "clay": tuple(
        "Kiln Brick Tile Clay Ochre Sienna Umber Terracotta Glaze Ashlar Marl Loam Puddle Chimney Flue Furnace Hearth "
        "Ember Cinder Kelp Quoin Header Stretcher Bond Gable Lintel Mortar Plinth Arch Keystone Corbel Parapet Cornice "
        "Pantile Ridge Finial Cobble Flint Gravel".split()
    ),
    "metals": tuple(
        "Copper Bronze Silver Nickel Tin Zinc Cobalt Iron Steel Brass Pewter Gilt Foundry Ingot Crucible Rivet Boiler "
        "Piston Flywheel Governor Throttle Spanner Lathe Bobbing Gauge Valve Cylinder Axle Pinion Ratchet Cog Sprocket "
        "Bearing Gasket".split()
    ),
    "boats": tuple(
        "Keel Mast Rudder Tiller Halyard Anchor Capstan Wherry Cutter Ketch Sloop Lugger Dinghy Punt Skiff Barge Lighter "
        "Compass Beacon Bowline Reef Spinnaker Mainsail Bowsprit Binnacle Gunwale Rowlock Hawser Fender Windlass".split()
    ),
    "birds": tuple(
        "Heron Plover Curlew Lapwing Kingfisher Teal Wigeon Mallard Moorhen Dunlin Avocet Swift Martin Linnet Siskin "
        "Fieldfare Redwing Goldcrest Nuthatch Wagtail Whinchat Dabchick Grebe Sandpiper Redshank Osprey Kestrel Merlin "
        "Harrier Bittern Goldfinch Thrush".split()
    ),
    "fishes": tuple(
        "Grayling Perch Roach Tench Bream Chub Dace Gudgeon Minnow Loach Barbel Rudd Bleak Lamprey Salmon Trout Sturgeon "
        "Stickleback Ruffe Zander Burbot Smelt Shad Vendace Charr Elver".split()
    ),
    "herbs": tuple(
        "Tansy Marjoram Thyme Fennel Borage Lovage Sorrel Chervil Comfrey Bergamot Camomile Coriander Caraway Hyssop "
        "Lavender Angelica Rosemary Burnet Yarrow Dill Mint Basil Chive Arnica Juniper Saffron Sage Woodruff "
        "Feverfew Vervain".split()
    ),
    "trees": tuple(
        "Rowan Hornbeam Whitebeam Larch Alder Aspen Juneberry Maple Walnut Chestnut Linden Hazel Medlar Spindleberry Cedar "
        "Cypress Spruce Tamarisk Laburnum Sycamore Poplar Hawthorn Blackthorn Elder Dogwood Holm Service Acacia Tulip "
        "Catalpa Ginkgo Magnolia".split()
    ),
    "weather": tuple(
        "Cirrus Stratus Zephyr Breeze Rainbow Sunrise Sunset Midsummer Solstice Equinox Aurora Meridian Horizon Dawn "
        "Daybreak Twilight Harvest Springtide Eventide Northwind Westerly Isobar Barometer Frost Hoar Dewpoint Mistral "
        "Halcyon".split()
    ),
    "fruits": tuple(
        "Damson Quince Bullace Greengage Mulberry Russet Pippin Codlin Costard Pearmain Bramble Bilberry Cranberry Currant "
        "Gooseberry Loganberry Cherry Apricot Nectarine Peach Plum Sloe Strawberry Raspberry Elderberry Rowanberry "
        "Whortleberry Tayberry".split()
    ),
    "shore": tuple(
        "Samphire Marram Dune Shingle Tidewater Estuary Saltings Spartina Thrift Campion Limpet Cockle Winkle Whelk Oyster "
        "Mussel Scallop Razorshell Seaholly Sandbank Groyne Breakwater Foreshore Headland Longshore".split()
    ),
    "moor": tuple(
        "Heather Ling Bracken Gorse Whin Cotton Sphagnum Sundew Tormentil Harebell Cloudberry Peat Turbary Cairn "
        "Tarn Fell Beck Gill Scar Crag Tor Combe Ridgeway Drystone Fold Shieling Bield Cowberry Sedge".split()
    ),
    "flowers": tuple(
        "Primrose Cowslip Bluebell Foxglove Campanula Clover Speedwell Celandine Oxlip Anemone Columbine Larkspur Lupin "
        "Marigold Poppy Cornflower Snowdrop Crocus Iris Aster Dahlia Peony Verbena Zinnia Sweetbriar Honeysuckle Jasmine "
        "Clematis Wisteria".split()
    ),
    "stones": tuple(
        "Granite Basalt Gritstone Limestone Sandstone Dolerite Gabbro Marble Alabaster Gypsum Jasper Agate Onyx Garnet "
        "Beryl Topaz Opal Jet Amber Feldspar Quartz Mica Schist Gneiss Chert Travertine Tufa Oolite Porphyry Serpentine "
        "Whinstone Soapstone".split()
    ),
    "crops": tuple(
        "Barley Wheat Oat Rye Millet Spelt Emmer Buckwheat Lucerne Sainfoin Vetch Trefoil Turnip Mangold Swede Bean Pease "
        "Hop Linseed Mustard Rape Woad Madder Weld Stook Sheaf Rick Stubble Furrow Headrig Harrowing Seedcorn Gleaner "
        "Winnow Granary Staddle".split()
    ),
    "Quarrystead": ("Delph", "Spoil", "Crane", "Banker", "Quarryman", "Rubble", "Freestone"),
    "Fenlode": ("Sluice", "Dyke", "Drain", "Reedbed", "Eelcatcher", "Bulrush", "Wicken"),
}
"""Words for each theme, used in this order; a village has its own."""

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
    ("Mill Lane", ("Westgate", "Ferrymead")),
    ("Chapel Street", ("Kilnfield", "Goods")),
    ("School Lane", ("Weirside", "Mossgarth")),
    ("Park Road", ("Kilnfield east", "Sallowfield")),
)
"""Streets of one name in two wards: without a locality nobody can tell which is meant."""
