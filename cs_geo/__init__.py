"""cs_geo: location-risk mapping for contextual safeguarding. The unit is a place, never a person."""

__version__ = "0.1.0"
