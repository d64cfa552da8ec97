"""The mails of a development installation, read in the browser instead of a mailbox."""

from __future__ import annotations

from flask import Blueprint, Flask, current_app, render_template
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from . import ui
from .db import db
from .edge import found
from .errors import NotFound
from .mail import Mail, MailState
from .permissions import public
from .security import SANDBOX, content_policy

blueprint = Blueprint("devmail", __name__)


def init_app(app: Flask) -> None:
    """Serve the viewer; a production installation answers as if it did not exist."""
    app.register_blueprint(blueprint)
    ui.register_states(
        "mail",
        {
            MailState.PENDING: ui.State(_l("To be sent"), "waiting"),
            MailState.SENT: ui.State(_l("Sent"), "done"),
            MailState.FAILED: ui.State(_l("Given up"), "refused"),
        },
    )
    if app.extensions["exchange.settings"].development:
        ui.register_footer_link("devmail.index", _l("Mails of this installation"), 90)


@blueprint.before_request
def _development_only() -> None:
    if current_app.extensions["exchange.settings"].production:
        raise NotFound


@blueprint.get("/dev/mail", endpoint="index")
@public
def index() -> str:
    """List mails, newest first."""
    page = db.paginate(select(Mail).order_by(Mail.id.desc()), per_page=50, error_out=False)
    return render_template("devmail/index.html", page=page)


@blueprint.get("/dev/mail/<int:mail_id>", endpoint="detail")
@public
def detail(mail_id: int) -> str:
    """Show one mail as text and as its reader would see it."""
    return render_template("devmail/detail.html", mail=found(db.session.get(Mail, mail_id)))


@blueprint.get("/dev/mail/<int:mail_id>/html", endpoint="html")
@content_policy(SANDBOX, frame_options="SAMEORIGIN")
@public
def html(mail_id: int) -> str:
    """Give the HTML part alone, for the frame of the page."""
    mail: Mail = found(db.session.get(Mail, mail_id))
    return mail.html or render_template("devmail/no_html.html")
