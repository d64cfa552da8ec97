"""Members of the organisation one acts for: invited, given roles and authority to bid, parted from."""

from __future__ import annotations

from flask import abort, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from marketplace import slots
from marketplace.db import db
from marketplace.edge import current_actor, done
from marketplace.errors import Invalid
from marketplace.forms import attach, require_valid
from marketplace.permissions import Permission, requires

from .. import handover, queries, services
from ..forms import ApprovalForm, EndForm, InviteForm, MemberForm, in_wan
from ..models import Membership
from ..roles import OrgRole
from . import blueprint
from .organisation import own


@blueprint.get("/organisation/invite", endpoint="invite")
@requires(Permission.ORG_MANAGE)
def invite() -> ResponseReturnValue:
    """Ask whom to invite."""
    return render_template("accounts/invite.html", form=InviteForm(), organisation=own())


@blueprint.post("/organisation/invite", endpoint="invite_post")
@requires(Permission.ORG_MANAGE)
def invite_post() -> ResponseReturnValue:
    """Mail the invitation."""
    form = InviteForm()
    try:
        require_valid(form)
        services.invite(current_actor(), own(), form.email.data, [OrgRole(role) for role in form.roles.data])
    except Invalid as error:
        attach(form, error)
        return render_template("accounts/invite.html", form=form, organisation=own()), 422
    return done(_("The invitation is on its way to %(email)s.", email=form.email.data), "accounts.organisation")


@blueprint.post("/organisation/invite/withdraw", endpoint="withdraw_invitation")
@requires(Permission.ORG_MANAGE)
def withdraw_invitation() -> ResponseReturnValue:
    """Make an invitation worthless."""
    services.withdraw_invitation(current_actor(), own(), request.form.get("email", ""))
    return done(_("The invitation no longer holds."), "accounts.organisation")


def _member(member_id: int) -> Membership:
    member = db.session.get(Membership, member_id)
    if member is None or member.organisation_id != own().id or member.ended_at is not None:
        abort(404)
    return member


@blueprint.get("/organisation/members/<int:member_id>", endpoint="member")
@requires(Permission.ORG_MANAGE)
def member(member_id: int) -> ResponseReturnValue:
    """Show a member's roles and limit."""
    shown = _member(member_id)
    return _member_page(shown, MemberForm(roles=shown.roles, bid_limit=in_wan(shown.bid_limit)))


def _member_page(shown: Membership, form: MemberForm, status: int = 200) -> ResponseReturnValue:
    page = render_template(
        "accounts/member.html",
        member=shown,
        form=form,
        end_form=_end_form(shown),
        own=shown.user_id == current_actor().user_id,
        work=handover.open_work(shown.organisation_id, shown.user_id),
    )
    return page, status


@blueprint.post("/organisation/members/<int:member_id>", endpoint="member_post")
@requires(Permission.ORG_MANAGE)
def member_post(member_id: int) -> ResponseReturnValue:
    """Change roles and limit."""
    shown, form, actor = _member(member_id), MemberForm(), current_actor()
    try:
        require_valid(form)
        services.set_authority(actor, shown, form.bid_limit.amount)
        services.set_roles(actor, shown, [OrgRole(role) for role in form.roles.data])
    except Invalid as error:
        db.session.rollback()
        attach(form, error)
        return _member_page(_member(member_id), form, 422)
    return done(_("The member’s roles are saved."), "accounts.organisation", _anchor="members")


def _end_form(leaving: Membership) -> EndForm:
    """Who may take over: every other member."""
    form = EndForm()
    others = [one for one in queries.members(leaving.organisation_id) if one.id != leaving.id]
    form.heir.choices = [("", _("Choose a person")), *((str(one.id), one.user.name) for one in others)]
    return form


@blueprint.get("/organisation/leave", endpoint="leave")
@requires(Permission.ORG_READ)
def leave() -> ResponseReturnValue:
    """Ask who takes over one's own work."""
    leaving = queries.membership(current_actor().user_id or 0, own().id) or abort(404)
    return _leave_page(leaving, _end_form(leaving))


def _leave_page(leaving: Membership, form: EndForm, status: int = 200) -> ResponseReturnValue:
    work = handover.open_work(leaving.organisation_id, leaving.user_id)
    return render_template("accounts/leave.html", member=leaving, form=form, work=work), status


@blueprint.post("/organisation/members/<int:member_id>/end", endpoint="end_membership")
@requires(Permission.ORG_READ)
def end_membership(member_id: int) -> ResponseReturnValue:
    """A member leaves; open work goes to the one chosen."""
    leaving, actor = _member(member_id), current_actor()
    form, own_act = _end_form(leaving), leaving.user_id == actor.user_id
    try:
        require_valid(form)
        services.end_membership(actor, leaving, db.session.get(Membership, int(form.heir.data or 0)))
    except Invalid as error:
        attach(form, error)
        return _leave_page(leaving, form, 422)
    return done(_("The membership has ended."), "desk.index" if own_act else "accounts.organisation")


@blueprint.get("/organisation/bidding", endpoint="bidding")
@requires(Permission.ORG_MANAGE)
def bidding() -> ResponseReturnValue:
    """Show who may commit what."""
    return _bidding_page(ApprovalForm(above=in_wan(own().second_approval_above)))


def _bidding_page(form: ApprovalForm, status: int = 200) -> ResponseReturnValue:
    shown = own()
    bidders = [one for one in queries.members(shown.id) if OrgRole.BUYER_EDITOR in one.roles]
    approvers = [one for one in queries.members(shown.id) if OrgRole.BUYER_APPROVER in one.roles]
    told = slots.collect("accounts.committed", organisation_id=shown.id)
    page = render_template(
        "accounts/bidding.html",
        form=form,
        organisation=shown,
        bidders=bidders,
        approvers=approvers,
        committed={person: amount for each in told for person, amount in each.items()},
    )
    return page, status


@blueprint.post("/organisation/bidding", endpoint="bidding_post")
@requires(Permission.ORG_MANAGE)
def bidding_post() -> ResponseReturnValue:
    """Set the amount from which a second person approves."""
    form, shown = ApprovalForm(), own()
    if not form.validate():
        return _bidding_page(form, 422)
    services.set_second_approval(current_actor(), shown, form.above.amount)
    return done(_("Saved. It holds for every bid from now on."), "accounts.bidding")
