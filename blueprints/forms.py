"""The base of every form, and how a refusal of a use case stands at its field."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import flash, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import FieldList, FormField
from wtforms import Form as BaseForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired

from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.marketplace.words import Listed

lazy = lazy_gettext


def required(message: str = "") -> DataRequired:
    """A field that must be filled, with words that say so."""
    return DataRequired(message or lazy("请填写这一项"))


def chosen(message: str = "") -> InputRequired:
    """A choice that must be made."""
    return InputRequired(message or lazy("请选一项"))


def options(pairs: Iterable[tuple[str, Any]]) -> list[SelectChoice]:
    """Choices of a select or radio field from (value, words)."""
    return [SelectChoice(value, label) for value, label in pairs]


class Form(FlaskForm):
    """A form with CSRF; strings are stripped, messages come from our own catalogue."""

    class Meta(FlaskForm.Meta):
        """Our own words only."""

        locales = False

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Any:
            """Strip what was typed into text fields, but never a password."""
            filters = list(unbound_field.kwargs.get("filters", []))
            if unbound_field.field_class.__name__ in ("StringField", "TextAreaField", "TelField", "EmailField"):
                filters.append(stripped)
            return unbound_field.bind(form=form, filters=filters, **options)

    def refuse(self, refused: Refused, *, keep: bool = False) -> tuple[str, int]:
        """Put a refusal at its field (or into `form.form_errors`) and undo the transaction; `keep` commits what
        was written although the answer is an error, such as a counted wrong password."""
        if keep:
            g.keep = True
        else:
            db.session.rollback()
        parts = {
            name: _("、").join(_(one) for one in value.msgids) if isinstance(value, Listed) else value
            for name, value in refused.words.items()
        }
        words = _(refused.message, **parts)
        target = _named(self, refused.field) if refused.field else None
        if target is not None:
            target.errors = [*target.errors, words]
        else:
            self.form_errors: list[str] = [*self.form_errors, words]
        return words, refused.status


def _named(form: Any, name: str) -> Any:
    """The field of a form that posts under a name, also one inside a part that repeats (costs-1-price)."""
    for field in form:
        if field.name == name:
            return field
        parts = [field] if isinstance(field, FormField) else field.entries if isinstance(field, FieldList) else ()
        for part in parts:
            if isinstance(part, FormField) and (found := _named(part.form, name)) is not None:
                return found
    return None


class Part(BaseForm):
    """A part of a form that repeats; the form around it carries the token."""


def stripped(value: str | None) -> str | None:
    """What was typed, without blanks around it."""
    return value.strip() if isinstance(value, str) else value


@contextmanager
def flashed() -> Iterator[None]:
    """Do what a button asks for; a refusal is said on the next page. What is not there stays not there."""
    try:
        yield
    except Refused as refused:
        if refused.status == 404:
            raise
        flash(_(refused.message, **refused.words), "warning")
