"""Backing a site up into one sealed file, and restoring it where there is nothing yet."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from cs_geo.access.actor import Actor
from cs_geo.access.permissions import Action, require
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.settings import Settings
from cs_geo.store.audit import write_audit
from cs_geo.store.backups import Manifest, read_manifest, require_empty, restore_backup, write_backup
from cs_geo.store.cluster import Cluster, ClusterState
from cs_geo.store.opening import Store, open_store, owner_url
from cs_geo.store.sealing import SHORTEST_PASSPHRASE
from cs_geo.store.upgrading import upgrade_database
from cs_geo.workflows.recording import recorded_long


@dataclass(frozen=True, slots=True)
class Restored:
    """What a restore gave."""

    manifest: Manifest
    revision: str
    """The schema's revision now: this program's."""
    forced: int
    """Tables under row-level security, as they were."""
    home: Path | None
    """Home folder of the private cluster that was made for it."""


def back_up(
    store: Store,
    actor: Actor,
    settings: Settings,
    path: Path,
    passphrase: str,
    *,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
) -> Manifest:
    """Write the whole database into one sealed file.

    Raises
    ------
    UsageError
        If the passphrase is too short to keep the file closed.
    RefusedInput, SetupError
        As ``store.backups.write_backup``.
    """
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise UsageError(
            f"Take a passphrase of at least {SHORTEST_PASSPHRASE} characters, such as four words. Keep it apart from "
            "the backup: without it nobody can restore."
        )
    with recorded_long(store, actor, Action.BACK_UP) as recording:
        manifest = write_backup(owner_url(settings), path, passphrase, made_at=now())
        recording.details = {
            "revision": manifest.revision,
            "tables": len(manifest.sums.tables),
            "rows": manifest.sums.rows,
            "audit_number": manifest.sums.audit_number,
        }
    return manifest


def restore(
    actor: Actor, settings: Settings, path: Path, passphrase: str, *, into_home: Path | None = None
) -> Restored:
    """Restore a backup into an empty database, compare it with what was backed up, and bring it to this schema.

    Parameters
    ----------
    into_home
        A new home folder, in which a private cluster is made for it. None: the database of the settings.

    Raises
    ------
    RefusedInput
        If the file or the passphrase is not right, the database is not empty, or what was restored is not the same.
    NotAvailable
        If a newer version of the program made the backup.
    """
    require(actor, Action.RESTORE)
    manifest = read_manifest(path, passphrase)
    if into_home is not None:
        settings = _own_settings(settings, into_home)
    owner = owner_url(settings)
    require_empty(owner)
    restored = restore_backup(owner, path, passphrase)
    revision = upgrade_database(owner)
    store = open_store(settings)
    try:
        with store.begin(actor) as connection:
            details = {"rows": restored.rows, "revision": manifest.revision, "made_at": manifest.made_at.isoformat()}
            write_audit(connection, Action.RESTORE, "done", details=details)
    finally:
        store.close()
    forced = sum(table.is_forced for table in restored.tables.values())
    return Restored(manifest, revision, forced, settings.home if into_home is not None else None)


def _own_settings(settings: Settings, home: Path) -> Settings:
    home = home.expanduser().absolute()
    if Cluster(home).status().state is not ClusterState.ABSENT:
        raise RefusedInput(f"There is a database in {home} already. Nothing was changed. Name a new folder.")
    return settings.model_copy(update={"home": home, "database_url": None, "owner_database_url": None})
