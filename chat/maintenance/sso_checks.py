"""What `manage.py doctor` says about single sign-on."""

from collections.abc import Iterator

from django.conf import settings
from django.urls import reverse

from ..accounts import sso_claims
from .findings import Finding


def single_sign_on() -> Iterator[Finding]:
    """Ask the provider for what a sign-in needs, and say which addresses it must know."""
    if not sso_claims.is_on():
        yield Finding("well", "single sign-on: off")
        return
    from ..accounts import sso_provider

    metadata, problem = sso_provider.examine()
    if problem:
        yield Finding(
            "ill",
            f"single sign-on: {settings.SSO_ISSUER} does not work: {problem}",
            "Nobody signs in by it meanwhile; passkeys and codes work."
            " docs/operate/single-sign-on.md says what it needs.",
        )
        return
    path = reverse("sso_callback")
    addresses = ", ".join(f"{origin}{path}" for origin in settings.SITE_ORIGINS)
    yield Finding("well", f"single sign-on: {settings.SSO_ISSUER}; it must know {addresses}")
    told = metadata.get("claims_supported", [])
    claim = settings.SSO_GROUPS_CLAIM.partition(".")[0]
    if settings.SSO_ROLES and told and claim not in told:
        yield Finding(
            "watch",
            f"single sign-on: the provider does not mention {claim}, so nobody may get a role",
            "Look at SSO_GROUPS_CLAIM and SSO_SCOPES, and at what the provider tells this client.",
        )
