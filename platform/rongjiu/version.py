"""The version of the installed package."""

from importlib.metadata import PackageNotFoundError, version


def _read() -> str:
    try:
        return version("rongjiu")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "0"


VERSION = _read()
