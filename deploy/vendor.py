"""Copy the few front-end files our pages load from node_modules to blueprints/static/vendor (standard library only)."""

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "blueprints" / "static" / "vendor"
WANTED = {
    "bootstrap": ("bootstrap", ["dist/css/bootstrap.min.css", "dist/js/bootstrap.bundle.min.js", "LICENSE"]),
    "htmx": ("htmx.org", ["dist/htmx.min.js", "dist/ext/hx-sse.min.js", "LICENSE"]),
    "idb": ("idb", ["build/umd.js", "LICENSE"]),
    "icons": ("bootstrap-icons", ["bootstrap-icons.svg", "LICENSE"]),
    "echarts": ("echarts", ["dist/echarts.simple.min.js", "LICENSE", "NOTICE"]),
}


def copy(modules: Path, target: Path) -> dict[str, dict[str, object]]:
    """Copy every wanted file; answer what came from which package, under which licence, with which SHA-256."""
    manifest: dict[str, dict[str, object]] = {}
    for folder, (package, files) in WANTED.items():
        about = json.loads((modules / package / "package.json").read_text())
        sums = {}
        (target / folder).mkdir(parents=True)
        for name in files:
            content = (modules / package / name).read_bytes()
            if name.endswith((".js", ".css")):  # the maps are not carried, so nobody shall ask for them
                content = b"\n".join(line for line in content.split(b"\n") if b"# sourceMappingURL=" not in line[:30])
            place = target / folder / Path(name).name
            place.write_bytes(content)
            sums[place.relative_to(target).as_posix()] = hashlib.sha256(content).hexdigest()
        manifest[package] = {"version": about["version"], "licence": about["license"], "sha256": sums}
    return manifest


def main() -> None:
    """Build the new folder beside the old one, then swap: a running demo never sees half of it."""
    modules = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "node_modules"
    draft, old = VENDOR.with_name("vendor.new"), VENDOR.with_name("vendor.old")
    for folder in (draft, old):
        shutil.rmtree(folder, ignore_errors=True)
    manifest = copy(modules, draft)
    (draft / "manifest.json").write_text(json.dumps(manifest, indent=2, ensure_ascii=False) + "\n")
    if VENDOR.exists():
        VENDOR.rename(old)
    draft.rename(VENDOR)
    shutil.rmtree(old, ignore_errors=True)


if __name__ == "__main__":
    main()
