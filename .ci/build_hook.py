"""Puts into a wheel what a checkout has beside the package: the data files, and the map's files where npm put them.

Which of npm's files travel is said by ``cs_geo/web/assets/files.toml``, which is also what the server serves by.
"""

import tomllib
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ASSETS = Path("cs_geo", "web", "assets")


class WheelContents(BuildHookInterface[Any]):
    """Adds the data files and the map's files to the wheel."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Name every file and where it goes; a wheel without the map's files is refused."""
        if version == "editable":
            return
        root = Path(self.root)
        assets = root / ASSETS
        named: dict[str, str] = tomllib.loads((assets / "files.toml").read_text(encoding="utf-8"))["files"]
        missing = [path for path in named.values() if not (assets / path).is_file()]
        if missing:
            message = f"{len(missing)} files of the map are not there, {missing[0]} among them. Run `make setup` first."
            raise FileNotFoundError(message)
        carried = {str(root / "data"): "cs_geo/_data"}
        carried |= {str(assets / path): str(ASSETS / "static" / name) for name, path in named.items()}
        build_data["force_include"] |= carried
