"""The settings of the lab's nodes: the product, with what the lab must see and reach.

They differ from production in five ways, and only here: `lab.bench.inside` runs in the node (the
switches, and what is told to the bench); each node has a member cookie of its own, because cookies
know no ports, and two people in one browser are two; the lab's page may frame the rooms; hints
travel unencrypted, so that the bench can read what the network carries; static files are served
from where they lie.
"""

import os

from chatroom.settings import *  # noqa: F403
from chatroom.settings import (
    CHANNEL_LAYERS,
    CONTENT_SECURITY_POLICY,
    INSTALLED_APPS,
    LOGGING,
    MEMBER_COOKIE,
    MIDDLEWARE,
    NODE_NAME,
    STORAGES,
)

# The address of the lab's own page, such as http://localhost:8100; empty: nobody frames the rooms.
LAB_ORIGINS = os.environ.get("LAB_ORIGINS", "").split()

INSTALLED_APPS = [*INSTALLED_APPS, "lab.bench.inside"]
# Commands beside the nodes have no name, and mint cookies that the bench gives to either node.
if os.environ.get("NODE_NAME"):
    MEMBER_COOKIE = f"{MEMBER_COOKIE}-{NODE_NAME}"
    CSRF_COOKIE_NAME = f"csrftoken-{NODE_NAME}"
    SESSION_COOKIE_NAME = f"sessionid-{NODE_NAME}"

if LAB_ORIGINS:
    _DIRECTIVES = CONTENT_SECURITY_POLICY["DIRECTIVES"] | {"frame-ancestors": LAB_ORIGINS}
    CONTENT_SECURITY_POLICY = {"DIRECTIVES": _DIRECTIVES}
    # Browsers that know frame-ancestors do not ask for X-Frame-Options, which knows no origin.
    MIDDLEWARE = [name for name in MIDDLEWARE if not name.endswith("XFrameOptionsMiddleware")]
    # Inside of what compresses.
    _AT = MIDDLEWARE.index("csp.middleware.CSPMiddleware")
    MIDDLEWARE.insert(_AT, "lab.bench.inside.reporter.Reporter")

if "CONFIG" in CHANNEL_LAYERS["default"]:
    CHANNEL_LAYERS["default"]["CONFIG"].pop("symmetric_encryption_keys", None)  # type: ignore[attr-defined]

STORAGES = STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = False

LOGGING = LOGGING | {
    "loggers": {**LOGGING["loggers"], "chat.realtime.gap_repair": {"level": "DEBUG"}}
}
