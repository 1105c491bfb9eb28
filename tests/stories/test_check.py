"""`deploy/demo --check`: a fresh world, the whole story over plain HTTP, exit 0; and 1 when a page does not hold."""

import re
import subprocess
import sys
from pathlib import Path

from rongjiu.paths import ROOT
from tests.stories.conftest import DemoSite

WITHIN = 240  # seconds, servers and demo data included; a quarter of that on a quiet machine


def test_check_walks_the_story(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "rongjiu.demo", "--check", "--data", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN, check=False)
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]
    assert "全程走通" in done.stdout
    seen = re.findall(r"^ +(\d+) +[\d.]+ s  \S", done.stdout, re.MULTILINE)
    assert [int(each) for each in seen] == list(range(1, len(seen) + 1))
    assert len(seen) > 45
    for word in ("高出 410 元(55.4 %)", "每月约省 500 元", "刚被约满", "汇总核对一致", "事事有人接", "审计链完整"):
        assert word in done.stdout


def test_check_fails_loudly_where_nothing_answers(demo_site: DemoSite) -> None:
    done = demo_site.app.test_cli_runner().invoke(args=["demo", "check", "--url", "http://127.0.0.1:9"])
    assert done.exit_code == 1
    assert "Error" in done.output
