"""A file of results becomes drafts: upload, look at what would happen, take it in, read the report."""

from __future__ import annotations

import io
from collections import Counter
from typing import Any

from flask import Response, render_template, send_file
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts.models import Organisation
from accounts.queries import get_organisation
from marketplace import export, files
from marketplace.db import db
from marketplace.edge import current_actor, done, found, see_other
from marketplace.errors import Invalid
from marketplace.export import XLSX_TYPE
from marketplace.file_types import TABLES
from marketplace.files import StoredFile
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import columns, queries, reading, services
from ..forms import ImportForm
from ..models import ListingImport
from . import blueprint

#: Files that wait to be looked at belong to the organisation under this name; only who sent one may open it.
OWNER = "listing_imports"
#: A larger file goes in through the command, where nobody waits for a page.
MOST_ROWS = 5000
_REPORT: list[tuple[Any, export.Key]] = [
    (_l("Row"), "row"),
    (_l("Column"), "column"),
    (_l("What does not fit"), "reason"),
    (_l("Value"), "value"),
    (_l("Draft"), lambda one: one.get("number", "")),
    (_l("Left out"), lambda one: _("yes") if one["blocks"] else ""),
]


@blueprint.get("/desk/imports", endpoint="imports")
@requires(Permission.LISTING_EDIT)
def imports() -> ResponseReturnValue:
    """Ask for a file, and show what came in before."""
    return render_template("listings/imports.html", form=ImportForm(), past=queries.imports(_own()))


def _own() -> Organisation:
    organisation_id = current_actor().organisation_id
    return found(get_organisation(organisation_id) if organisation_id else None)  # type: ignore[no-any-return]


@blueprint.get("/desk/imports/template.xlsx", endpoint="import_template")
@requires(Permission.LISTING_EDIT)
def template() -> Response:
    """An empty file to fill."""
    return send_file(
        io.BytesIO(columns.template()), mimetype=XLSX_TYPE, as_attachment=True, download_name=_("results.xlsx")
    )


@blueprint.post("/desk/imports", endpoint="upload")
@requires(Permission.LISTING_EDIT)
def upload() -> ResponseReturnValue:
    """Keep the file and show what it would do; nothing is taken in yet."""
    form, owner = ImportForm(), _own()
    try:
        require_valid(form)
        sent = form.file.data
        stored = files.store(
            sent.stream,
            sent.filename,
            owner=(OWNER, owner.id),
            visibility="private",
            actor=current_actor(),
            kinds=TABLES,
        )
        _read(stored)
    except Invalid as error:
        db.session.rollback()
        error.fields = error.fields or {"file": [str(error)]}
        attach(form, error)
        return render_template("listings/imports.html", form=form, past=queries.imports(_own())), 422
    return see_other("listings.import_preview", file_id=stored.id)


def _sent(file_id: int, *, held: bool = False) -> StoredFile | None:
    """A file that this person sent for this organisation; `held` keeps a second request for it waiting."""
    stored, actor = db.session.get(StoredFile, file_id, with_for_update=held), current_actor()
    own = stored is not None and (stored.owner_type, stored.owner_id) == (OWNER, actor.organisation_id)
    return stored if own and stored and stored.uploaded_by_id == actor.user_id else None


def _read(stored: StoredFile) -> tuple[reading.Reading, bytes]:
    with files.open_file(stored) as stream:
        data = stream.read()
    taken = reading.read(data, stored.name)
    if len(taken.rows) > MOST_ROWS:
        raise Invalid(fields={"file": [_("At most %(count)s rows; split the file.", count=MOST_ROWS)]})
    return taken, data


@blueprint.get("/desk/imports/preview/<int:file_id>", endpoint="import_preview")
@requires(Permission.LISTING_EDIT)
def preview(file_id: int) -> ResponseReturnValue:
    """Show which rows are new, which are here already, and everything that does not fit."""
    stored = found(_sent(file_id))
    taken, _data = _read(stored)
    plan = services.plan(_own(), taken)
    return render_template(
        "listings/import_preview.html", stored=stored, plan=plan, **_told([one.plain() for one in plan.problems])
    )


def _told(problems: list[dict[str, Any]]) -> dict[str, Any]:
    """How often each remark is made, and the remarks: rows left out first, then the rarest, which say the most."""
    often = Counter(one["reason"] for one in problems)
    first = sorted(problems, key=lambda one: (not one["blocks"], often[one["reason"]], one["row"]))
    return {"problems": first, "often": often.most_common()}


@blueprint.post("/desk/imports/preview/<int:file_id>", endpoint="import_file")
@requires(Permission.LISTING_EDIT)
def import_file(file_id: int) -> ResponseReturnValue:
    """Take the new rows in as drafts, once however often the button is pressed."""
    stored = _sent(file_id, held=True)
    if stored is None:
        return done(_("This file has been taken in already."), "listings.imports")
    taken, data = _read(stored)
    report = services.import_rows(current_actor(), _own(), taken, name=stored.name, data=data)
    files.discard(stored)
    return done(
        _("Taken in as drafts: %(count)s.", count=report.created), "listings.import_report", import_id=report.id
    )


@blueprint.get("/desk/imports/<int:import_id>", endpoint="import_report")
@requires(Permission.LISTING_EDIT)
def report(import_id: int) -> ResponseReturnValue:
    """Show what became of a file."""
    kept = _report(import_id)
    return render_template("listings/import_report.html", report=kept, **_told(kept.problems))


@blueprint.get("/desk/imports/<int:import_id>/problems.csv", endpoint="import_problems")
@requires(Permission.LISTING_EDIT)
def problems(import_id: int) -> Response:
    """Everything that did not fit, as a file."""
    return export.table_response("csv", f"problems-{import_id}", _REPORT, _report(import_id).problems)


def _report(import_id: int) -> ListingImport:
    kept = db.session.get(ListingImport, import_id)
    return found(kept if kept and current_actor().acts_for(kept.organisation_id) else None)  # type: ignore[no-any-return]
