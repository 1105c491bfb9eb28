"""Where things lie: the same names in a checkout and in an installed wheel."""

from importlib.util import find_spec
from pathlib import Path


def _root() -> Path:
    """The folder that holds `tenants`: the checkout, or site-packages."""
    spec = find_spec("tenants")
    if spec is not None and spec.submodule_search_locations:
        return Path(next(iter(spec.submodule_search_locations))).resolve().parent
    return Path(__file__).resolve().parents[2]  # a checkout whose root is not on the path


ROOT = _root()
TRANSLATIONS = ROOT / "translations"
MIGRATIONS = ROOT / "migrations"
VENDOR = ROOT / "blueprints" / "static" / "vendor"
ROLES_SQL = ROOT / "deploy" / "roles.sql"
CURRENT_HEAD = MIGRATIONS / ".current-head"


def default_data() -> Path:
    """The data folder when none is named: in the checkout, else in the working directory."""
    home = ROOT if (ROOT / "pyproject.toml").is_file() else Path.cwd()
    return home / ".data"
