"""Chinese first, English complete beside it. Message ids are English; each package keeps its catalogue.

`translations/<package>/zh_CN/LC_MESSAGES/messages.po`; compiled when older than its source. English needs no
catalogue: the ids are the text.
"""

from __future__ import annotations

import ast
import os
import tempfile
from io import BytesIO
from pathlib import Path
from typing import Any, TypeGuard

from babel.core import Locale
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from flask import Flask, has_request_context, request, session
from flask_babel import Babel, get_locale

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = ROOT / "translations"
LANGUAGES = {"zh_CN": "中文", "en": "English"}
DEFAULT = "zh_CN"

babel = Babel()


def init_app(app: Flask) -> None:
    """Compile what is stale, then choose the language per request."""
    compile_catalogues()
    folders = sorted(str(path) for path in CATALOGUES.iterdir() if path.is_dir()) if CATALOGUES.exists() else []
    babel.init_app(
        app,
        default_locale=DEFAULT,
        default_timezone="Asia/Shanghai",
        default_translation_directories=";".join(folders) or "translations",
        locale_selector=choose_language,
    )
    app.before_request(_remember_language)
    app.jinja_env.globals.update(languages=LANGUAGES, language=current_language)


def choose_language() -> str:
    """The language asked for in this address, kept in the session, or the browser's, else Chinese."""
    if not has_request_context():
        # Commands, the worker, mails: whoever wants another language says so with `force_locale`.
        return DEFAULT
    asked = request.args.get("lang")
    if asked in LANGUAGES:
        return asked
    kept = session.get("language")
    if kept in LANGUAGES:
        return str(kept)
    if request.path.startswith("/api/") or request.accept_languages:
        best = request.accept_languages.best_match(["zh-CN", "zh", "en"], default="zh")
        return "en" if best == "en" else DEFAULT
    return DEFAULT


def _remember_language() -> None:
    asked = request.args.get("lang")
    if asked in LANGUAGES and session.get("language") != asked:
        session["language"] = asked


def current_language() -> str:
    """`zh_CN` or `en`."""
    locale = get_locale()
    return "en" if locale is not None and locale.language == "en" else DEFAULT


def packages() -> list[str]:
    """Packages that have templates or code with messages."""
    candidates = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    return sorted(name for name in candidates if name not in ("tests", "bench", "migrations"))


def po_path(package: str) -> Path:
    return CATALOGUES / package / DEFAULT / "LC_MESSAGES" / "messages.po"


def compile_catalogues() -> None:
    """Write `.mo` beside each `.po` that is newer; safe when several processes start at once."""
    for source in CATALOGUES.glob("*/*/LC_MESSAGES/*.po"):
        # Babel looks under the locale's full name, script included: zh_Hans_CN.
        full_name = str(Locale.parse(source.parts[-3]))
        target = source.parents[2] / full_name / "LC_MESSAGES" / "messages.mo"
        target.parent.mkdir(parents=True, exist_ok=True)
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        with source.open("rb") as stream:
            catalogue = read_po(stream, locale=DEFAULT)
        buffer = BytesIO()
        write_mo(buffer, catalogue)
        handle, temporary = tempfile.mkstemp(dir=target.parent)
        with os.fdopen(handle, "wb") as out:
            out.write(buffer.getvalue())
        Path(temporary).replace(target)


def extract(package: str) -> dict[str, list[tuple[str, int]]]:
    """Every message id a package's code and templates use, with where."""
    found: dict[str, list[tuple[str, int]]] = {}
    roots = [ROOT / package, ROOT / "templates" / package, ROOT / "templates" / "email" / package]
    if package == "marketplace":
        roots += [ROOT / "templates", ROOT / "templates" / "email" / "_base", *_kernel_templates()]
    for root in filter(Path.exists, roots):
        top_only = root == ROOT / "templates"
        methods = [("**.py", "python"), ("**.html", "jinja2"), ("**.txt", "jinja2")]
        filters = (lambda _path: False) if top_only else None
        for name, line, message, *_rest in extract_from_dir(
            str(root), method_map=methods, options_map=_OPTIONS, keywords=_KEYWORDS, directory_filter=filters
        ):
            ids = message if isinstance(message, tuple) else (message,)
            found.setdefault(ids[0], []).append((str(Path(root.name) / name), line))
    for message, place in _api_summaries(package):
        found.setdefault(message, []).append(place)
    found.pop("", None)
    return found


def _kernel_templates() -> list[Path]:
    """Template folders that are no package's own: the kernel's pages and the page kit."""
    taken = {*packages(), "email", "pdf"}
    return [path for path in sorted((ROOT / "templates").iterdir()) if path.is_dir() and path.name not in taken]


def _api_summaries(package: str) -> list[tuple[str, tuple[str, int]]]:
    """First lines of the docstrings of API views: the developers' page shows them in the reader's language."""
    found = []
    for source in (ROOT / package / name for name in ("api.py", "api_own.py", "api_records.py")):
        if source.exists():
            views = [one for one in ast.parse(source.read_text(encoding="utf-8")).body if _is_view(one)]
            place = f"{package}/{source.name}"
            found += [((ast.get_docstring(view) or "").partition("\n")[0], (place, view.lineno)) for view in views]
    return found


def _is_view(node: ast.stmt) -> TypeGuard[ast.FunctionDef]:
    return isinstance(node, ast.FunctionDef) and any(map(_is_route, node.decorator_list))


def _is_route(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return isinstance(called, ast.Attribute) and called.attr in ("get", "post", "put", "patch", "delete", "route")


#: Templates use the `do` statement; one that cannot be read is an error, not a page without Chinese.
_OPTIONS = {name: {"extensions": "jinja2.ext.do", "silent": "false"} for name in ("**.html", "**.txt")}
_KEYWORDS: dict[str, Any] = {
    "_": None, "_l": None, "gettext": None, "lazy_gettext": None,
    "ngettext": (1, 2), "lazy_ngettext": (1, 2), "N_": None,
}  # fmt: skip


def load_catalogue(package: str) -> Catalog:
    path = po_path(package)
    if not path.exists():
        return Catalog(locale=DEFAULT, charset="utf-8", header_comment=f"# Chinese texts of {package}.")
    with path.open("rb") as stream:
        return read_po(stream, locale=DEFAULT)


def missing(package: str) -> list[str]:
    """Ids that the package uses and no catalogue translates."""
    translated = _all_translated()
    return sorted(message for message in extract(package) if message not in translated)


def _all_translated() -> set[str]:
    done: set[str] = set()
    for source in CATALOGUES.glob("*/*/LC_MESSAGES/*.po"):
        with source.open("rb") as stream:
            for message in read_po(stream, locale=DEFAULT):
                key = str(message.id[0] if isinstance(message.id, tuple) else message.id)
                value = message.string[0] if isinstance(message.string, tuple) else message.string
                if key and value and not message.fuzzy:
                    done.add(key)
    return done


def add_missing(package: str) -> list[str]:
    """Append untranslated ids to the package's catalogue, empty, for a person to fill; returns them."""
    wanted, catalogue, used = missing(package), load_catalogue(package), extract(package)
    for message in wanted:
        if message not in catalogue:
            catalogue.add(message, locations=used[message][:1])
    path = po_path(package)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, catalogue, width=110, sort_output=True, omit_header=False)
    return wanted
