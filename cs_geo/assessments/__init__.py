"""Neighbourhood assessments: what is asked, what is seen and what is talked about at a place."""
