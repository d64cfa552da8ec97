"""Pages of accounts, one module a kind of visitor; all on one blueprint."""

from flask import Blueprint

blueprint = Blueprint("accounts", __name__)

from . import members, organisation, people, role_table, second_factor, security, signing, staff  # noqa: E402, F401 - they add their routes
