"""``cs-geo db backup`` and ``cs-geo db restore``. A passphrase is never an argument, which others could see."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from cs_geo.cli.people import COMMAND_LINE
from cs_geo.cli.saying import counted, say, say_document
from cs_geo.errors import RefusedInput, UsageError
from cs_geo.settings import Settings, get_settings
from cs_geo.store.opening import open_store
from cs_geo.workflows import keep_backups

PassphraseFile = Annotated[
    Path | None, typer.Option("--passphrase-file", help="File whose first line is the passphrase.")
]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document.")]


def backup(
    file: Annotated[Path, typer.Argument(help="The file to write; it must not be there yet.")],
    passphrase_file: PassphraseFile = None,
    json_output: Json = False,
) -> None:
    """Back the whole database up into one file, sealed with a passphrase."""
    settings = get_settings()
    passphrase = _passphrase(settings, passphrase_file, twice=True)
    manifest = keep_backups.back_up(open_store(settings), COMMAND_LINE, settings, file, passphrase)
    if json_output:
        say_document(
            {
                "file": file,
                "made_at": manifest.made_at,
                "revision": manifest.revision,
                "program": manifest.program,
                **manifest.sums.to_json(),
            }
        )
        return
    say(
        f"{counted(manifest.sums.rows, 'row')} of {counted(len(manifest.sums.tables), 'table')} are in {file}. "
        "Keep the passphrase apart from it: without it nobody can restore."
    )


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `cs-geo db backup` has written.")],
    into_home: Annotated[
        Path | None, typer.Option("--into-home", help="A new home folder, in which a private cluster is made for it.")
    ] = None,
    passphrase_file: PassphraseFile = None,
    json_output: Json = False,
) -> None:
    """Restore a backup into an empty database, and check that it holds what was backed up."""
    settings = get_settings()
    passphrase = _passphrase(settings, passphrase_file, twice=False)
    done = keep_backups.restore(COMMAND_LINE, settings, file, passphrase, into_home=into_home)
    sums = done.manifest.sums
    if json_output:
        say_document(
            {
                "made_at": done.manifest.made_at,
                "revision": done.revision,
                "home": done.home,
                "forced_tables": done.forced,
                **sums.to_json(),
            }
        )
        return
    say(
        f"{counted(sums.rows, 'row')} of {counted(len(sums.tables), 'table')} are restored. Every table has the rows "
        f"and the checksum that were backed up; {counted(done.forced, 'table')} are under row-level security; "
        f"the audit log is whole up to row {sums.audit_number:,}."
    )
    if done.home is not None:
        say(f"To use it: CS_GEO_HOME={done.home}")


def _passphrase(settings: Settings, file: Path | None, *, twice: bool) -> str:
    if file is not None:
        try:
            given = file.read_text(encoding="utf-8").split("\n", 1)[0].rstrip("\r")
        except (OSError, UnicodeDecodeError) as fault:
            raise RefusedInput(f"The passphrase could not be read from {file}.") from fault
    elif settings.backup_passphrase is not None:
        given = settings.backup_passphrase.get_secret_value()
    elif sys.stdin.isatty():
        given = typer.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True)
    else:
        given = ""
    if not given:
        raise UsageError(
            "A passphrase is missing. Set CS_GEO_BACKUP_PASSPHRASE, name a file with --passphrase-file, or run this in "
            "a terminal, which asks for it."
        )
    return str(given)
