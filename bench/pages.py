"""The catalogue as a visitor sees it, and how soon the exchange answers after it is started."""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import time
import urllib.request
from datetime import date
from decimal import Decimal
from pathlib import Path

from accounts.models import Organisation
from accounts.roles import OrganisationKind
from accounts.states import OrganisationState
from listings import services
from listings.ip_rules import check_character
from listings.kinds import IpKind, IpStatus, Phase, PriceMode, SecurityClass, TransferMode
from listings.services import IpValues
from marketplace import postgres
from marketplace.db import db
from marketplace.permissions import SYSTEM

from . import crowd, load
from .bids import hello
from .figures import Figure, Scale, must_equal
from .ground import ROOT, Ground, Site, end, free_port
from .load import Load, Tally

PATH = "/listings"
CARDS = 20
#: As many as the two workers have database connections.
FEW = 16


def page(ground: Ground, scale: Scale) -> list[Figure]:
    """Catalogue pages per second for visitors who are not signed in, beside a bare Flask application."""
    site = ground.site("page")
    _fill(site, scale.cards)
    site.settle()
    bare = hello(site, scale)
    with site.web() as port:
        _must_show(port, min(CARDS, scale.cards))
        # A new process renders for each of its first visitors; a few of them come before the crowd.
        _read(port, scale, FEW)
        kept = _read(port, scale, scale.bidders)
        anew = _read(port, scale, FEW, distinct=True)
    notes = {"each_rendered_anew_per_s": round(anew.rate, 1), "anew_ratio": round(anew.rate / bare, 3)}
    return [Figure("page", kept.rate, bare, kept.rate / bare, "pages/s", 0.2, 0.4, notes=notes)]


def _read(port: int, scale: Scale, count: int, *, distinct: bool = False) -> Tally:
    visitors = [crowd.visitor([PATH]) for _ in range(count)]
    tally = load.run(Load(port, visitors, scale.seconds, scale.warm, distinct=distinct))
    must_equal("pages", tally.answered, tally.statuses.get("200", 0))
    return tally


def _must_show(port: int, cards: int) -> None:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{PATH}") as answer:
        text = answer.read().decode()
    must_equal("cards", cards, len(set(re.findall(r"/listings/(CG[0-9-]+)", text))))


def _fill(site: Site, count: int) -> None:
    """Results brought to the board by the services."""
    app = site.app()
    with app.app_context():
        owner = Organisation(
            name="龙江大学", kind=OrganisationKind.UNIVERSITY, state=OrganisationState.VERIFIED,
            uscc="B99999999999999999", region="230100",
        )  # fmt: skip
        db.session.add(owner)
        db.session.flush()
        for place in range(count):
            _list(owner, place)
        db.session.commit()
        db.session.remove()
        db.engine.dispose()


def _list(owner: Organisation, place: int) -> None:
    listing = services.create_draft(
        SYSTEM,
        owner,
        {
            "title": f"高导热石墨烯复合膜制备技术（{place + 1}）",
            "summary": "以可控还原的氧化石墨烯为原料，经定向涂布、分段碳化和石墨化得到高导热复合膜，面内热导率稳定，"
            "卷对卷连续生产，可替代进口聚酰亚胺石墨膜。",
            "problem": "大功率器件散热膜依赖进口，价格高，供货周期长。",
            "current_solution": "聚酰亚胺薄膜高温石墨化，厚度受限，成品率低。",
            "advantages": [{"metric": "面内热导率", "ours": "1650", "conventional": "1200", "unit": "W/(m·K)"}],
            "applications": "通信基站、动力电池、显示模组散热。",
            "keywords": ["石墨烯", "导热膜"],
            "inventors": ["王立新"],
            "contact_name": "李老师",
            "contact_phone": "0451-86410000",
            "contact_email": "office@example.cn",
            "funding_source": "国家重点研发计划",
            "security_class": SecurityClass.PUBLIC,
            "field": "materials",
            "region": "230100",
            "trl": 4 + place % 5,
            "phase": Phase.PILOT,
            "transfer_modes": [TransferMode.ASSIGNMENT.value, TransferMode.EXCLUSIVE.value],
            "licence_term": "5 年",
            "territory": "中国境内",
            "price_mode": PriceMode.FIXED,
            "price": Decimal(680_000 + 1000 * place),
        },
    )
    services.set_ip_items(SYSTEM, listing, [_patent(place)])
    services.submit(SYSTEM, listing)
    services.org_approve(SYSTEM, listing)
    services.approve(SYSTEM, listing)


def _patent(place: int) -> IpValues:
    twelve = f"20201{place + 1:07d}"
    return IpValues(
        kind=IpKind.INVENTION,
        number=f"ZL{twelve}.{check_character(twelve)}",
        title="一种高导热石墨烯复合膜及其制备方法",
        holder="龙江大学",
        filed_on=date(2020, 3, 6),
        granted_on=date(2022, 8, 9),
        status=IpStatus.GRANTED,
        fee_paid_to=date(2040, 3, 6),
        ipc="C01B 32/184",
    )


def start(_ground: Ground, _scale: Scale) -> list[Figure]:
    """`script/server` on an installation that exists, until the first page; beside the bare database server."""
    with tempfile.TemporaryDirectory(prefix="exchange-bench-start-") as folder:
        home = Path(folder)
        home.chmod(0o711)
        _served(home / "instance", 900)
        # The better of two each: the machine's other work is nobody's starting time.
        ours = min(_served(home / "instance", 120) for _ in range(2))
        bare = min(_database_started(home / "instance" / "postgres") for _ in range(2))
        postgres.remove(home / "instance" / "postgres")
    return [Figure("start", ours, bare, ours / bare, "s", 8, 4, at_most=True)]


def _served(instance: Path, patience: float) -> float:
    """Seconds from the command to the first page; the command is ended then."""
    port, live = free_port(), free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("DATABASE_", "EXCHANGE_"))}
    environment = {**kept, "INSTANCE_DIR": str(instance), "PORT": str(port), "LIVE_PORT": str(live)}
    instance.mkdir(parents=True, exist_ok=True)
    with (instance / "server.log").open("ab") as log:
        started = time.monotonic()
        process = subprocess.Popen(
            [str(ROOT / "script" / "server")], cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log,
            stderr=log, start_new_session=True,
        )  # fmt: skip
    try:
        return _first_page(process, port, started, patience)
    finally:
        end(process)
        _wait_until_down(instance / "postgres")


def _first_page(process: subprocess.Popen[bytes], port: int, started: float, patience: float) -> float:
    while time.monotonic() < started + patience and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=30) as answer:
                answer.read()
                return time.monotonic() - started
        except OSError:
            time.sleep(0.01)
    raise RuntimeError("script/server did not answer")


def _wait_until_down(home: Path) -> None:
    """The database leaves a moment after its last user; a start must not find it running."""
    deadline = time.monotonic() + 60
    while postgres.running(home) is not None:
        if time.monotonic() > deadline:
            raise RuntimeError("the database server does not stop")
        time.sleep(0.05)


def _database_started(home: Path) -> float:
    """Seconds until the embedded server alone answers."""
    started = time.monotonic()
    postgres.ensure_running(home)
    taken = time.monotonic() - started
    postgres.release(home)
    _wait_until_down(home)
    return taken
