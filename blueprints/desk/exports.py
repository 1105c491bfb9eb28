"""Every list of the desk as a file (see exporting.py): address of the page, its view, what the sheet is called."""

from blueprints.desk import (
    cases,
    changes,
    contacts,
    courtyards,
    coverage,
    entitled,
    field,
    history,
    home_visits,
    households,
    imports,
    lines,
    pillars,
    policy_desk,
    providers,
    reviews,
    rounds,
    screening,
    signals,
    survey_answers,
    surveys,
    sweep_doors,
    sweeps,
    urgent,
)
from blueprints.desk.door import bp
from blueprints.exporting import door
from blueprints.forms import lazy

LISTS = (
    ("/cases", cases.cases, lazy("个案")),
    ("/signals", signals.signals, lazy("线索")),
    ("/households", households.households, lazy("家庭")),
    ("/courtyards", courtyards.courtyards, lazy("全部院落")),
    ("/contacts", contacts.contact_list, lazy("紧急联系人")),
    ("/rounds", rounds.rounds, lazy("定期走访")),
    ("/home-visits", home_visits.home_visits, lazy("入户名单")),
    ("/people/<uuid:person_id>/history", history.person_history, lazy("修改记录")),
    ("/reviews", reviews.reviews, lazy("待核对")),
    ("/imports", imports.imports, lazy("导入台账")),
    ("/imports/<uuid:batch_id>", imports.import_batch, lazy("核对明细")),
    ("/sweeps", sweeps.sweeps, lazy("摸排")),
    ("/sweeps/<uuid:sweep_id>/doors", sweep_doors.sweep_doors, lazy("摸排")),
    ("/entitled", entitled.entitled, lazy("应保尽保")),
    ("/surveys", surveys.surveys, lazy("需求统计")),
    ("/surveys/<uuid:survey_id>/answers", survey_answers.survey_answers, lazy("答卷")),
    ("/field", field.field, lazy("手机回传")),
    ("/changes", changes.changes, lazy("政策变化")),
    ("/near-misses", screening.near_misses, lazy("临界户")),
    ("/policies/<policy>/trial", policy_desk.policy_trial, lazy("试算名单")),
    ("/settings/lines/<uuid:line_id>/trial", lines.line_trial, lazy("试算名单")),
    ("/departments", pillars.departments, lazy("部门")),
    ("/departments/coverage", coverage.coverage, lazy("部门覆盖")),
    ("/resources", providers.resources, lazy("资源")),
    ("/urgent", urgent.urgent, lazy("急难")),
)
for path, view, title in LISTS:
    door(bp, path, view, title)
