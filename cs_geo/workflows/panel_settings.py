"""How the site's panel works: the product's files, or the site's own in their place."""

from cs_geo.cases.configuration import PanelConfiguration, load_configuration
from cs_geo.settings import data_folder, get_settings, home_folder


def panel_configuration() -> PanelConfiguration:
    """How the panel works here. Read at each use: an edited file holds at once, and its version changes with it."""
    return load_configuration(home_folder(get_settings()), data_folder())
