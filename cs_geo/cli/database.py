"""``cs-geo db``: the private PostGIS cluster and the schema."""

from typing import Annotated

import typer

from cs_geo.cli import backups, readers
from cs_geo.cli.saying import say, say_document
from cs_geo.errors import NotAvailable, UsageError
from cs_geo.settings import get_settings
from cs_geo.store.cluster import Cluster, ClusterState, cluster_for
from cs_geo.store.opening import app_url, owner_url
from cs_geo.store.reader_roles import prepare_groups
from cs_geo.store.upgrading import upgrade_database

app = typer.Typer(help="The database: the private PostGIS cluster, or the served one.", no_args_is_help=True)
app.command()(backups.backup)
app.command()(backups.restore)
app.add_typer(readers.app, name="readers")


def _own_cluster() -> Cluster:
    settings = get_settings()
    if settings.database_url:
        raise NotAvailable(
            "CS_GEO_DATABASE_URL points at a served database, which is started and stopped by whoever runs it. "
            "Unset it to use the private cluster."
        )
    return cluster_for(settings)


@app.command()
def init() -> None:
    """Make the private cluster, start it and bring it to this version's schema."""
    cluster = _own_cluster()
    cluster.ensure_running()
    upgrade_database(owner_url(get_settings()))
    say(f"The database is ready in {cluster.home}.")


@app.command()
def start() -> None:
    """Start the private cluster."""
    cluster = _own_cluster()
    cluster.ensure_running()
    say(f"The database is running; its socket is in {cluster.sockets}.")


@app.command()
def stop() -> None:
    """Stop the private cluster, after its connections have been closed."""
    _own_cluster().stop()
    say("The database is stopped.")


@app.command()
def status(json_output: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """Say whether the private cluster runs, and where it is."""
    state = _own_cluster().status()
    if json_output:
        say_document(
            {
                "state": state.state,
                "home": state.home,
                "postgresql": state.major,
                "process": state.process,
                "socket": state.sockets,
            }
        )
        return
    if state.state is ClusterState.ABSENT:
        say(f"There is no database in {state.home} yet. Make it with `cs-geo db init`.")
    else:
        say(f"The database in {state.home} is {state.state} (PostgreSQL {state.major}).")


@app.command()
def url(role: Annotated[str, typer.Option(help="app or owner.")] = "app") -> None:
    """Print the address of the database, for psql or a GIS."""
    if role not in {"app", "owner"}:
        raise UsageError(f"There is no role “{role}”. Use --role app or --role owner.")
    settings = get_settings()
    address = app_url(settings) if role == "app" else owner_url(settings)
    say(address.replace("postgresql+psycopg://", "postgresql://"))


@app.command()
def upgrade() -> None:
    """Bring the database to this version's schema."""
    settings = get_settings()
    owner = owner_url(settings)
    revision = upgrade_database(owner)
    say(f"The database is at revision {revision}.")
    left = prepare_groups(owner) if settings.database_url else ()
    if left:
        say("No GIS can read from it yet. Where one should, the database's administrator runs, to begin with:")
        for statement in left:
            say(f"  {statement};")
        say("The rest is under “Reading with a GIS” in docs/operating.md, or said by `cs-geo db readers add`.")
