"""A hundred thousand results, for trying scale: copies of the listed sample, made in the database itself.

The one place of the sample that goes round the services: copies have rights and the search's words, but no reviews,
versions or trail. They are marked as sample like everything here.
"""

from __future__ import annotations

from sqlalchemy import text

from listings.models import IpItem, Listing
from marketplace.clock import today
from marketplace.db import db, unit_of_work
from marketplace.errors import Conflict
from marketplace.numbers import next_in_series

BATCH = 5000
#: Copies differ in these; every other column is taken over.
CHANGED = {
    "id": None,
    "number": "'CG' || :year || '-' || lpad((:first + row_number() OVER (ORDER BY l.id, n))::text, 6, '0')",
    "title": "left(l.title, 180) || '（' || (:made + row_number() OVER (ORDER BY l.id, n))::text || '）'",
    "import_hash": "'bulk-' || (:made + row_number() OVER (ORDER BY l.id, n))::text",
    "price": "CASE WHEN l.price IS NULL THEN NULL ELSE round(l.price * (0.4 + 1.6 * random())::numeric, -3) + 1000 END",
    "trl": "1 + floor(random() * 9)::int",
    "region": "(ARRAY['230100','230200','230300','230400','230500','230600','230700','230800','230900','231000','231100',"
    "'231200','232700'])[1 + floor(random() * 13)::int]",
    "public_at": "clock_timestamp() - random() * interval '3 years'",
}
_COUNT = text("SELECT count(*) FROM listings WHERE sample AND state = 'listed'")
_TEMPLATES = text("SELECT count(*) FROM listings WHERE sample AND state = 'listed' AND import_hash LIKE 'sample-%'")
_COPIES = text("SELECT count(*) FROM listings WHERE import_hash LIKE 'bulk-%'")


def fill(count: int) -> int:
    """Copy listed sample results until so many are on the board; returns how many were made.

    Raises:
        Conflict: there is no listed sample result to copy.
    """
    made = 0
    while True:
        with unit_of_work():
            wanted = min(count - db.session.scalar(_COUNT), BATCH)
            if wanted <= 0:
                return made
            made += _copy(wanted)


def _copy(wanted: int) -> int:
    templates = db.session.scalar(_TEMPLATES)
    if not templates:
        raise Conflict("flask demo load")
    year, before = today().year, db.session.scalar(_COPIES)
    last = next_in_series(f"CG{year}", wanted)
    columns = [column.name for column in Listing.__table__.columns if column.name != "id"]
    values = ", ".join(CHANGED.get(name) or f"l.{name}" for name in columns)
    statement = f"""
        WITH source AS (SELECT l.*, n FROM listings l, generate_series(1, :rounds) AS n
                        WHERE l.sample AND l.state = 'listed' AND l.import_hash LIKE 'sample-%'
                        ORDER BY n, l.id LIMIT :wanted)
        INSERT INTO listings ({", ".join(columns)}) SELECT {values} FROM source l"""  # noqa: S608 - our own columns
    rounds = -(-wanted // templates)
    parameters = {"year": str(year), "first": last - wanted, "made": before, "rounds": rounds, "wanted": wanted}
    db.session.execute(text(statement), parameters)
    _copy_rights(year, last - wanted)
    return wanted


def _copy_rights(year: int, first: int) -> None:
    """Each copy has the rights of the result whose summary it shares."""
    columns = [column.name for column in IpItem.__table__.columns if column.name not in ("id", "listing_id")]
    taken = ", ".join(f"i.{name}" for name in columns)
    statement = f"""
        INSERT INTO listing_ip_items (listing_id, {", ".join(columns)})
        SELECT c.id, {taken} FROM listings c
        JOIN (SELECT DISTINCT ON (summary) id, summary FROM listings WHERE import_hash LIKE 'sample-%' ORDER BY summary, id) t
            ON t.summary = c.summary
        JOIN listing_ip_items i ON i.listing_id = t.id
        WHERE c.import_hash LIKE 'bulk-%' AND c.number > :first"""  # noqa: S608 - our own columns
    db.session.execute(text(statement), {"first": f"CG{year}-{first:06d}"})
