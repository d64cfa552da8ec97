"""PDFs of contracts: the signed text and the certificate of registration."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flask_babel import force_locale

from marketplace import links, pdf
from marketplace.clock import beijing
from marketplace.fields import field_label
from marketplace.money import format_yuan
from marketplace.regions import region_label

from . import queries
from .kinds import ALL_SUBTYPES, KIND_LABELS, PAYMENT_LABELS, TECHNICAL_FIELDS
from .models import Contract, Registration


def contract_pdf(contract: Contract) -> bytes:
    """The contract as both sides sign it, in Chinese, the language in which contracts are registered."""
    with force_locale("zh_CN"):
        data = _facts(contract) | {
            "payment_terms": contract.payment_terms,
            "deliverables": contract.deliverables,
            "acceptance": contract.acceptance,
            "clauses": contract.clauses,
            "text_hash": contract.text_hash,
            "outside": contract.source.startswith("outside:"),
            "signatures": [
                {"side": one.side, "name": one.user_name, "at": _moment(one.at)} for one in queries.signatures(contract)
            ],
        }
        return pdf.render("contracts/contract.typ", data)


def certificate_pdf(contract: Contract, registration: Registration) -> bytes:
    """The certificate, with a QR code that leads to the public check page."""
    with force_locale("zh_CN"):
        url = links.absolute("contracts.check", number=registration.number)
        data = _facts(contract) | {
            "registration_number": registration.number,
            "check_code": registration.check_code,
            "registered_at": _moment(registration.registered_at),
            "changed_at": _moment(registration.changed_at),
            "revision": registration.revision,
            # What is registered may differ from the text that was signed, and it is what the certificate states.
            "kind": str(KIND_LABELS[registration.kind]),
            "subtype": str(ALL_SUBTYPES.get(registration.subtype, registration.subtype)),
            "technical_amount": format_yuan(registration.technical_amount),
            "non_technical_amount": format_yuan(contract.amount - registration.technical_amount),
            "field": str(field_label(registration.field)),
            "technical_field": str(TECHNICAL_FIELDS.get(registration.technical_field, "")),
            "sample": contract.sample,
            "check_url": url,
            "qr": pdf.qr_svg(url),
        }
        return pdf.render("contracts/certificate.typ", data)


def _moment(moment: Any) -> str:
    return beijing(moment).strftime("%Y-%m-%d %H:%M") if moment else ""


def _facts(contract: Contract) -> dict[str, Any]:
    return {
        "number": contract.number,
        "title": contract.title,
        "kind": str(KIND_LABELS[contract.kind]),
        "subtype": str(ALL_SUBTYPES.get(contract.subtype, contract.subtype)),
        "seller": contract.seller,
        "buyer": contract.buyer,
        "seller_region": str(region_label(contract.seller["region"])),
        "buyer_region": str(region_label(contract.buyer["region"])),
        "amount": format_yuan(contract.amount),
        "technical_amount": format_yuan(contract.technical_amount),
        "non_technical_items": [
            f"{item['label']} {format_yuan(Decimal(item['amount']))} 元" for item in contract.non_technical_items
        ],
        "field": str(field_label(contract.field)),
        "technical_field": str(TECHNICAL_FIELDS.get(contract.technical_field, "")),
        "payment": str(PAYMENT_LABELS[contract.payment_mode]),
        "starts_on": contract.starts_on.isoformat() if contract.starts_on else "",
        "ends_on": contract.ends_on.isoformat() if contract.ends_on else "",
        "signed_at": _moment(contract.signed_at),
        "ip_items": [f"{item['number']} {item['title']}".strip() for item in contract.ip_items],
    }
