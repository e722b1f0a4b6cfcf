"""Which workflow each kind of job runs."""

from collections.abc import Mapping

from cs_geo.workflows.run_jobs import Work

WORKS: Mapping[str, Work] = {}
