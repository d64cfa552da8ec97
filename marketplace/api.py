"""The programs' way in: /api/v1, described by its own OpenAPI document.

Packages put their part into `<package>/api.py`: `blp = api.blueprint("listings", "…")`, views with `@blp.get(…)`,
`@blp.response(…)` and their permission, and `api.register(blp)` in `init_app`. Errors are problem+json (RFC 9457),
lists are read by cursor, and a repeated `Idempotency-Key` gets the first answer again.
"""

from __future__ import annotations

import re
from typing import Any, cast

import marshmallow as ma
from flask import Flask, Response, current_app, g, jsonify, request
from flask_smorest import Api, Blueprint

from . import api_tokens, limits
from .api_idempotency import idempotent  # noqa: F401 - the packages' door to it
from .api_paging import PageArgs, cursor_page, page_schema  # noqa: F401
from .edge import current_actor
from .permissions import Permission, public, requires, rule_of

PREFIX = "/api/v1"
#: Calls a minute: a token's, and of one address without a token.
TOKEN_LIMIT, ANONYMOUS_LIMIT = 600, 300


class Problem(ma.Schema):
    """What went wrong (RFC 9457)."""

    type = ma.fields.String(required=True)
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True, metadata={"description": "A sentence for people, in their language."})
    code = ma.fields.String(required=True, metadata={"description": "Stays the same for ever; decide by this."})
    instance = ma.fields.String(required=True, metadata={"description": "Reference number of this request."})
    facts = ma.fields.Dict(keys=ma.fields.String())
    errors = ma.fields.Dict(
        keys=ma.fields.String(), metadata={"description": "Messages by the field that they are about."}
    )


class ExchangeApi(Api):  # type: ignore[misc]
    """flask-smorest without its own pages and error answers: the edge gives ours."""

    ERROR_SCHEMA = Problem

    def _register_doc_blueprint(self) -> None:
        """Our own view serves the document, with its permission declared."""

    def _register_responses(self) -> None:
        """Describe errors with the media type they really have."""
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def _register_error_handlers(self) -> None:
        """`marketplace.edge` answers all errors alike."""


def blueprint(name: str, description: str = "") -> Blueprint:
    """A package's part of the API; its paths start at /api/v1."""
    return Blueprint(f"api_{name}", name, url_prefix=PREFIX, description=description)


_parts: dict[str, Blueprint] = {}


def register(part: Blueprint) -> None:
    """Declare a package's part; call it in the package's `init_app`."""
    _parts[part.name] = part


def serve(app: Flask) -> None:
    """Serve and document every part. The application factory calls it when all packages are plugged in."""
    app.config.update(API_TITLE=TITLE, API_VERSION="v1", OPENAPI_VERSION="3.1.0")
    made = ExchangeApi(app, spec_kwargs={"info": {"description": DESCRIPTION}})
    made.spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    app.extensions["exchange.api"] = made
    app.before_request(_limit)
    for part in [root, *(_parts[name] for name in sorted(_parts))]:
        made.register_blueprint(part)


def _limit() -> None:
    """Count the call against its token, or against its address."""
    if not request.path.startswith(PREFIX):
        return
    token = api_tokens.token_from_request()
    factor = int(current_app.config.get("API_LIMIT_FACTOR", 1))
    if token is not None:
        g.api_calls_left = limits.hit(f"api:token:{token.id}", TOKEN_LIMIT * factor, 60)
    else:
        g.api_calls_left = limits.hit(f"api:address:{request.remote_addr}", ANONYMOUS_LIMIT * factor, 60)


TITLE = "龙江科技成果交易网 · Longjiang Technology Exchange"
DESCRIPTION = (
    "Public records need no token. For everything else send `Authorization: Bearer <token>`; people make their tokens"
    " on the page *Account, API tokens*. Amounts are yuan as decimal text; moments are ISO 8601 in UTC."
)

root = blueprint("kernel", "The API itself and the caller")


class RootSchema(ma.Schema):
    """Where to begin."""

    name = ma.fields.String(required=True)
    version = ma.fields.String(required=True)
    document = ma.fields.Url(required=True, metadata={"description": "This API as OpenAPI 3.1."})
    parts = ma.fields.List(ma.fields.String(), required=True)


class MeSchema(ma.Schema):
    """Who is calling, and what they may do."""

    user_id = ma.fields.Integer(required=True)
    name = ma.fields.String(required=True)
    organisation_id = ma.fields.Integer(required=True, allow_none=True)
    organisation_name = ma.fields.String(required=True)
    permissions = ma.fields.List(ma.fields.String(), required=True)
    calls_left = ma.fields.Integer(required=True, metadata={"description": "Calls left in the present minute."})


@root.get("/")
@root.response(200, RootSchema)
@public
def index() -> dict[str, Any]:
    """Say what this is and where its document lies."""
    site = current_app.extensions["exchange.settings"].site_url
    document = f"{site}{PREFIX}/openapi.json"
    return {"name": TITLE, "version": "v1", "document": document, "parts": sorted(_parts)}


@root.get("/me")
@root.response(200, MeSchema)
@requires(Permission.ACCOUNT_USE)
def me() -> dict[str, Any]:
    """Tell the caller who they are here."""
    actor = current_actor()
    return {
        "user_id": actor.user_id,
        "name": actor.name,
        "organisation_id": actor.organisation_id,
        "organisation_name": actor.organisation_name,
        "permissions": sorted(permission.value for permission in actor.permissions),
        "calls_left": g.get("api_calls_left", 0),
    }


@root.get("/openapi.json")
@root.doc(responses={"200": {"description": "OK", "content": {"application/json": {"schema": {"type": "object"}}}}})
@public
def openapi() -> Response:
    """Publish this document."""
    return jsonify(published())


def published() -> dict[str, Any]:
    """The document, made on first use."""
    if "exchange.api_document" not in current_app.extensions:
        current_app.extensions["exchange.api_document"] = document(cast("Any", current_app))
    return cast("dict[str, Any]", current_app.extensions["exchange.api_document"])


def document(app: Flask) -> dict[str, Any]:
    """The OpenAPI document, each operation with the permission that its view declares."""
    made: dict[str, Any] = app.extensions["exchange.api"].spec.to_dict()
    made["servers"] = [{"url": app.extensions["exchange.settings"].site_url}]
    for rule in app.url_map.iter_rules():
        declared = rule_of(app.view_functions[rule.endpoint])
        path = made["paths"].get(_PARAMETER.sub(r"{\1}", rule.rule), {})
        for method in (rule.methods or set()) & {name.upper() for name in path}:
            _secure(path[method.lower()], declared.permission if declared else None)
    return made


_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")


def _secure(operation: dict[str, Any], permission: Permission | None) -> None:
    if permission is None:
        operation["security"] = []
        return
    operation["security"] = [{"token": []}]
    scopes = [name for name, scope in api_tokens.SCOPES.items() if permission in scope.permissions]
    operation["x-scopes"] = scopes
    if scopes:
        note = "Scopes: " + ", ".join(scopes) + "."
        operation["description"] = " ".join(filter(None, [operation.get("description"), note]))
