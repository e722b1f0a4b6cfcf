"""Files that pass through: an upload on its way to an import, a file on its way to a download.

Both lie in the site's own folder, for this system user alone, and go when they have done their work. What is left
behind by a browser or worker that stopped is deleted after a day.
"""

import os
import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from uuid import UUID, uuid4

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput
from cs_geo.settings import get_settings, home_folder
from cs_geo.store.opening import Store
from cs_geo.workflows.download_files import offer_file
from cs_geo.workflows.imported import write_rejects
from cs_geo.workflows.read_reports import rejected_rows

KEPT_S = 24 * 3600
"""Seconds after which a file that nobody came for is deleted."""


def uploads_folder() -> Path:
    """Where uploads wait for their import."""
    return _private("uploads")


def keep_upload(content: bytes | memoryview) -> Path:
    """Write an upload where only this program reads it, under a name of its own."""
    folder = uploads_folder()
    _sweep(folder)
    path = folder / uuid4().hex
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(content)
    return path


def upload_path(name: str) -> Path:
    """The upload that a job names.

    Raises
    ------
    RefusedInput
        If it is gone, or was never one.
    """
    path = uploads_folder() / Path(name).name
    if not path.is_file():
        raise RefusedInput("The uploaded file is no longer here. Uploads are kept for a day. Please upload it again.")
    return path


def drop_uploads(paths: Sequence[Path]) -> None:
    """Delete uploads that have done their work."""
    for path in paths:
        path.unlink(missing_ok=True)


def outgoing_folder() -> Path:
    """A new private folder for files that are being made for a download."""
    folder = _private("outgoing")
    _sweep(folder)
    made = folder / uuid4().hex
    made.mkdir(mode=0o700)
    return made


CASES = "cases"


def case_folder(case_id: UUID) -> Path:
    """A new private folder for a pack of a case; its name says which case must still be open when it is fetched."""
    made = outgoing_folder() / CASES / str(case_id)
    made.mkdir(mode=0o700, parents=True)
    return made


def offer_rejects(store: Store, actor: Actor, import_id: UUID) -> str:
    """Write the sheet of an import's rejected rows; a ticket for its download.

    Raises
    ------
    RefusedInput
        If no rejected row is left: none was rejected, or their days are over.
    """
    require(actor, Action.IMPORT_REPORTS)
    rows = rejected_rows(store, actor, import_id)
    if not rows:
        raise RefusedInput("No rejected rows are kept for this import any more. Import the file again to see them.")
    path = outgoing_folder() / "rejected.csv"
    write_rejects(path, rows)
    return offer_file(store, actor, path, file_name="rejected-rows.csv", media_type="text/csv")


def _private(name: str) -> Path:
    folder = home_folder(get_settings()) / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _sweep(folder: Path) -> None:
    oldest = time.time() - KEPT_S
    for path in folder.iterdir():
        try:
            if path.stat().st_mtime < oldest:
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        except FileNotFoundError:
            continue
