"""Roles of members and staff, and the permissions each carries. One table, read by people and by code."""

from __future__ import annotations

import enum

from flask_babel import lazy_gettext as _l

from marketplace.permissions import Permission as P  # noqa: N817 - the tables below name it in every cell


class OrganisationKind(enum.StrEnum):
    """What an organisation is; the targets count results by it."""

    UNIVERSITY = "university"
    INSTITUTE = "institute"
    COMPANY = "company"
    AGENCY = "agency"
    GOVERNMENT = "government"
    FINANCE = "finance"
    PARK = "park"
    OTHER = "other"


KIND_LABELS = {
    OrganisationKind.UNIVERSITY: _l("University or college"),
    OrganisationKind.INSTITUTE: _l("Research institute"),
    OrganisationKind.COMPANY: _l("Company"),
    OrganisationKind.AGENCY: _l("Technology transfer agency"),
    OrganisationKind.GOVERNMENT: _l("Government department"),
    OrganisationKind.FINANCE: _l("Financial institution"),
    OrganisationKind.PARK: _l("Park or base"),
    OrganisationKind.OTHER: _l("Other organisation"),
}


class OrgRole(enum.StrEnum):
    """A member's role, per side. A seller is not automatically a buyer."""

    MANAGER = "manager"
    SELLER_EDITOR = "seller_editor"
    SELLER_APPROVER = "seller_approver"
    SELLER_SIGNER = "seller_signer"
    SELLER_FINANCE = "seller_finance"
    BUYER_EDITOR = "buyer_editor"
    BUYER_APPROVER = "buyer_approver"
    BUYER_SIGNER = "buyer_signer"
    BUYER_FINANCE = "buyer_finance"
    AGENCY_EDITOR = "agency_editor"
    AGENCY_APPROVER = "agency_approver"
    AGENCY_SIGNER = "agency_signer"
    AGENCY_FINANCE = "agency_finance"


class StaffRole(enum.StrEnum):
    """A role at the exchange itself."""

    REVIEWER = "reviewer"
    AUCTIONEER = "auctioneer"
    REGISTRAR = "registrar"
    FINANCE = "finance"
    SUPERVISOR = "supervisor"
    OPERATOR = "operator"
    AUDITOR = "auditor"


ROLE_LABELS: dict[OrgRole | StaffRole, object] = {
    OrgRole.MANAGER: _l("Manager of the organisation"),
    OrgRole.SELLER_EDITOR: _l("Seller: editor"),
    OrgRole.SELLER_APPROVER: _l("Seller: approver"),
    OrgRole.SELLER_SIGNER: _l("Seller: signer"),
    OrgRole.SELLER_FINANCE: _l("Seller: finance"),
    OrgRole.BUYER_EDITOR: _l("Buyer: bidder"),
    OrgRole.BUYER_APPROVER: _l("Buyer: approver"),
    OrgRole.BUYER_SIGNER: _l("Buyer: signer"),
    OrgRole.BUYER_FINANCE: _l("Buyer: finance"),
    OrgRole.AGENCY_EDITOR: _l("Agency: editor"),
    OrgRole.AGENCY_APPROVER: _l("Agency: approver"),
    OrgRole.AGENCY_SIGNER: _l("Agency: signer"),
    OrgRole.AGENCY_FINANCE: _l("Agency: finance"),
    StaffRole.REVIEWER: _l("Reviewer"),
    StaffRole.AUCTIONEER: _l("Auctioneer"),
    StaffRole.REGISTRAR: _l("Registrar"),
    StaffRole.FINANCE: _l("Finance officer"),
    StaffRole.SUPERVISOR: _l("Supervisor"),
    StaffRole.OPERATOR: _l("Operator"),
    StaffRole.AUDITOR: _l("Auditor"),
}

ORG_PERMISSIONS: dict[OrgRole, frozenset[P]] = {
    OrgRole.MANAGER: frozenset({P.ORG_MANAGE, P.ORG_READ}),
    OrgRole.SELLER_EDITOR: frozenset({P.ORG_READ, P.LISTING_EDIT, P.AUCTION_REQUEST, P.CONTRACT_EDIT}),
    OrgRole.SELLER_APPROVER: frozenset({P.ORG_READ, P.LISTING_APPROVE, P.CONTRACT_EDIT}),
    OrgRole.SELLER_SIGNER: frozenset({P.ORG_READ, P.CONTRACT_SIGN}),
    OrgRole.SELLER_FINANCE: frozenset({P.ORG_READ, P.DEPOSIT_READ}),
    OrgRole.BUYER_EDITOR: frozenset({P.ORG_READ, P.BID_PLACE, P.DEPOSIT_READ, P.CONTRACT_EDIT}),
    OrgRole.BUYER_APPROVER: frozenset({P.ORG_READ, P.BID_APPROVE, P.DEPOSIT_READ}),
    OrgRole.BUYER_SIGNER: frozenset({P.ORG_READ, P.CONTRACT_SIGN}),
    OrgRole.BUYER_FINANCE: frozenset({P.ORG_READ, P.DEPOSIT_READ}),
    OrgRole.AGENCY_EDITOR: frozenset({P.ORG_READ, P.LISTING_EDIT, P.CONTRACT_EDIT}),
    OrgRole.AGENCY_APPROVER: frozenset({P.ORG_READ, P.LISTING_APPROVE}),
    OrgRole.AGENCY_SIGNER: frozenset({P.ORG_READ, P.CONTRACT_SIGN}),
    OrgRole.AGENCY_FINANCE: frozenset({P.ORG_READ, P.DEPOSIT_READ}),
}

STAFF_PERMISSIONS: dict[StaffRole, frozenset[P]] = {
    StaffRole.REVIEWER: frozenset({P.DESK_STAFF, P.ORG_VERIFY, P.LISTING_REVIEW}),
    StaffRole.AUCTIONEER: frozenset({P.DESK_STAFF, P.AUCTION_RUN}),
    StaffRole.REGISTRAR: frozenset({P.DESK_STAFF, P.CONTRACT_REGISTER}),
    StaffRole.FINANCE: frozenset({P.DESK_STAFF, P.DEPOSIT_RECORD, P.DEPOSIT_APPROVE}),
    StaffRole.SUPERVISOR: frozenset({P.DESK_STAFF, P.AUDIT_READ, P.TARGET_SET}),
    StaffRole.OPERATOR: frozenset({P.DESK_STAFF, P.USERS_MANAGE, P.SYSTEM_OPERATE}),
    StaffRole.AUDITOR: frozenset({P.DESK_STAFF, P.AUDIT_READ}),
}


def permissions_of(org_roles: frozenset[OrgRole], staff_roles: frozenset[StaffRole]) -> frozenset[P]:
    """Everything these roles open, with what every signed-in person may do."""
    granted: set[P] = {P.ACCOUNT_USE}
    for role in org_roles:
        granted |= ORG_PERMISSIONS[role]
    for staff_role in staff_roles:
        granted |= STAFF_PERMISSIONS[staff_role]
    return frozenset(granted)


#: What each permission lets a person do, in the words of the help pages.
PERMISSION_LABELS: dict[P, object] = {
    P.ACCOUNT_USE: _l("Use an account of their own, be told, follow"),
    P.ORG_MANAGE: _l("Register the organisation, invite members, give roles, set limits on bids"),
    P.ORG_READ: _l("See the organisation’s results, auctions and contracts"),
    P.LISTING_EDIT: _l("Draft, change and withdraw results"),
    P.LISTING_APPROVE: _l("Approve drafts of other members for the exchange’s review"),
    P.AUCTION_REQUEST: _l("Put a listed result up for auction"),
    P.BID_PLACE: _l("Register for auctions and bid, up to their limit"),
    P.BID_APPROVE: _l("Approve bids of other members above the organisation’s amount"),
    P.DEPOSIT_READ: _l("See deposits and what happened to them"),
    P.CONTRACT_EDIT: _l("Complete contracts, confirm them, apply for registration"),
    P.CONTRACT_SIGN: _l("Sign contracts for the organisation"),
    P.ORG_VERIFY: _l("Verify, return, suspend, restore and ban organisations"),
    P.LISTING_REVIEW: _l("Review results: publish them or return them with reasons"),
    P.AUCTION_RUN: _l("Qualify bidders, suspend, resume and cancel auctions"),
    P.DEPOSIT_RECORD: _l("Record what arrived at the bank"),
    P.DEPOSIT_APPROVE: _l("Confirm receipts and releases that another person recorded"),
    P.CONTRACT_REGISTER: _l("Register contracts, return or refuse them, or cancel a registration"),
    P.TARGET_SET: _l("Set the windows and goals of the turnover"),
    P.USERS_MANAGE: _l("Make and close accounts, give roles at the exchange, take off lost second factors"),
    P.SYSTEM_OPERATE: _l("Watch the background work, retry what failed, import holidays"),
    P.AUDIT_READ: _l("Read the audit trail"),
    P.DESK_STAFF: _l("Open the working pages of the exchange"),
}


def labels_of(permissions: frozenset[P]) -> list[object]:
    """These permissions in words, in the order of the enum."""
    return [PERMISSION_LABELS[permission] for permission in P if permission in permissions]
