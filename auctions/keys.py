"""The keys that sign receipts and heads, and the tokens that open a restricted room's stream."""

from __future__ import annotations

from functools import lru_cache

from itsdangerous import BadData, URLSafeTimedSerializer
from nacl.signing import SigningKey

from marketplace.secrets_file import kept
from marketplace.settings import Settings

#: Seconds for which a page's token opens the stream; a page that is loaded anew gets a new one.
TOKEN_SECONDS = 2 * 3600


@lru_cache(maxsize=4)
def signing_key(settings: Settings) -> SigningKey:
    """The evidence key: from the settings, or (in development) made once and kept in the instance folder."""
    seed = settings.evidence_seed or kept(settings.instance_dir / "keys", "evidence-seed")
    return SigningKey(bytes.fromhex(seed))


def public_key(settings: Settings) -> bytes:
    """What anybody needs to check a receipt or a published head."""
    return signing_key(settings).verify_key.encode()


def room_token(settings: Settings, number: str) -> str:
    """A token for the page of somebody who may watch this room."""
    return _serializer(settings).dumps(number)


def opens(settings: Settings, token: str, number: str) -> bool:
    """True if the token was made for this room and is still young."""
    try:
        return bool(_serializer(settings).loads(token, max_age=TOKEN_SECONDS) == number)
    except BadData:
        return False


def _serializer(settings: Settings) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings.secret_key, salt="auctions.live")
