"""The provider of single sign-on: where to send people, and who comes back.

Authlib speaks the protocol and checks the claims of id tokens; joserfc checks their signatures.
This module adds the limits: a time for everything that is asked for one sign-in, a size for each
answer, a number of people who may wait at once, and a pause after the provider did not answer.
"""

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from email.utils import mktime_tz, parsedate_tz
from functools import lru_cache
from typing import Any, TypeVar

from authlib.common.errors import AuthlibBaseError
from authlib.common.security import is_secure_transport
from authlib.integrations.base_client import OAuthError
from authlib.oidc.core import CodeIDToken
from authlib.oidc.discovery import OpenIDProviderMetadata, get_well_known_url
from django.conf import settings
from django.utils.translation import gettext
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry
from requests import RequestException

from ..errors import ChatError, Forbidden, ProviderUnavailable
from .sso_attempts import Attempt
from .sso_claims import Claims, wanted
from .sso_http import LimitedSession, json_object

logger = logging.getLogger(__name__)

T = TypeVar("T")

# Signatures that only the provider's private key can make. With `none` nobody signs, and with HS256
# everyone who knows the client secret.
ALGORITHMS = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"} | {
    "ES256", "ES384", "ES512", "EdDSA", "Ed25519",
}  # fmt: skip


class Provider:
    """The provider as one process knows it. Its methods run in threads of `_asking`."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        # One at a time: others find what the first has fetched.
        self._lock = threading.Lock()
        self._metadata: dict[str, Any] | None = None
        self._keys: KeySet | None = None
        self._metadata_at = self._keys_at = 0.0
        # By how much its clock is ahead of ours, as far as it tells.
        self.seconds_ahead = 0.0

    # --- What it publishes ------------------------------------------------------------------------

    def metadata(self) -> dict[str, Any]:
        """Its addresses and abilities. ValueError if they cannot be those of our provider."""
        with self._lock:
            now = time.monotonic()
            if self._metadata is None or now - self._metadata_at > settings.SSO_KEPT_SECONDS:
                self._metadata = self._fetched_metadata()
                self._metadata_at = now
            return self._metadata

    def _fetched_metadata(self) -> dict[str, Any]:
        with LimitedSession() as session:
            answer = session.get_openly(get_well_known_url(self.issuer, external=True))
        found = json_object(answer)
        if at := parsedate_tz(answer.headers.get("Date", "")):
            self.seconds_ahead = mktime_tz(at) - time.time()
        said = OpenIDProviderMetadata(found)
        if said.get("issuer") != self.issuer:
            raise ValueError(f"it calls itself {str(said.get('issuer'))[:200]!r}")
        said.validate_issuer()
        said.validate_authorization_endpoint()
        said.validate_token_endpoint()
        said.validate_jwks_uri()
        if not is_secure_transport(said.get("userinfo_endpoint", self.issuer)):
            raise ValueError("its userinfo_endpoint has no HTTPS")
        return found

    def keys(self, *, anew: bool = False) -> KeySet:
        """Its public keys; fetched `anew` where one is missing, but not more often than allowed."""
        address = self.metadata()["jwks_uri"]
        with self._lock:
            kept_for = settings.SSO_KEYS_SECONDS if anew else settings.SSO_KEPT_SECONDS
            now = time.monotonic()
            if self._keys is None or now - self._keys_at > kept_for:
                with LimitedSession() as session:
                    found: Any = json_object(session.get_openly(address))
                self._keys, self._keys_at = KeySet.import_key_set(found), now
            return self._keys

    # --- One sign-in ------------------------------------------------------------------------------

    def address_for(self, attempt: Attempt, redirect_uri: str) -> str:
        """Where the browser is sent."""
        with self._session(redirect_uri) as session:
            address, _ = session.create_authorization_url(
                self.metadata()["authorization_endpoint"],
                state=attempt.state,
                nonce=attempt.nonce,
                code_verifier=attempt.verifier,
                **({"prompt": "login", "max_age": 0} if attempt.prove else {}),
            )
        return str(address)

    def claims(self, attempt: Attempt, code: str, redirect_uri: str) -> Claims:
        """What the provider says about the bearer of the code; checked."""
        metadata = self.metadata()
        with self._session(redirect_uri) as session:
            token = session.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=attempt.verifier,
            )
            claims = self._checked(token, attempt)
            if wanted() - claims.keys() and "userinfo_endpoint" in metadata:
                more = json_object(session.get(metadata["userinfo_endpoint"]))
                if more.get("sub") != claims["sub"]:
                    raise JoseError("userinfo is about somebody else")
                claims = more | claims
        return claims

    def _session(self, redirect_uri: str) -> LimitedSession:
        methods = self.metadata().get("token_endpoint_auth_methods_supported", [])
        by_post = "client_secret_post" in methods and "client_secret_basic" not in methods
        return LimitedSession(
            client_id=settings.SSO_CLIENT_ID,
            client_secret=settings.SSO_CLIENT_SECRET or None,
            token_endpoint_auth_method="client_secret_post"
            if by_post and settings.SSO_CLIENT_SECRET
            else None,
            scope=" ".join(settings.SSO_SCOPES),
            redirect_uri=redirect_uri,
            code_challenge_method="S256",
        )

    def _checked(self, token: dict[str, Any], attempt: Attempt) -> dict[str, Any]:
        """The claims of the id token. JoseError unless it was made for this sign-in, just now."""
        id_token = token.get("id_token")
        if not isinstance(id_token, str):
            raise JoseError("there is no id token")
        try:
            signed = self._verified(id_token, self.keys())
        except InvalidKeyIdError:
            signed = self._verified(id_token, self.keys(anew=True))
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            {
                "iss": {"essential": True, "value": self.issuer},
                "aud": {"essential": True, "value": settings.SSO_CLIENT_ID},
            },
            {
                "nonce": attempt.nonce,
                "client_id": settings.SSO_CLIENT_ID,
                "access_token": token.get("access_token"),
            },
        )
        claims.validate(leeway=settings.SSO_CLOCK_SECONDS)
        if claims["iat"] < attempt.began - settings.SSO_CLOCK_SECONDS:
            raise JoseError("the id token is older than this sign-in")
        return dict(claims)

    def _verified(self, id_token: str, keys: KeySet) -> jwt.Token:
        offered = self.metadata().get("id_token_signing_alg_values_supported", ["RS256"])
        algorithms = sorted(ALGORITHMS.intersection(offered))
        registry = JWSRegistry(algorithms=algorithms, strict_check_header=False)
        return jwt.decode(id_token, keys, registry=registry)


@lru_cache(maxsize=1)
def provider_of(issuer: str) -> Provider:
    return Provider(issuer)


# --- From the threads of requests -----------------------------------------------------------------


def address_for(attempt: Attempt, redirect_uri: str) -> str:
    """Where to send the browser. ProviderUnavailable if the provider does not answer."""
    provider = provider_of(settings.SSO_ISSUER)
    return _ask(lambda: provider.address_for(attempt, redirect_uri))


def claims_for(attempt: Attempt, code: str, redirect_uri: str) -> Claims:
    """What the provider says about who comes back. Forbidden if that cannot be believed."""
    provider = provider_of(settings.SSO_ISSUER)
    return _ask(lambda: provider.claims(attempt, code, redirect_uri))


def examine() -> tuple[dict[str, Any], str]:
    """For `doctor`: what the provider publishes, and what keeps it from working, if anything."""
    provider = Provider(settings.SSO_ISSUER)
    try:
        _within_time(provider.keys)
    except (RequestException, OSError, ValueError, JoseError) as error:
        return {}, f"{type(error).__name__}: {error}"
    # Its Date has no parts of a second.
    if abs(provider.seconds_ahead) > settings.SSO_CLOCK_SECONDS + 1:
        return {}, f"its clock and ours are {abs(provider.seconds_ahead):.0f} s apart"
    return provider.metadata(), ""


class _Waiting:
    """How many people wait for the provider; each in a thread that may be given up."""

    threads = ThreadPoolExecutor(settings.SSO_WAITING_MAX, "sso")
    lock = threading.Lock()
    count = 0


class _Pause:
    until = 0.0


def forget() -> None:
    """Begin anew, as a process that has not asked yet."""
    provider_of.cache_clear()
    _Pause.until = 0.0


def _ask(question: Callable[[], T]) -> T:
    """The answer, or a refusal in words for people. The log has the reason."""
    if time.monotonic() < _Pause.until:
        raise _unavailable()
    try:
        return _within_time(question)
    except ChatError:
        raise
    except OAuthError as error:
        logger.warning("single sign-on: the provider refuses: %s", error)
        raise _not_believed() from None
    except (JoseError, AuthlibBaseError) as error:
        logger.warning("single sign-on: not believed: %s", error)
        raise _not_believed() from None
    except (RequestException, OSError, ValueError, KeyError, TypeError) as error:
        logger.warning("single sign-on: no answer: %s: %s", type(error).__name__, error)
        _Pause.until = time.monotonic() + settings.SSO_PAUSE_SECONDS
        raise _unavailable() from None


def waiting() -> int:
    return _Waiting.count


def _within_time(question: Callable[[], T]) -> T:
    """Ask in a thread that may be given up: looking a name up has no time limit, nor has a drip."""
    with _Waiting.lock:
        if _Waiting.count >= settings.SSO_WAITING_MAX:
            raise _unavailable()
        _Waiting.count += 1
    asked = _Waiting.threads.submit(question)
    asked.add_done_callback(_has_ended)
    return asked.result(settings.SSO_ANSWER_SECONDS)


def _has_ended(_: object) -> None:
    with _Waiting.lock:
        _Waiting.count -= 1


def _unavailable() -> ProviderUnavailable:
    text = gettext("{provider} does not answer. Try again in a minute, or sign in another way.")
    return ProviderUnavailable(text.format(provider=settings.SSO_NAME))


def _not_believed() -> Forbidden:
    text = gettext(
        "What {provider} said could not be verified. Try again; if it happens again, tell the"
        " people who run this chatroom."
    )
    return Forbidden(text.format(provider=settings.SSO_NAME))
