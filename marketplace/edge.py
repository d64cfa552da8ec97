"""The edge: where requests come in, are let through, commit once, and errors become answers.

Order for every request: reference number, actor, permission of the route, the view, one commit. A
failed commit is still an error page. Domain errors carry no HTTP; here alone they get their status.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast
from urllib.parse import urlsplit

import structlog
from flask import Flask, Response, abort, current_app, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext as _l
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from . import errors, request_id
from .db import db
from .jsons import plain
from .permissions import ANONYMOUS, Actor, enforce, rule_of

log = structlog.get_logger(__name__)

#: The HTTP status of each kind of domain error; subclasses inherit it.
STATUS: tuple[tuple[type[errors.DomainError], int], ...] = (
    (errors.NotFound, 404),
    (errors.SignInRequired, 401),
    (errors.Forbidden, 403),
    (errors.Invalid, 422),
    (errors.Conflict, 409),
    (errors.TooMany, 429),
    (errors.Unavailable, 503),
    (errors.DomainError, 400),
)

ActorLoader = Callable[[], Actor]


class Exchange(Flask):
    """Flask with one transaction a request, committed between the view and the answer."""

    actor_loader: ActorLoader

    def dispatch_request(self) -> ResponseReturnValue:
        response = super().dispatch_request()
        # A view that never touched the database (the bid view) has no session to commit.
        if db.session.registry.has():
            db.session.commit()
        return response


def current_actor() -> Actor:
    """Who is calling; loaded once a request, on first use."""
    if "actor" not in g:
        g.actor = cast("Exchange", current_app).actor_loader()
    return cast("Actor", g.actor)


def _anonymous() -> Actor:
    return ANONYMOUS


def init_app(app: Exchange) -> None:
    """Install the order described above."""
    app.actor_loader = _anonymous
    app.before_request(_begin)
    app.before_request(_check_permission)
    app.after_request(_finish)
    app.teardown_request(_forget)
    app.register_error_handler(errors.DomainError, _domain_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(OperationalError, _database_down)
    app.register_error_handler(Exception, _crash)
    app.context_processor(lambda: {"current_actor": current_actor})


def _begin() -> None:
    request_id.begin(request.headers.get("X-Request-ID"))


def _check_permission() -> None:
    """Hold the route's declaration against the actor; static files and unknown paths pass through."""
    if request.endpoint is None or request.endpoint == "static":
        return
    rule = rule_of(current_app.view_functions[request.endpoint])
    if rule is not None and (rule.permission is None or rule.checked_by):
        return
    enforce(rule, current_actor())


def _finish(response: Response) -> Response:
    response.headers["X-Request-ID"] = request_id.get()
    return response


def _forget(error: BaseException | None) -> None:
    if error is not None:
        db.session.rollback()


def wants_json() -> bool:
    """True for API calls and for scripts that ask for JSON."""
    if request.path.startswith("/api/"):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return best == "application/json"


def status_of(error: errors.DomainError) -> int:
    """The HTTP status of a domain error."""
    return next(status for kind, status in STATUS if isinstance(error, kind))


def _domain_error(error: errors.DomainError) -> ResponseReturnValue:
    db.session.rollback()
    status = status_of(error)
    if wants_json():
        return problem(status, error.code, str(error), error)
    if status == 401:
        return redirect(url_for("accounts.sign_in", next=_here()), 303)
    headers = {"Retry-After": str(error.retry_after)} if isinstance(error, errors.TooMany) else {}
    return error_page(status, str(error), headers)


def _here() -> str:
    """The page to come back to after signing in: the form's page for a POST."""
    if request.method == "GET":
        return request.full_path.rstrip("?")
    return urlsplit(request.referrer or "/").path


#: What each status says to people: the title of a problem, and its detail where nothing more is known.
TITLES = {
    400: _l("The request cannot be read."),
    401: _l("Please sign in first."),
    403: _l("You may not do this."),
    404: _l("There is no such page, or it is not open to you."),
    405: _l("This address does not take this kind of request."),
    406: _l("This address does not answer in the form asked for."),
    409: _l("This is no longer possible: the record has changed."),
    413: _l("What was sent is too large."),
    415: _l("This address does not take this kind of content."),
    422: _l("Some entries need correcting."),
    429: _l("Too many attempts. Please wait and try again."),
    503: _l("The service is busy. Nothing was changed; please try again."),
}
_UNFORESEEN = _l("An unexpected error. It has been logged.")


def problem(status: int, code: str, detail: str, error: errors.DomainError | None = None) -> Response:
    """An RFC 9457 problem answer."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": str(TITLES.get(status, _UNFORESEEN)),
        "status": status,
        "detail": detail,
        "code": code,
        "instance": request_id.get(),
    }
    if error is not None:
        body["facts"] = plain({key: str(value) for key, value in error.facts.items()})
        if isinstance(error, errors.Invalid):
            body["errors"] = {name: [str(item) for item in items] for name, items in error.fields.items()}
    response = jsonify(body)
    response.status_code = status
    response.mimetype = "application/problem+json"
    if isinstance(error, errors.TooMany):
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def error_page(status: int, detail: str = "", headers: dict[str, str] | None = None) -> ResponseReturnValue:
    """The page of a status: what happened, what was kept, what to do, and the reference number."""
    page = render_template(
        [f"errors/{status}.html", "errors/error.html"], status=status, detail=detail, reference=request_id.get()
    )
    return page, status, headers or {}


def _http_error(error: HTTPException) -> ResponseReturnValue:
    db.session.rollback()
    status = error.code or 500
    if status < 400:
        return error
    headers = {key: value for key, value in error.get_headers() if key.lower() in ("allow", "retry-after")}
    if wants_json():
        # Flask's own sentences are English and speak of URLs; only what could not be read is worth quoting.
        detail = error.description if status == 400 and error.description else str(TITLES.get(status, _UNFORESEEN))
        answer = problem(status, error.name.lower().replace(" ", "_"), detail, _from_schema(error))
        answer.headers.update(headers)
        return answer
    return error_page(status, (error.description or "") if status == 400 else "", headers)


def _from_schema(error: HTTPException) -> errors.Invalid | None:
    """What an API schema found wrong, as the same kind of answer as a form's."""
    found = getattr(error, "data", {}).get("messages")
    if not isinstance(found, dict):
        return None
    # Messages come by place (`json`, `query`) and then by field.
    flat = {name: value for place in found.values() if isinstance(place, dict) for name, value in place.items()}
    return errors.Invalid(fields={name: value if isinstance(value, list) else [value] for name, value in flat.items()})


def _busy(_error: PoolTimeout) -> ResponseReturnValue:
    log.warning("pool_empty")
    return _domain_error(errors.Unavailable())


def _database_down(error: OperationalError) -> ResponseReturnValue:
    log.error("database_error", exc_info=error)
    return _domain_error(errors.Unavailable())


def _crash(error: Exception) -> ResponseReturnValue:
    """Anything unforeseen: logged with its reference, nothing told to the outside."""
    db.session.rollback()
    log.error("request_failed", path=request.path, exc_info=error)
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    if wants_json():
        return problem(500, "internal_server_error", str(_UNFORESEEN))
    return error_page(500)


def see_other(endpoint: str, **values: Any) -> ResponseReturnValue:
    """The answer to every successful POST."""
    return redirect(url_for(endpoint, **values), 303)


def done(message: str, endpoint: str, **values: Any) -> ResponseReturnValue:
    """Tell the user it is done and lead to the next page."""
    flash(message, "success")
    return see_other(endpoint, **values)


def found(obj: Any) -> Any:
    """The object, or a 404 when a scoped query found none."""
    if obj is None:
        abort(404)
    return obj
