"""Every address says who may open it, and nobody else can."""

from __future__ import annotations

from marketplace.permissions import rule_of


def test_every_route_declares_its_permission(app):
    undeclared = [
        f"{rule.rule} ({rule.endpoint})"
        for rule in app.url_map.iter_rules()
        if rule.endpoint != "static" and rule_of(app.view_functions[rule.endpoint]) is None
    ]

    assert undeclared == []


def test_a_view_that_declares_nothing_is_closed_to_everybody(app, client):
    app.view_functions["health.live"], kept = (lambda: "open"), app.view_functions["health.live"]
    try:
        assert client.get("/health/live").status_code == 403
    finally:
        app.view_functions["health.live"] = kept


def test_every_page_sends_the_security_headers(client):
    headers = client.get("/developers").headers

    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"


def test_an_operators_page_is_closed_to_others(client, acting):
    acting()

    assert client.get("/desk/operations").status_code == 403
