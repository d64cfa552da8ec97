"""Every call of the published document, tried with generated input: no crash, no answer it does not describe."""

from __future__ import annotations

import pytest
import schemathesis
from hypothesis import HealthCheck, given, note, settings

from marketplace import api, api_tokens
from marketplace.db import db
from marketplace.permissions import Actor, Permission

TRIES = settings(
    max_examples=25, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
)


@pytest.fixture
def headers(app, person, monkeypatch):
    """A token with every scope, whose owner has every permission; no limit stands in the way. Each call has its own context."""
    owner = Actor(person, "张三", frozenset(Permission))

    def load() -> Actor:
        token = api_tokens.token_from_request()
        return api_tokens.narrow(owner, token) if token else Actor(None, "")

    def served(environ, start_response):
        with app.app_context():
            return list(wsgi(environ, start_response))

    wsgi = app.wsgi_app
    monkeypatch.setattr(app, "wsgi_app", served)
    monkeypatch.setattr(app, "actor_loader", load)
    monkeypatch.setitem(app.config, "API_LIMIT_FACTOR", 1000)
    _token, secret = api_tokens.issue(owner, "test", list(api_tokens.SCOPES), 30)
    db.session.commit()
    return {"Authorization": f"Bearer {secret}"}


def operations(schema: schemathesis.BaseSchema) -> list[schemathesis.APIOperation]:
    return [result.ok() for result in schema.get_all_operations()]


def try_out(operation: schemathesis.APIOperation, headers: dict[str, str]) -> None:
    @TRIES
    @given(case=operation.as_strategy())
    def check(case: schemathesis.Case) -> None:
        note(operation.label)
        # A cursor is opaque: a text that is none of ours fits its description and is refused all the same.
        case.call_and_validate(
            headers=headers, excluded_checks=[schemathesis.checks.CHECKS.get_one("positive_data_acceptance")]
        )

    check()


def test_every_call_answers_as_the_document_says(app, headers):
    schema = schemathesis.openapi.from_wsgi(f"{api.PREFIX}/openapi.json", app)
    tried = operations(schema)

    for operation in tried:
        try_out(operation, headers)

    assert {operation.path for operation in tried} >= {f"{api.PREFIX}/", f"{api.PREFIX}/me"}
