"""Every workflow that shows or changes something writes a row into the audit log, but for those that are listed."""

import ast

import pytest

from tests.test_permissions import ASKS_NOBODY, asking_workflows

WRITES = {"recorded", "recorded_long", "looked_at", "write_audit"}
WRITES_NOTHING = {
    # Parts of a page whose look is a row already.
    "cases.list_case_people",
    "adopt_outline.boundary_of_hotspot",
    "adopt_outline.list_outlines",
    "defend_hotspots.least_for",
    "defend_hotspots.read_defence",
    "load_baseline.list_loaded_baselines",
    "raise_alarms.is_due",
    "raise_alarms.read_latest_alarms",
    "find_hotspots.hotspots_for",
    "find_hotspots.list_runs",
    "find_hotspots.read_runs",
    "find_hotspots.list_doubted_hotspots",
    "look_at_map.choices",
    "look_at_map.first_bounds",
    "look_at_map.has_basemap",
    "look_at_map.has_reports",
    "look_at_map.window_of_reports",
    "place_reports.match_rate",
    "read_reports.source_names",
    "typed_points.read_typed_point",
    "typed_points.name_areas",
    "undo_imports.list_imports",
    "inbox.count_waiting",
    "review_texts.count_texts",
    "check_audit.unanchored_since",
    "undo_imports.is_undone",
    "choose_mapping.list_profiles",
    # A form that is not kept yet; saving it is a row.
    "add_report.check_draft",
    "hand_in.check_submission",
    # Counts before an export; writing it is two rows, and handing it over none of its own.
    "export_files.preview_export",
    "export_files.export_to_file",
    "standing_purposes.find_standing",
    "standing_purposes.list_standing",
    "export_files.release_to_file",
    "tabulate_for_public.takes_long",
    "export_files.hand_over",
    # Reading the rows that it writes out is a row.
    "private_files.offer_rejects",
}
"""Workflows that ask the table of permissions, whose refusals are written, and which write nothing else themselves."""


def called_by(function: ast.FunctionDef) -> set[str]:
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    return {call.func.id for call in calls if isinstance(call.func, ast.Name)}


@pytest.mark.trust("B5", figure="every workflow, but 22 that are part of one that does")
def test_every_workflow_writes_a_row_or_is_part_of_one_that_does() -> None:
    asking = {name: called_by(function) for name, function in asking_workflows() if name not in ASKS_NOBODY}
    silent = {name for name, called in asking.items() if not name.startswith("recording.") and not called & WRITES}
    assert silent == WRITES_NOTHING
