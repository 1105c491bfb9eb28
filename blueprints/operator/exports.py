"""Every list of the operator as a file (see exporting.py)."""

from blueprints.exporting import door
from blueprints.forms import lazy
from blueprints.operator import founding, home, places
from blueprints.operator.door import bp

door(bp, "/streets", places.streets, lazy("街道"))
door(bp, "/jobs", home.jobs, lazy("任务"))
door(bp, "/founding", founding.foundings, lazy("建站审批"))
