"""Every list of the street and the district as a file (see exporting.py)."""

from blueprints.exporting import door
from blueprints.forms import lazy
from blueprints.street import desks, founding, lines, overview, vetting
from blueprints.street.door import bp

LISTS = (
    ("", overview.overview, lazy("社区")),
    ("/communities/<community>", overview.community, lazy("成对的数字")),
    ("/founding", founding.foundings, lazy("建站审批")),
    ("/vetting", vetting.queue, lazy("等审核的服务方"), "vetting"),
    ("/providers", vetting.providers, lazy("服务方")),
    ("/desks", desks.listed, lazy("官方办事窗口"), "desks"),
    ("/lines", lines.lines, lazy("已公布的标准")),
    ("/lines/trials", lines.dry_runs, lazy("各社区的试算"), "trials"),
)
for path, view, title, *endpoint in LISTS:
    door(bp, path, view, title, *endpoint)
