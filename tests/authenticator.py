"""An authenticator in software: makes passkeys and signs with them, as a phone does."""

import os
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2.cose import ES256
from fido2.utils import sha256, websafe_decode, websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

FLAG = AuthenticatorData.FLAG
VERIFIED = FLAG.UP | FLAG.UV

Json = dict[str, Any]


@dataclass
class Authenticator:
    """One passkey of one site. `counter` 0 for good is one that is synchronised."""

    origin: str = "http://localhost:8000"
    domain: str = "localhost"
    counter: int = 0
    counts: bool = True
    flags: FLAG = VERIFIED
    handle: bytes = b""
    credential_id: bytes = field(default_factory=lambda: os.urandom(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def create(self, options: Json) -> Json:
        self.handle = websafe_decode(options["user"]["id"])
        public = ES256.from_cryptography_key(self.key.public_key())  # type: ignore[no-untyped-call]
        data = AttestedCredentialData.create(Aaguid(bytes(16)), self.credential_id, public)
        made = AuthenticatorData.create(
            sha256(self.domain.encode()), self.flags | FLAG.AT, self.counter, bytes(data)
        )
        return self._answer(
            {
                "clientDataJSON": self._client_data("create", options["challenge"]),
                "attestationObject": bytes(AttestationObject.create("none", made, {})),
            }
        )

    def sign(self, options: Json) -> Json:
        self.counter += self.counts
        data = AuthenticatorData.create(sha256(self.domain.encode()), self.flags, self.counter)
        client_data = self._client_data("get", options["challenge"])
        signature = self.key.sign(bytes(data) + sha256(client_data), ec.ECDSA(hashes.SHA256()))
        return self._answer(
            {
                "clientDataJSON": client_data,
                "authenticatorData": bytes(data),
                "signature": signature,
                "userHandle": self.handle,
            }
        )

    def _client_data(self, what: str, challenge: str) -> bytes:
        kind = CollectedClientData.TYPE(f"webauthn.{what}")
        made = CollectedClientData.create(kind, websafe_decode(challenge), self.origin)
        return bytes(made)

    def _answer(self, response: dict[str, bytes]) -> Json:
        name = websafe_encode(self.credential_id)
        return {
            "id": name,
            "rawId": name,
            "type": "public-key",
            "response": {key: websafe_encode(value) for key, value in response.items()},
            "clientExtensionResults": {},
        }
