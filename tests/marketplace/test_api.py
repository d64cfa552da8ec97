"""The API: problems instead of pages, tokens within scopes, cursors, keys that make a call happen once."""

from __future__ import annotations

import threading
from typing import Any

import marshmallow as ma
import pytest
from sqlalchemy import select, text

from marketplace import api, api_tokens, numbers
from marketplace.db import db
from marketplace.errors import Invalid
from marketplace.permissions import Actor, Permission, public, requires
from tests.marketplace.conftest import make_person


class ThingSchema(ma.Schema):
    name = ma.fields.String(required=True, validate=ma.validate.Length(1, 20))
    amount = ma.fields.Decimal(as_string=True, load_default="1")


def probe() -> Any:
    """A part of the API such as a package brings: it numbers things, so that acts can be counted."""
    part = api.blueprint("probe", "A probe")

    @part.post("/probe/things")
    @api.idempotent
    @part.arguments(ThingSchema)
    @part.response(201, ThingSchema)
    @requires(Permission.LISTING_EDIT)
    def make(data: dict[str, Any]) -> Any:
        """Make a thing."""
        if data["name"] == "refused":
            numbers.next_in_series("THINGS")
            raise Invalid(fields={"name": ["No."]})
        return {"name": f"{data['name']}-{numbers.next_in_series('THINGS')}", "amount": data["amount"]}

    @part.get("/probe/counters")
    @part.arguments(api.PageArgs, location="query")
    @public
    def counters(args: dict[str, Any]) -> Any:
        """List counters."""
        order = [(numbers.Counter.value, True), (numbers.Counter.series, False)]
        page = api.cursor_page(select(numbers.Counter), order, args)
        return {"items": [one.series for one in page["items"]], "next": page["next"]}

    return part


@pytest.fixture
def api_app(app):
    """The application with one more part; built anew, as parts are plugged in while an application is made."""
    from marketplace.app import create_app

    api.register(probe())
    try:
        made = create_app(app.extensions["exchange.settings"])
    finally:
        api._parts.pop("api_probe")
    with made.app_context():
        yield made
        db.session.remove()
        db.engine.dispose()
        for dispose in made.extensions["exchange.disposers"]:
            dispose()


@pytest.fixture
def visitor(api_app, client):
    """A program's calls, CSRF on as in life, its actor read from the token alone."""
    api_app.config["WTF_CSRF_ENABLED"] = True
    api_app.test_client_class = type(client)

    def load() -> Actor:
        token = api_tokens.token_from_request()
        owner = Actor(token.user_id if token else None, "张三", frozenset(Permission))
        return api_tokens.narrow(owner, token) if token else Actor(None, "")

    api_app.actor_loader = load
    return api_app.test_client()


@pytest.fixture
def bearer(api_app):
    """`bearer("listings")`: the headers of a fresh token with these scopes."""

    def make(*scopes: str) -> dict[str, str]:
        owner = Actor(make_person(f"owner{len(made)}"), "张三", frozenset(Permission))
        made.append(owner)
        _token, secret = api_tokens.issue(owner, "test", list(scopes), 30)
        db.session.commit()
        return {"Authorization": f"Bearer {secret}"}

    made: list[Actor] = []
    return make


def counted() -> int:
    db.session.rollback()
    value = db.session.execute(text("SELECT value FROM counters WHERE series = 'THINGS'")).scalar_one_or_none()
    return int(value or 0)


@pytest.mark.parametrize(
    ("method", "path", "options", "status", "code"),
    [
        ("get", "/api/v1/nothing", {}, 404, "not_found"),
        ("delete", "/api/v1/", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/me", {}, 401, "sign_in_required"),
        ("get", "/api/v1/probe/counters?limit=0", {}, 422, "invalid"),
        ("get", "/api/v1/probe/counters?cursor=nonsense", {}, 422, "invalid"),
        ("post", "/api/v1/probe/things", {"data": "{", "content_type": "application/json"}, 400, "bad_request"),
        ("post", "/api/v1/probe/things", {"data": "x", "content_type": "text/plain"}, 422, "invalid"),
        ("post", "/api/v1/probe/things", {"json": {"name": ""}}, 422, "invalid"),
        ("post", "/api/v1/probe/things", {"json": {"name": "a", "other": 1}}, 422, "invalid"),
    ],
)
def test_every_error_is_a_problem(visitor, bearer, method, path, options, status, code):
    headers = bearer("listings") if method == "post" else {}

    answer = getattr(visitor, method)(path, headers=headers, **options)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert answer.json["code"] == (code if status != 422 else answer.json["code"])
    assert answer.json["status"] == status
    assert answer.json["instance"] == answer.headers["X-Request-ID"]
    assert answer.json["title"] not in ("", code)
    assert "URL" not in answer.json["detail"]


def test_a_schemas_messages_stand_by_their_field(visitor, bearer):
    answer = visitor.post("/api/v1/probe/things", json={"name": ""}, headers=bearer("listings"))

    assert list(answer.json["errors"]) == ["name"]


def test_a_wrong_method_names_the_right_ones(visitor):
    assert "GET" in visitor.delete("/api/v1/").headers["Allow"]


def test_a_token_acts_within_its_scopes(visitor, bearer):
    me = visitor.get("/api/v1/me", headers=bearer("account"))

    assert me.json["permissions"] == [Permission.ACCOUNT_USE]
    refused = visitor.post("/api/v1/probe/things", json={"name": "a"}, headers=bearer("account"))
    assert refused.status_code == 403


def test_no_scope_lets_a_program_approve_sign_or_decide():
    delegable = frozenset().union(*(scope.permissions for scope in api_tokens.SCOPES.values()))

    assert not delegable & {
        Permission.LISTING_APPROVE, Permission.BID_APPROVE, Permission.CONTRACT_SIGN, Permission.ORG_MANAGE,
        Permission.ORG_VERIFY, Permission.LISTING_REVIEW, Permission.AUCTION_RUN, Permission.DEPOSIT_RECORD,
        Permission.DEPOSIT_APPROVE, Permission.CONTRACT_REGISTER, Permission.USERS_MANAGE, Permission.SYSTEM_OPERATE,
    }  # fmt: skip


@pytest.mark.parametrize(
    "ended", ["expires_at = now() - interval '1 second'", "revoked_at = now()", "token_hash = repeat('0', 64)"]
)
def test_a_token_that_ended_is_refused(visitor, bearer, database, ended):
    headers = bearer("account")
    with database.connect_owner() as owner:
        owner.execute(f"UPDATE api_tokens SET {ended}")

    assert visitor.get("/api/v1/me", headers=headers).status_code == 401


def test_a_token_opens_nothing_outside_the_api(api_app, bearer):
    with api_app.test_request_context("/notices", headers=bearer("account")):
        assert api_tokens.token_from_request() is None


def test_a_browsers_session_alone_cannot_be_made_to_call(visitor, api_app, person):
    api_app.actor_loader = lambda: Actor(person, "张三", frozenset(Permission))

    answer = visitor.post("/api/v1/probe/things", json={"name": "a"})

    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert counted() == 0


def test_calls_without_a_token_are_limited(visitor, monkeypatch):
    monkeypatch.setattr(api, "ANONYMOUS_LIMIT", 2)

    statuses = [visitor.get("/api/v1/").status_code for _ in range(3)]

    assert statuses == [200, 200, 429]


def test_a_key_makes_a_repeated_call_happen_once(visitor, bearer):
    headers = {**bearer("listings"), "Idempotency-Key": "k-1"}

    first = visitor.post("/api/v1/probe/things", json={"name": "a"}, headers=headers)
    again = visitor.post("/api/v1/probe/things", json={"name": "a"}, headers=headers)

    assert (first.status_code, first.json) == (201, {"name": "a-1", "amount": "1"})
    assert (again.status_code, again.json, again.mimetype) == (201, first.json, first.mimetype)
    assert again.headers["Idempotency-Replayed"] == "true"
    assert counted() == 1


def test_without_a_key_each_call_happens(visitor, bearer):
    headers = bearer("listings")
    for _ in range(2):
        visitor.post("/api/v1/probe/things", json={"name": "a"}, headers=headers)

    assert counted() == 2


def test_a_key_is_its_actors_own(visitor, bearer):
    for _ in range(2):
        headers = {**bearer("listings"), "Idempotency-Key": "k-1"}
        visitor.post("/api/v1/probe/things", json={"name": "a"}, headers=headers)

    assert counted() == 2


def test_a_key_for_another_body_is_refused(visitor, bearer):
    headers = {**bearer("listings"), "Idempotency-Key": "k-1"}
    visitor.post("/api/v1/probe/things", json={"name": "a"}, headers=headers)

    answer = visitor.post("/api/v1/probe/things", json={"name": "b"}, headers=headers)

    assert (answer.status_code, answer.json["code"]) == (422, "idempotency_key_reused")
    assert counted() == 1


def test_a_refused_call_keeps_nothing_and_may_be_repeated(visitor, bearer):
    headers = {**bearer("listings"), "Idempotency-Key": "k-1"}

    answers = [visitor.post("/api/v1/probe/things", json={"name": "refused"}, headers=headers) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [422, 422]
    assert counted() == 0


def test_twins_at_the_same_moment_happen_once(visitor, bearer, api_app):
    headers = {**bearer("listings"), "Idempotency-Key": "k-1"}
    names: list[str] = []
    start = threading.Barrier(6)

    def call() -> None:
        start.wait()
        answer = api_app.test_client().post("/api/v1/probe/things", json={"name": "a"}, headers=headers)
        names.append(answer.json["name"])

    threads = [threading.Thread(target=call) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert names == ["a-1"] * 6
    assert counted() == 1


def test_a_cursor_walks_a_list_without_gap_or_repetition(visitor, database):
    with database.connect_owner() as owner:
        owner.execute(
            "INSERT INTO counters (series, value) SELECT 'S' || lpad(n::text, 2, '0'), n / 3 FROM generate_series(1, 20) n"
        )
        expected = [row[0] for row in owner.execute("SELECT series FROM counters ORDER BY value DESC, series")]

    seen, cursor = [], ""
    while cursor is not None:
        page = visitor.get("/api/v1/probe/counters", query_string={"limit": 3, "cursor": cursor}).json
        seen, cursor = seen + page["items"], page["next"]

    assert seen == expected


@pytest.mark.parametrize(
    "cursor", ["W10", "WzFd", "WyIxIiwiUyJd", "WzEsMV0", "bm90", "%00", "WzFlOTksIlMiXQ", "WzEsIlx1MDAwMCJd"]
)
def test_a_forged_cursor_is_refused_before_the_database_sees_it(visitor, cursor):
    assert visitor.get("/api/v1/probe/counters", query_string={"cursor": cursor}).status_code == 422


def test_the_document_names_every_call_with_its_permission(visitor):
    document = visitor.get("/api/v1/openapi.json").json

    assert document["openapi"].startswith("3.1")
    make = document["paths"]["/api/v1/probe/things"]["post"]
    assert make["security"] == [{"token": []}]
    assert make["x-scopes"] == ["listings"]
    assert document["paths"]["/api/v1/probe/counters"]["get"]["security"] == []
    assert "application/problem+json" in document["components"]["responses"]["DEFAULT_ERROR"]["content"]


def test_the_developers_page_lists_every_call(visitor):
    page = visitor.get("/developers").get_data(as_text=True)

    assert "POST /api/v1/probe/things" in page
