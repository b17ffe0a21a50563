"""The settings of the lab's own page: a Django without a database, on loopback.

The nodes of the lab run in processes of their own, with settings of their own
(lab/bench/node_settings.py).
"""

import os
import secrets

# The product's settings want one. Nothing here is signed with it.
os.environ.setdefault("SECRET_KEY", secrets.token_urlsafe(50))
# Nor is anything stored: whatever database this shell names is not the lab's.
os.environ["DATABASE_URL"] = "sqlite:////nonexistent/the-lab-has-no-database-here"
os.environ["REDIS_URL"] = ""

from chatroom.settings import *  # noqa: F403
from chatroom.settings import BASE_DIR

ROOT_URLCONF = "lab.web.urls"
# guards.py looks at the Host more strictly, with the port.
ALLOWED_HOSTS = ["localhost", "127.0.0.1"]
MIDDLEWARE = ["lab.web.guards.guard"]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "lab/web/templates"],
    }
]
# The lab has the product's look: its tokens and its buttons, and a theme that the two share.
STATICFILES_DIRS = [BASE_DIR / "lab/web/static", BASE_DIR / "static"]
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_URL = "/static/"
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    # A refusal is an answer of the page, and no news for the terminal.
    "loggers": {"django.request": {"level": "ERROR"}},
}
