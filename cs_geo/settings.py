"""Settings, read from the environment (``CS_GEO_…``) once and handed on as a value.

Nothing is read at import. Every setting here has a second value somebody needs; what people pick from lists is data
(``data/``), not a setting.
"""

import os
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from cs_geo.errors import UsageError


class SignIn(StrEnum):
    """How people are known."""

    LOCAL = "local"
    OIDC = "oidc"
    PROXY = "proxy"


class Settings(BaseSettings):
    """What a site may change without changing the program."""

    model_config = SettingsConfigDict(env_prefix="CS_GEO_", frozen=True, extra="ignore")

    home: Path | None = None
    """Folder of the private cluster and of the site's own files. None: ``default_home()``."""
    database_url: str | None = None
    """A served PostGIS to use instead of the private cluster, as a login that may act as the app role."""
    owner_database_url: str | None = None
    """The same database as the role that owns the schema, for ``cs-geo db upgrade``. None: ``database_url``."""

    storage_epsg: int = 27700
    """Metric CRS in which geometries are stored and distances computed (British National Grid)."""
    zone: str = "Europe/London"
    """Time zone in which dates without one are read, and in which time bands are meant."""

    max_expansion_ratio: float = 100
    """Largest ratio of unpacked to packed size of an upload (trust.md C6)."""
    max_columns: int = 200
    """Largest number of columns of a table (trust.md C6)."""
    page_max_bytes: int = 200 * 1024 * 1024
    """Largest unpacked size of an upload by page. The command line streams and has no such limit."""
    page_max_rows: int = 1_000_000
    """Largest number of rows of an upload by page."""
    reject_days: int = 7
    """Days after which a sheet of rejected rows is deleted: it holds what the partner wrote."""

    sign_in: SignIn = SignIn.LOCAL
    """How people are known: one person on this machine, an OpenID Connect provider, or a proxy in front."""
    proxy_secret: str | None = None
    """What a proxy adds to each request to show that the user it names was signed in by it; 32 characters at least."""
    proxy_keys: Path | None = None
    """File with the public keys (JWKS) of a proxy that sends a token it has signed, in place of the secret."""
    proxy_issuer: str | None = None
    """Who signs the proxy's tokens (claim ``iss``); the issuer of its people."""
    proxy_audience: str | None = None
    """For whom the proxy's tokens are (claim ``aud``)."""
    proxy_token_header: str = "Authorization"  # noqa: S105 - the header, and no token
    """Which header holds the proxy's token."""
    idle_minutes: int = Field(default=30, ge=1)
    """Minutes after which somebody who does nothing must sign in again."""
    session_hours: int = Field(default=10, ge=1)
    """Hours after which everybody must sign in again."""

    secret_key: str | None = None
    """Key that signs map links, where several servers share one. None: a key of this machine's own, in ``home``."""

    audit_anchors: Path | None = None
    """File in which the audit log is anchored every day, best on another machine. None: beside the cluster."""

    backup_passphrase: SecretStr | None = None
    """What backups are sealed with. None: it is asked for, or read from a file."""

    public_address: str | None = None
    """Address of the site as people open it, for links that are printed. None: that of whoever adds the link."""

    host: str = "127.0.0.1"
    port: int = Field(default=8501, ge=1, le=65_535)
    job_workers: int = Field(default=1, ge=0)
    """Worker processes started by ``cs-geo serve``; 0 when they are run elsewhere."""


@lru_cache(maxsize=1)
def get_settings() -> Settings:
    """The settings of this process.

    Raises
    ------
    UsageError
        If the environment holds something that is no value of its setting.
    """
    try:
        return Settings()
    except ValidationError as fault:
        wrong = ", ".join(f"CS_GEO_{str(error['loc'][0]).upper()}" for error in fault.errors())
        raise UsageError(f"{wrong}: this is no value of that setting. See the settings in the README.") from fault


def default_home() -> Path:
    """Where a site keeps its cluster when it says nothing.

    The cluster runs as ``postgres`` when started by root, and that user cannot enter root's home folder.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/cs_geo")
    return Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "cs_geo"


def home_folder(settings: Settings) -> Path:
    """The folder of the private cluster and of the site's own files."""
    return (settings.home or default_home()).expanduser().absolute()


def data_folder() -> Path:
    """The product's data files: inside the package when installed from a wheel, else beside it in the checkout."""
    packaged = Path(__file__).parent / "_data"
    return packaged if packaged.is_dir() else Path(__file__).parents[1] / "data"
