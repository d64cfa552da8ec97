"""The operators' screen: what failed in the background and what to do about it; the holidays of coming years."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Flask, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import HiddenField, IntegerField, TextAreaField
from wtforms.validators import DataRequired, NumberRange

from . import desk, health, holidays, mail, outbox
from .db import db
from .edge import current_actor, done, found
from .errors import Invalid
from .permissions import Actor, Permission, requires

blueprint = Blueprint("operations", __name__)


def init_app(app: Flask) -> None:
    """Serve the operators' pages."""
    app.register_blueprint(blueprint)
    app.jinja_env.globals["desk_steps"] = desk_steps
    system = Permission.SYSTEM_OPERATE
    desk.register_side(
        "system",
        _l("System"),
        [
            desk.SideItem(_l("Operations"), "operations.index", system, count=lambda _actor: outbox.backlog().failing),
            desk.SideItem(_l("Holidays"), "operations.holidays", system),
        ],
        order=90,
    )
    desk.register_section("operations", _l("Operations"), system, desk_section, order=90)


def desk_section(_actor: Actor) -> desk.DeskSection:
    """What an operator sees of the background on their desk."""
    facts, mails = outbox.backlog(), mail.backlog()
    late = [name for name, beat in health.report()["heartbeats"].items() if beat["late"]]
    tiles = [
        _tile(_l("Facts failing"), facts.failing),
        _tile(_l("Mails failing"), mails.failing),
        _tile(_l("Silent processes"), len(late)),
    ]
    return desk.DeskSection(tiles=tiles, links=[(_l("Operations"), url_for("operations.index"))])


def _tile(label: Any, count: int) -> dict[str, Any]:
    return {"label": label, "value": count, "tone": "refused" if count else "done", "url": url_for("operations.index")}


def desk_steps(title: Any, *between: tuple[Any, str]) -> list[tuple[Any, str | None]]:
    """The way back from a working page: the desk, the pages between, this one."""
    return [(_("Desk"), url_for("desk.index")), *between, (title, None)]


@blueprint.get("/desk/operations", endpoint="index")
@requires(Permission.SYSTEM_OPERATE)
def index() -> str:
    """Show whether the background works, and everything that failed."""
    return render_template(
        "operations/index.html",
        report=health.report(),
        facts=outbox.backlog(),
        failing=outbox.failing(),
        mails=mail.backlog(),
        failing_mails=mail.failing(),
    )


class DismissForm(FlaskForm):  # type: ignore[misc]
    """Why a fact may be left out."""

    reason = TextAreaField(
        _l("Reason"),
        [DataRequired(_l("Say why this may be left out."))],
        description=_l("It stays in the audit trail with your name."),
    )


def _delivery(fact_id: int, handler: str) -> Any:
    return found(db.session.get(outbox.Delivery, (fact_id, handler)))


@blueprint.get("/desk/operations/facts/<int:fact_id>/<handler>", endpoint="delivery")
@requires(Permission.SYSTEM_OPERATE)
def delivery(fact_id: int, handler: str) -> str:
    """Show one delivery: the fact, what went wrong, what can be done."""
    return _delivery_page(fact_id, handler, DismissForm())


def _delivery_page(fact_id: int, handler: str, form: DismissForm) -> str:
    return render_template(
        "operations/delivery.html",
        delivery=_delivery(fact_id, handler),
        fact=(fact := db.session.get_one(outbox.StoredFact, fact_id)),
        payload=json.dumps(fact.payload, ensure_ascii=False, indent=2),
        form=form,
    )


@blueprint.post("/desk/operations/facts/<int:fact_id>/<handler>/retry", endpoint="retry")
@requires(Permission.SYSTEM_OPERATE)
def retry(fact_id: int, handler: str) -> ResponseReturnValue:
    """Let the worker try again at once."""
    _delivery(fact_id, handler)
    outbox.retry(fact_id, handler)
    return done(_("The worker tries again now."), "operations.index")


@blueprint.post("/desk/operations/facts/<int:fact_id>/<handler>/dismiss", endpoint="dismiss")
@requires(Permission.SYSTEM_OPERATE)
def dismiss(fact_id: int, handler: str) -> ResponseReturnValue:
    """Leave the fact out for this handler."""
    _delivery(fact_id, handler)
    form = DismissForm()
    if not form.validate_on_submit():
        return _delivery_page(fact_id, handler, form), 422
    outbox.dismiss(current_actor(), fact_id, handler, form.reason.data)
    return done(_("Left out. The object’s next facts go on."), "operations.index")


@blueprint.post("/desk/operations/mails/<int:mail_id>/retry", endpoint="retry_mail")
@requires(Permission.SYSTEM_OPERATE)
def retry_mail(mail_id: int) -> ResponseReturnValue:
    """Let the worker send a mail again."""
    found(db.session.get(mail.Mail, mail_id))
    mail.retry(mail_id)
    return done(_("The worker tries again now."), "operations.index")


class HolidaysForm(FlaskForm):  # type: ignore[misc]
    """A year and the file of its holidays."""

    year = IntegerField(_l("Year"), [DataRequired(_l("Enter the year, such as 2027.")), NumberRange(2027, 2100)])
    file = FileField(
        _l("File of the holidays"),
        [FileRequired(_l("Choose a file."))],
        description=_l("CSV with the columns date, kind (holiday or workday) and name."),
    )


class ConfirmHolidaysForm(FlaskForm):  # type: ignore[misc]
    """What the preview showed, sent back to be taken in."""

    year = HiddenField(validators=[DataRequired()])
    content = HiddenField(validators=[DataRequired()])


@blueprint.get("/desk/holidays", endpoint="holidays")
@requires(Permission.SYSTEM_OPERATE)
def holidays_index() -> str:
    """Show which years are known, and one of them day by day."""
    return _holidays_page(HolidaysForm())


def _holidays_page(form: HolidaysForm) -> str:
    years = sorted({*holidays.KNOWN_YEARS, *holidays.imported_years()}, reverse=True)
    shown = request.args.get("year", type=int) or years[0]
    return render_template(
        "holidays/index.html",
        form=form,
        years=years,
        imported=holidays.imported_years(),
        shown=shown,
        days=holidays.special_days(shown) if shown in years else [],
    )


@blueprint.post("/desk/holidays/preview", endpoint="holidays_preview")
@requires(Permission.SYSTEM_OPERATE)
def holidays_preview() -> ResponseReturnValue:
    """Read the file and show what it would change; nothing is stored, so there is nothing to redirect to."""
    form = HolidaysForm()
    if form.validate_on_submit():
        data = form.file.data.read()
        try:
            days = holidays.read_csv(data, form.year.data)
        except Invalid as error:
            form.file.errors = [str(message) for message in error.fields.get("file", [str(error)])]
        else:
            confirm = ConfirmHolidaysForm(formdata=None, year=form.year.data, content=holidays.as_csv(days))
            shown = [(day.day, day.kind.value, day.name) for day in days]
            return render_template("holidays/preview.html", form=confirm, year=form.year.data, days=shown)
    return _holidays_page(form), 422


@blueprint.post("/desk/holidays", endpoint="holidays_import")
@requires(Permission.SYSTEM_OPERATE)
def holidays_import() -> ResponseReturnValue:
    """Take in what the preview showed."""
    form = ConfirmHolidaysForm()
    if not form.validate_on_submit() or not form.year.data.isdigit():
        return _holidays_page(HolidaysForm()), 422
    year = int(form.year.data)
    holidays.import_year(current_actor(), year, holidays.read_csv(form.content.data.encode(), year))
    return done(_("The holidays of %(year)s are taken in.", year=year), "operations.holidays", year=year)
