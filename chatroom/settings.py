"""Settings of the chatroom. Every difference between deployments is an environment variable.

The comment above a variable or a limit is its entry in `docs/reference/configuration.md`, which
`make docs` writes (docs/configuration_table.py). `.env.example` has a line and a sentence for each
variable.
"""

import socket
from pathlib import Path

from csp.constants import NONCE, NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from chatroom.environment import PORT_MAX, environment
from chatroom.log_settings import logging_settings

BASE_DIR = Path(__file__).resolve().parent.parent

# A wrong value stops the start with its name. X_FILE may name a file that holds X (environment.py).
env = environment(BASE_DIR / ".env")

# --- Core -------------------------------------------------------------------------------------

# Shows errors in full and serves unhashed files. For development only.
DEBUG = env.flag("DEBUG", default=False)
# Signs sessions; the server does not start without one. Changing it signs everyone out, unless the
# last one is in `SECRET_KEY_FALLBACKS`.
SECRET_KEY = env.text("SECRET_KEY", default="")
SAMPLE_SECRET_KEYS = {"", "change-me"}
if SECRET_KEY in SAMPLE_SECRET_KEYS:
    if not DEBUG:
        raise ImproperlyConfigured(
            "SECRET_KEY is missing or still the sample. Put a long random value into .env: "
            "python -c 'import secrets; print(secrets.token_urlsafe(50))'"
        )
    SECRET_KEY = "insecure-key-for-debugging-only-" * 2
# Former keys, separated by commas, that still verify what they signed. Two weeks after a rotation
# no session is older than the new key.
SECRET_KEY_FALLBACKS = env.keys("SECRET_KEY_FALLBACKS", default=[])

# The host names this site answers to.
ALLOWED_HOSTS = env.hosts("ALLOWED_HOSTS", default=["localhost", "127.0.0.1"])
# The addresses people type, exactly: scheme, host and port. WebSockets from elsewhere get 403. If
# all are `https://`, cookies are secure, HSTS is on (this host), and plain HTTP is redirected.
SITE_ORIGINS = env.words("SITE_ORIGINS", default=["http://localhost:8000", "http://127.0.0.1:8000"])
# What this chatroom is called: in the sidebar, on the page where one joins, in titles of pages.
SITE_NAME = env.text("SITE_NAME", default="Chatroom")
# The path of its picture, square, PNG, JPEG or WebP, at most 256 KiB; else a speech bubble.
SITE_PICTURE = env.text("SITE_PICTURE", default="")
SERVED_OVER_HTTPS = all(origin.startswith("https://") for origin in SITE_ORIGINS)

ROOT_URLCONF = "chatroom.urls"
ASGI_APPLICATION = "chatroom.asgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "chat.User"

INSTALLED_APPS = [
    # Before staticfiles, because Daphne's runserver replaces the one there. For `make dev` only: it
    # imports Twisted, which would make every other command start much more slowly.
    *(["daphne"] if DEBUG else []),
    "chatroom.apps.ChatAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "channels",
    "chat",
    # Drills, load tests and benchmarks: in a checkout, never in the image.
    *(["lab"] if (BASE_DIR / "lab").is_dir() else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "chatroom.server.static_middleware.StaticMiddleware",
    "chat.web.address_checks.AddressChecks",
    # For pages; static files are compressed when they are collected. Compression leaks no secret:
    # each answer gets a random length, and CSRF tokens never repeat (docs/adr/0010).
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "chat.web.site_context.site",
            ],
            "libraries": {"assets": "chat.web.assets", "catalogue": "chat.web.catalogue"},
        },
    },
]

LANGUAGE_CODE = "en"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Data -------------------------------------------------------------------------------------

# `postgres://user:password@host:5432/name` for several nodes; without it, the SQLite file
# `chatroom.sqlite3` beside `manage.py`.
DATABASES = {
    "default": env.database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'chatroom.sqlite3'}")
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.postgresql":
    _database["OPTIONS"] = {
        # The threads of sockets and of HTTP requests share these connections. While PostgreSQL is
        # away, the pool doubles its pauses, and would notice minutes late that it is back. So it
        # gives up soon, and the next request tries at once.
        "pool": {
            "min_size": 2,
            "max_size": 18,
            "timeout": 2,
            "reconnect_timeout": 2,
            "max_lifetime": 1800,
        },
        # A dead host must not block a room, so its locks, statements and transactions end.
        "options": "-c lock_timeout=2s -c statement_timeout=15s"
        " -c idle_in_transaction_session_timeout=5s",
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
        "tcp_user_timeout": 5000,
    } | _database.get("OPTIONS", {})
    _database["CONN_HEALTH_CHECKS"] = True
else:
    _database["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # synchronous=NORMAL may lose acknowledged messages when the power fails. Only the writer's
        # connection checkpoints (chat/realtime/database_executors.py): two at once can corrupt a
        # database in SQLite before 3.51.3.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
        " PRAGMA wal_autocheckpoint=0;",
    }

# --- Real time --------------------------------------------------------------------------------

# `redis://host:6379/0`; carries hints between nodes. Without it there can be one process only.
REDIS_URL = env.redis("REDIS_URL", default="")
# What this process is called in `hello` and in logs; without it, the machine's name.
NODE_NAME = env.text("NODE_NAME", default=socket.gethostname())

# It carries hints between nodes. Losing all of them costs latency only.
if REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "chatroom.server.channel_layer.ChannelLayer",
            "CONFIG": {
                # redis-py's default of 5 s equals the layer's own waiting time, and cuts idle
                # connections off (channels_redis #422).
                "hosts": [{"address": REDIS_URL, "socket_timeout": 15}],
                "prefix": "chat",
                # With access to Redis alone nobody can read or forge hints.
                "symmetric_encryption_keys": [SECRET_KEY, *SECRET_KEY_FALLBACKS],
            },
        }
    }
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

# How long a stopping node answers `/readyz` with 503 and still takes everyone in, before it closes
# its port. Two probes of the balancer in front are enough.
DRAIN_NOTICE_SECONDS = env.seconds("DRAIN_NOTICE_SECONDS", default=0)

# --- Security ---------------------------------------------------------------------------------

# A member's session is a signed cookie, so that a WebSocket handshake needs no query.
MEMBER_COOKIE = "__Host-member" if SERVED_OVER_HTTPS else "member"
MEMBER_COOKIE_AGE = 14 * 86_400
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SERVED_OVER_HTTPS
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_TRUSTED_ORIGINS = SITE_ORIGINS
CSRF_FAILURE_VIEW = "chat.web.error_pages.csrf_failure"
SECURE_SSL_REDIRECT = SERVED_OVER_HTTPS
SECURE_HSTS_SECONDS = 31_536_000 if SERVED_OVER_HTTPS else 0
# With HTTPS, browsers are told to insist on it for a year, on this host alone. `on` says so for all
# of its subdomains too: only where each of them has HTTPS, and the owner of the domain agrees.
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.flag("SECURE_HSTS_INCLUDE_SUBDOMAINS", default=False)
# `on` asks browsers' makers to build that in (https://hstspreload.org), which takes months to take
# back. It takes `SECURE_HSTS_INCLUDE_SUBDOMAINS` as well.
SECURE_HSTS_PRELOAD = env.flag("SECURE_HSTS_PRELOAD", default=False)
if SECURE_HSTS_PRELOAD and not SECURE_HSTS_INCLUDE_SUBDOMAINS:
    raise ImproperlyConfigured(
        "SECURE_HSTS_PRELOAD is on: no browser's maker takes a domain without its subdomains. Set"
        " SECURE_HSTS_INCLUDE_SUBDOMAINS too, or neither."
    )
# The owner of the domain decides about both, so `check --deploy` does not ask for them.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
if SERVED_OVER_HTTPS:
    # The proxy in front ends TLS and overwrites this header.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# The header, such as `X-Real-IP`, in which the proxy in front puts the client's address. Rate
# limits go by it, and without one by the peer of the socket. The proxy must overwrite it or append
# to it (the last address counts). Nobody else may reach the nodes directly, because they could
# claim any address.
TRUSTED_PROXY_HEADER = env.text("TRUSTED_PROXY_HEADER", default="")

# `on` lets people keep their name with a password too, and sign in with it. Passkeys need none.
PASSWORDS = env.flag("PASSWORDS", default=False)
# A file of SHA-1 digests of passwords that are known to attackers, sorted, a line each, as Have I
# Been Pwned offers it for download. Such passwords are refused. Nothing is asked over the network.
BREACHED_PASSWORDS_FILE = env.text("BREACHED_PASSWORDS_FILE", default="")
# An account is deleted so many days after its owner asked for it; until then they can call it off.
ACCOUNT_DELETION_DAYS = env.integer("ACCOUNT_DELETION_DAYS", default=7, least=0)
# The copy of their data that a member asked for can be downloaded for so many days.
DOWNLOADS_KEPT_DAYS = env.integer("DOWNLOADS_KEPT_DAYS", default=7, least=1)
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    # Those of the admin from before; each is hashed anew when it is next used.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "chat.accounts.breached_passwords.BreachedPasswordValidator"},
]

# Single sign-on by OpenID Connect ([how to set it up](../operate/single-sign-on.md)): what the
# provider calls itself, such as `https://id.example.org/realms/staff`. Without it there is none.
SSO_ISSUER = env.text("SSO_ISSUER", default="")
# The name under which the provider knows this chatroom.
SSO_CLIENT_ID = env.text("SSO_CLIENT_ID", default="")
# The secret that the provider gave this chatroom. A provider that gave none needs none.
SSO_CLIENT_SECRET = env.text("SSO_CLIENT_SECRET", default="")
# What the button says after *Sign in with*, such as `Example Inc.`.
SSO_NAME = env.text("SSO_NAME", default="single sign-on")
# What the provider is asked to tell; `openid` must be among them. Some want `groups` too.
SSO_SCOPES = env.words("SSO_SCOPES", default=["openid", "profile", "email"])
# Where the provider says in which groups someone is; dots lead inwards, as in `realm_access.roles`.
SSO_GROUPS_CLAIM = env.text("SSO_GROUPS_CLAIM", default="groups")
# Which groups make someone owner or moderator, as `chat-admins=owner,chat-helpers=moderator`. It is
# applied at each sign-in; a role that was given here stays.
SSO_ROLES = env.mapping("SSO_ROLES", default={}, to=("owner", "moderator"))
# Only people with a verified e-mail address in one of these domains sign in, such as `example.org`.
# What the site settings name instead wins. Without any, everyone whom the provider knows does.
SSO_EMAIL_DOMAINS = env.words("SSO_EMAIL_DOMAINS", default=[])
# The provider's clock and this one may be so many seconds apart.
SSO_CLOCK_SECONDS = env.integer("SSO_CLOCK_SECONDS", default=60, most=300)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF, *(f"ws{origin.removeprefix('http')}" for origin in SITE_ORIGINS)],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
    }
}

# --- Static files -----------------------------------------------------------------------------

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- Logging and monitoring -------------------------------------------------------------------

# `json` writes an object a line: `time`, `level`, `logger`, `node`, `message`, `exc_info`; the
# warnings of Python and libraries among them. No log holds what people say, or a link's token.
LOG_FORMAT = env.choice("LOG_FORMAT", default="plain", of=("plain", "json"))
LOGGING = logging_settings(LOG_FORMAT, NODE_NAME)

# The port on which this process answers Prometheus at `/metrics`
# ([monitoring](../operate/monitoring.md)); 0 is none. The workers of `serve --workers` take it and
# the ports after it.
METRICS_PORT = env.integer("METRICS_PORT", default=0, most=PORT_MAX)
# The address of that port. In a container `0.0.0.0`, with the port not published, because everyone
# who can reach it reads all metrics.
METRICS_HOST = env.text("METRICS_HOST", default="127.0.0.1")

# --- Limits -----------------------------------------------------------------------------------

# A message longer than this many characters is refused with `too_long`.
MESSAGE_MAX_LENGTH = 4000
# A display name longer than this many characters is refused.
NAME_MAX_LENGTH = 32
# Pronouns longer than this many characters are refused.
PRONOUNS_MAX_LENGTH = 40
# A line about oneself longer than this many characters is refused.
ABOUT_MAX_LENGTH = 200
# The text of a status longer than this many characters is refused.
STATUS_MAX_LENGTH = 80
# A status holds for this many days at most, if it is to end by itself.
STATUS_MAX_DAYS = 366
# A handle that was given up is held back for this many days: nobody takes over its mentions.
HANDLE_HELD_DAYS = env.integer("HANDLE_HELD_DAYS", default=90, least=1, most=3650)
# An uploaded picture of more bytes than this is refused.
PICTURE_MAX_BYTES = 1 << 20
# An uploaded picture of more pixels than this is refused before it is decoded.
PICTURE_MAX_PIXELS = 12_000_000
# The last page of a room has at most this many messages.
PAGE_SIZE = 50
# One `history.load` brings at most this many messages.
HISTORY_MAX_SIZE = 100
# A client that missed more numbers than this gets the last page and `"reset":"too_far"`.
CATCH_UP_MAX = 500
# Who calls everyone (`@room`, `@here`) is asked first where that tells more people than this.
EVERYONE_UNASKED_MAX = 20
# A message takes at most this many different emoji.
REACTION_MAX_EMOJI = 20
# A message takes at most this many reactions in all.
REACTION_MAX_TOTAL = 300
# One tab may be in this many rooms.
ROOMS_PER_CONNECTION = 128
# A member's room list holds the rooms that they joined, and at most this many public rooms.
ROOMS_LISTED = 50
# Who may make rooms: `everyone`, `accounts` (and moderators), or `moderators`.
ROOMS_CREATED_BY = env.choice(
    "ROOMS_CREATED_BY", default="everyone", of=("everyone", "accounts", "moderators")
)
# A guest may make this many rooms a day.
ROOMS_PER_DAY_GUESTS = 5
# Someone with an account or a role may make this many rooms a day.
ROOMS_PER_DAY = 50
# A room's topic longer than this many characters is refused.
TOPIC_MAX_LENGTH = 250
# A direct conversation has at most this many members.
DIRECT_MEMBERS_MAX = 8
# One member may begin this many direct conversations a day.
DIRECTS_PER_DAY = 50
# A room has at most this many invitations that are valid.
INVITATIONS_PER_ROOM = 20
# An invitation is valid for this many days at most.
INVITATION_MAX_DAYS = 30
# At most so many people wait to be let in; others are asked to try again later.
NEWCOMERS_MAX = env.integer("NEWCOMERS_MAX", default=200, least=1)
# At most so many of them are from one network (one /64 of IPv6).
NEWCOMERS_PER_NETWORK = env.integer("NEWCOMERS_PER_NETWORK", default=20, least=1)
# One member may block this many people.
BLOCKS_MAX = 500
# How many sockets, which is tabs, one member may have open on one node. More are closed with 4029,
# and come back after half a minute. `RATE_LIMITS=off` lifts it.
SOCKETS_PER_MEMBER = env.integer("SOCKETS_PER_MEMBER", default=100, least=1)
# How many people may read along without a name from one address (one /64 of IPv6) on each node. It
# suits a classroom. More are told to join, and come back after half a minute. `RATE_LIMITS=off`
# lifts it.
VISITORS_PER_ADDRESS = env.integer("VISITORS_PER_ADDRESS", default=100, least=0)
# A guest's name is free again after the guest has been gone for this many seconds. Until then the
# guest's browser may take it back. Nobody loses a name while they are connected.
GUEST_NAME_SECONDS = env.integer("GUEST_NAME_SECONDS", default=600, least=180)
# What a moderator deleted can be restored for this many days.
RESTORABLE_DAYS = 30
# `off` switches off every rate limit, for load tests. The policies: `chat/realtime/rate_limits.py`.
RATE_LIMITS = env.flag("RATE_LIMITS", default=True)
# What the provider of single sign-on is asked for one sign-in must be answered within this many
# seconds in all.
SSO_ANSWER_SECONDS = 8
# One answer of the provider of single sign-on may have this many bytes.
SSO_ANSWER_MAX_BYTES = 262_144
# So many people may wait for the provider of single sign-on at once on one node; more are refused.
SSO_WAITING_MAX = 4
# After the provider of single sign-on did not answer, it is not asked for this many seconds.
SSO_PAUSE_SECONDS = 5
# What the provider of single sign-on publishes, its keys too, is kept for this many seconds.
SSO_KEPT_SECONDS = 3600
# A key that is not known makes this node ask for the provider's keys anew, at most this often.
SSO_KEYS_SECONDS = 60
