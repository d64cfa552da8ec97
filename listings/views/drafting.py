"""Writing a result in steps: each step is a page, saves itself while one writes, and says what is still missing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts.queries import get_organisation
from marketplace import clock, files
from marketplace.edge import current_actor, done, found, see_other
from marketplace.errors import Invalid
from marketplace.files import Visibility
from marketplace.forms import attach, require_valid
from marketplace.money import WAN
from marketplace.permissions import Permission, requires

from .. import ip_rules, policies, queries, rules, services
from ..forms import FileForm, IpForm, PeopleForm, ResultForm, RightsForm, SaleForm, TermsForm
from ..models import Listing
from ..services.common import checklist
from ..services.drafts import values_of
from . import blueprint
from .desk import owned

STEPS = [
    ("result", _l("The result")),
    ("people", _l("People and origin")),
    ("rights", _l("Rights")),
    ("terms", _l("Terms and price")),
    ("files", _l("Attachments")),
    ("check", _l("Check and submit")),
]
_ORDER = [key for key, _label in STEPS]
#: Rows offered beyond those that hold something.
_LISTS = {"result": "advantages", "people": "co_owners", "rights": "items"}
_FORMS: dict[str, Any] = {"result": ResultForm, "people": PeopleForm, "rights": RightsForm, "terms": TermsForm}
_PLAIN_STEP = "any(result,people,rights,terms)"


@blueprint.post("/desk/listings/new", endpoint="create")
@requires(Permission.LISTING_EDIT)
def create() -> ResponseReturnValue:
    """Begin a result and lead to its first step."""
    actor = current_actor()
    owner = found(get_organisation(actor.organisation_id) if actor.organisation_id else None)
    listing = services.create_draft(actor, owner)
    return see_other("listings.edit", number=listing.number, step=_ORDER[0])


@blueprint.get(f"/desk/listings/<number>/edit/<{_PLAIN_STEP}:step>", endpoint="edit")
@requires(Permission.LISTING_EDIT)
def edit(number: str, step: str) -> ResponseReturnValue:
    """Show one step as it is stored."""
    listing = owned(number)
    policies.can_edit(current_actor(), listing).check()
    form = _FORMS[step](formdata=None, **_stored(listing, step))
    _offer_rows(form, step)
    return _page(listing, step, form)


@blueprint.post(f"/desk/listings/<number>/edit/<{_PLAIN_STEP}:step>", endpoint="edit_post")
@requires(Permission.LISTING_EDIT)
def edit_post(number: str, step: str) -> ResponseReturnValue:
    """Save one step and lead to the next, or to another row of the same."""
    listing, form = owned(number), _FORMS[step]()
    action = request.form.get("action", "next")
    if action.startswith("remove-"):
        _remove_row(form, step, action.removeprefix("remove-"))
    fits = form.validate()
    _save(listing, step, form)
    if not fits:
        _offer_rows(form, step)
        return _page(listing, step, form), 422
    if action == "next":
        return see_other("listings.edit_files" if step == "terms" else "listings.edit", **_next(number, step))
    if action == "save":
        return done(_("Saved."), "listings.manage", number=number)
    anchor = f"{_LISTS.get(step, 'main')}-rows"
    return see_other("listings.edit", number=number, step=step, rows=_rows(form, step, action), _anchor=anchor)


@blueprint.post(f"/desk/listings/<number>/autosave/<{_PLAIN_STEP}:step>", endpoint="autosave")
@requires(Permission.LISTING_EDIT)
def autosave(number: str, step: str) -> ResponseReturnValue:
    """Keep what is typed so far; what does not fit yet is left as it was stored."""
    listing, form = owned(number), _FORMS[step]()
    form.validate()
    _save(listing, step, form)
    return jsonify(saved_at=clock.db_now().isoformat())


def _save(listing: Listing, step: str, form: Any) -> None:
    if step == "rights":
        if not form.errors:
            services.set_ip_items(current_actor(), listing, form.rights())
        return
    services.save_draft(current_actor(), listing, form.values())


def _next(number: str, step: str) -> dict[str, str]:
    if step == "terms":
        return {"number": number}
    return {"number": number, "step": _ORDER[_ORDER.index(step) + 1]}


def _stored(listing: Listing, step: str) -> dict[str, Any]:
    """The stored fields as the form's data."""
    if step == "rights":
        return {"items": [_right_as_typed(item) for item in listing.ip_items]}
    typed = {name: getattr(listing, name) for name in services.drafts.FIELDS}
    typed["keywords"] = "；".join(listing.keywords)
    typed["inventors"] = "\n".join(listing.inventors)
    typed["trl"] = str(listing.trl or "")
    typed["price"] = "" if listing.price is None else f"{(listing.price / WAN).normalize():f}"
    for name in ("phase", "price_mode", "security_class"):
        typed[name] = typed[name].value if typed[name] else ""
    names = set(_FORMS[step]()._fields)
    return {name: value for name, value in typed.items() if name in names}


def _right_as_typed(item: Any) -> dict[str, Any]:
    values = values_of(item)
    days = ("filed_on", "granted_on", "fee_paid_to")
    typed = {name: getattr(values, name) for name in values.__slots__}
    return {
        **typed,
        **{name: typed[name].isoformat() if typed[name] else "" for name in days},
        "kind": values.kind.value,
        "status": values.status.value,
    }


def _offer_rows(form: Any, step: str) -> None:
    """Give the list as many rows as are asked for, at least one."""
    name = _LISTS.get(step)
    if name is None:
        return
    asked = request.args.get("rows", "1")
    wanted = min(int(asked) if asked.isdigit() and len(asked) < 4 else 1, rules.MAX_ROWS)
    while len(form[name]) < max(wanted, 1):
        form[name].append_entry()


def _rows(form: Any, step: str, action: str) -> int | None:
    name = _LISTS.get(step)
    return None if name is None else len(form[name]) + (1 if action == "add" else 0)


def _remove_row(form: Any, step: str, place: str) -> None:
    name = _LISTS.get(step)
    if name is not None and place.isdigit() and int(place) < len(form[name].entries):
        del form[name].entries[int(place)]


def _page(listing: Listing, step: str, form: Any) -> str:
    points = checklist(listing)
    returned = queries.last_return(listing)
    return render_template(
        f"listings/edit_{step}.html",
        listing=listing,
        form=form,
        sale_form=SaleForm(formdata=None),
        sale=queries.sale_of(listing),
        reasons=_reasons_of(returned.reasons if returned else {}, step),
        findings=_findings(listing) if step == "rights" else [],
        row_form=IpForm,
        **steps_of(listing, step, points),
    )


def steps_of(listing: Listing, step: str, points: list[rules.Point]) -> dict[str, Any]:
    """What every step's page shows beside its form: where one is, and what is missing."""
    return {
        "step": step,
        "steps": [(key, label, _url(listing, key)) for key, label in STEPS],
        "points": [point for point in points if point.step == step],
        "done": _ended(points),
        "missing": rules.missing(points),
        "completeness": rules.completeness(points),
    }


def _ended(points: list[rules.Point]) -> set[str]:
    """The steps in which nothing needed is missing and something is written; the last is done by submitting."""
    open_ones = {point.step for point in rules.missing(points)}
    return {point.step for point in points if point.done} - open_ones


def _url(listing: Listing, step: str) -> str:
    if step == "files":
        return url_for("listings.edit_files", number=listing.number)
    if step == "check":
        return url_for("listings.manage", number=listing.number)
    return url_for("listings.edit", number=listing.number, step=step)


def point_items(listing: Listing, points: list[rules.Point], links: bool) -> list[dict[str, Any]]:
    """The checklist for its macro; open points lead to the step that closes them."""
    return [
        {
            "label": point.label,
            "done": point.done,
            "url": _url(listing, point.step) if links else None,
            "note": point.note or (None if point.needed else _("recommended")),
        }
        for point in points
    ]


def _reasons_of(reasons: Mapping[str, str], step: str) -> dict[str, str]:
    """The reviewer's reasons that this step can answer."""
    names = {
        "result": set(ResultForm()._fields),
        "people": {*PeopleForm()._fields, "contact"},
        "rights": {"ip_items"},
        "terms": set(TermsForm()._fields),
    }
    return {name: text for name, text in reasons.items() if name in names.get(step, set())}


def _findings(listing: Listing) -> list[tuple[int, dict[str, Any]]]:
    """What is inconsistent in each stored right."""
    today = clock.today()
    found_ones = [(place, ip_rules.problems(item, today)) for place, item in enumerate(listing.ip_items, 1)]
    return [(place, problems) for place, problems in found_ones if problems]


@blueprint.get("/desk/listings/<number>/files", endpoint="edit_files")
@requires(Permission.LISTING_EDIT)
def edit_files(number: str) -> ResponseReturnValue:
    """Show the attachments and ask for another."""
    listing = owned(number)
    policies.can_edit(current_actor(), listing).check()
    return _files_page(listing, FileForm(formdata=None))


@blueprint.post("/desk/listings/<number>/files", endpoint="add_file")
@requires(Permission.LISTING_EDIT)
def add_file(number: str) -> ResponseReturnValue:
    """Take in an attachment."""
    listing, form = owned(number), FileForm()
    try:
        require_valid(form)
        upload = form.file.data
        visibility = Visibility(form.visibility.data)
        services.add_file(current_actor(), listing, upload.stream, upload.filename, visibility)
    except Invalid as error:
        attach(form, error)
        return _files_page(listing, form), 422
    return done(_("The file is attached."), "listings.edit_files", number=number)


@blueprint.post("/desk/listings/<number>/files/<int:file_id>/remove", endpoint="remove_file")
@requires(Permission.LISTING_EDIT)
def remove_file(number: str, file_id: int) -> ResponseReturnValue:
    """Take an attachment off."""
    services.remove_file(current_actor(), owned(number), file_id)
    return done(_("The file is taken off."), "listings.edit_files", number=number)


def _files_page(listing: Listing, form: FileForm) -> str:
    return render_template(
        "listings/edit_files.html",
        listing=listing,
        form=form,
        stored=files.owned_by(listing),
        **steps_of(listing, "files", checklist(listing)),
    )
