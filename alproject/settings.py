"""All settings, read from the environment; docs/settings.md explains each (held by a test)."""

import contextlib
import os
import secrets
import ssl
import sys
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
import django_stubs_ext
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from alproject.account_settings import *  # noqa: F403
from alproject.account_settings import HTTPS, OIDC_ORIGINS
from alproject.environment import (
    env_bool,
    env_choice,
    env_int,
    env_list,
    env_str,
    make_private_dir,
)
from annotation.row_numbers import MAX_ROW_NUMBER
from annotation.static_files import digest_of_folders
from margin import __version__

django_stubs_ext.monkeypatch()

PACKAGE_DIR = Path(__file__).resolve().parent
BASE_DIR = PACKAGE_DIR.parent
# In the source folder templates and static files stand beside the packages; a wheel has them inside this one.
IN_CHECKOUT = (BASE_DIR / "manage.py").is_file()
FILES_DIR = BASE_DIR if IN_CHECKOUT else PACKAGE_DIR


def _user_data_dir() -> Path:
    """Where programs keep the data of the person who runs them (on Linux by the XDG Base Directory Specification)."""
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support"
    return Path(env_str("XDG_DATA_HOME") or Path.home() / ".local" / "share")


VAR_DIR = Path(env_str("MARGIN_VAR") or (BASE_DIR / "var" if IN_CHECKOUT else _user_data_dir() / "margin")).resolve()
make_private_dir(VAR_DIR)
RUN_DIR = BASE_DIR if IN_CHECKOUT else VAR_DIR  # the working directory of web server and workers

DEBUG = env_bool("MARGIN_DEBUG", default=False)


def _secret_key() -> str:
    """The key from the environment, else one made at the first run and kept in var/."""
    if key := env_str("MARGIN_SECRET_KEY"):
        return key
    path = VAR_DIR / "secret_key"
    if not path.exists():
        # written aside (mode 0600) and linked, so that no other process ever reads half a key
        handle, made = tempfile.mkstemp(dir=VAR_DIR)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(64))
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        Path(made).unlink()
    if not (key := path.read_text()):
        raise ImproperlyConfigured(f"{path} is empty: remove it, a new key will be made.")
    return key


SECRET_KEY = _secret_key()
SECRET_KEY_FALLBACKS = env_list("MARGIN_SECRET_KEY_FALLBACKS")
# health checks ask from inside, whatever the site is called outside
ALLOWED_HOSTS = [*env_list("MARGIN_HOSTS"), "localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = env_list("MARGIN_ORIGINS")
WEB_BIND, WEB_PORT = (
    env_str("MARGIN_BIND", "127.0.0.1"),
    env_int("MARGIN_PORT", 8000),
)  # webserver.py has it listen there

INSTALLED_APPS = [
    "alproject",
    "annotation",
    "learner",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.usersessions",
    "csp",
]

MIDDLEWARE = [
    "annotation.views.request_log.RequestLogMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "annotation.views.middleware.PrivateResponsesMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "annotation.accounts.sessions.IdleSessionMiddleware",
    "annotation.time_zones.TimeZoneMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "annotation.views.middleware.ErrorPageMiddleware",
]

ROOT_URLCONF = "alproject.urls"
WSGI_APPLICATION = "alproject.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [FILES_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
            ]
        },
    }
]


def _database_settings() -> dict[str, Any]:
    """The one of DATABASE_URL, else SQLite. SQLite in WAL mode, whose write transactions take
    the lock at once so that two writers queue up instead of failing."""
    url = env_str("DATABASE_URL") or f"sqlite:///{VAR_DIR / 'margin.sqlite3'}"
    database = dict(dj_database_url.parse(url, conn_max_age=600, conn_health_checks=True))
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 30,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;"
            "PRAGMA cache_size=-65536; PRAGMA mmap_size=268435456;",
        }
        database["CONN_MAX_AGE"] = None
        database["CONN_HEALTH_CHECKS"] = False  # a file has no connection to lose
    return database


DATABASES = {"default": _database_settings()}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env_str("REDIS_URL", "redis://127.0.0.1:6379/0")
REDIS_TIMEOUTS = {"socket_timeout": 1.0, "socket_connect_timeout": 1.0}  # seconds; what it holds is worth no more
CACHES = {
    "default": {
        "BACKEND": "annotation.cache.GuardedCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "margin",
        "OPTIONS": REDIS_TIMEOUTS,
    }
}

CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
    # Messages of a killed worker come back after this; the sweep does not wait for them.
    "visibility_timeout": 3600,
    "global_keyprefix": env_str("MARGIN_BROKER_PREFIX", "margin:"),
    # How long an idle worker's question for a message stays open, in seconds. A message is answered with at once, so
    # this only says how often a worker wakes for nothing.
    "polling_interval": 5,
    # An answer that is so late makes a worker connect anew, in seconds: the broker had hung, or lost the question.
    "health_check_interval": 5,
    **REDIS_TIMEOUTS,
}
CELERY_REDIS_SOCKET_TIMEOUT = REDIS_TIMEOUTS["socket_timeout"]
CELERY_REDIS_SOCKET_CONNECT_TIMEOUT = REDIS_TIMEOUTS["socket_connect_timeout"]
# Only to know when all shards of a round are scored; the sweep finds what is lost with it.
CELERY_RESULT_BACKEND = REDIS_URL
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {
    "global_keyprefix": CELERY_BROKER_TRANSPORT_OPTIONS["global_keyprefix"],
    "retry_policy": {"max_retries": 3, "interval_start": 0, "interval_step": 0.2, "interval_max": 1.0},
}
CELERY_RESULT_EXPIRES = 3600
if REDIS_URL.startswith("rediss:") and "ssl_cert_reqs" not in REDIS_URL:
    CELERY_REDIS_BACKEND_USE_SSL = {"ssl_cert_reqs": ssl.CERT_REQUIRED}  # else Celery refuses the address
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
# A message is done with when a process has begun: the sweep finds what a dead worker left. So none is unacknowledged
# when the broker goes away; and none is fetched before a process is free, since another worker may have a free one.
CELERY_TASK_ACKS_LATE = False
CELERY_WORKER_DISABLE_PREFETCH = True
CELERY_DB_REUSE_MAX = 2**31  # a message does not need a connection of its own: worker_steps.py closes broken ones
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A new process of the train worker imports all numbers first. On a busy machine that takes longer than the usual four
# seconds, after which it would be killed, and the next one too, for ever.
CELERY_WORKER_PROC_ALIVE_TIMEOUT = 120.0
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ROUTES = {
    "learner.tasks.simulate": {"queue": "default"},
    "learner.tasks.build_features": {"queue": "features"},
    "learner.tasks.evaluate_chosen": {"queue": "features"},
    "learner.tasks.*": {"queue": "train"},
}
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0, "interval_step": 0.1}
SWEEP_SECONDS = env_int("MARGIN_SWEEP_SECONDS", 10)
CELERY_BEAT_SCHEDULER = "alproject.sweeper.Sweeper"
CLEAN_UP_SECONDS = 3600
CELERY_BEAT_SCHEDULE = {
    "sweep-imports-and-exports": {"task": "annotation.tasks.sweep", "schedule": SWEEP_SECONDS},
    "sweep-rounds": {"task": "learner.tasks.sweep", "schedule": SWEEP_SECONDS},
    # these may take long: with options beat sends them to a worker
    "clean-up": {
        "task": "annotation.tasks.clean_up",
        "schedule": CLEAN_UP_SECONDS,
        "options": {"expires": CLEAN_UP_SECONDS},
    },
    "sweep-events": {
        "task": "annotation.tasks.sweep_events",
        "schedule": CLEAN_UP_SECONDS,
        "options": {"expires": CLEAN_UP_SECONDS},
    },
}
EVENT_DAYS = env_int("MARGIN_EVENT_DAYS", 365)  # of the audit log
# A worker whose heartbeat is older than this has died: its round, import or export is taken over.
STALE_SECONDS = env_int("MARGIN_STALE_SECONDS", 30)
SHARD_ROWS = env_int("MARGIN_SHARD_ROWS", 250_000)  # a pool of more is scored in shards of so many; 0: none is
METRICS_TOKEN = env_str("MARGIN_METRICS_TOKEN")  # who sends it may read /metrics; empty: only signed-in staff

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LOCALE_PATHS = [BASE_DIR / "annotation" / "locale"]
TIME_ZONE = env_str("MARGIN_TIME_ZONE", "UTC")
USE_I18N = True
USE_TZ = True

STATIC_DIGEST = digest_of_folders([FILES_DIR / "static", *LOCALE_PATHS])  # the scripts' texts have it too
STATIC_URL = "/static/" if DEBUG else f"/static/{STATIC_DIGEST}/"
STATIC_ROOT = Path(env_str("MARGIN_STATIC_ROOT", str(VAR_DIR / "static")))
STATICFILES_DIRS = [FILES_DIR / "static"]
MEDIA_ROOT = Path(env_str("MARGIN_MEDIA", str(VAR_DIR / "media")))
STORE_ROOT = Path(env_str("MARGIN_STORE", str(VAR_DIR / "store")))
ENCODERS = {  # names or folders of models; empty: none
    "encoder": env_str("MARGIN_ENCODER"),
    "image_encoder": env_str("MARGIN_IMAGE_ENCODER"),
}
STORAGES = {
    "default": {"BACKEND": "annotation.file_storage.WholeFileStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = rf"^/static/{STATIC_DIGEST}/"
UPLOAD_MAX_BYTES = env_int("MARGIN_UPLOAD_MAX_MB", 2048) * 1024 * 1024
UPLOAD_KEEP_DAYS = env_int("MARGIN_UPLOAD_KEEP_DAYS", 30)  # a file after its import has ended; 0: for ever
IMAGE_MAX_PIXELS = env_int("MARGIN_IMAGE_MAX_MEGAPIXELS", 64) * 1_000_000
DATA_UPLOAD_MAX_MEMORY_SIZE = 10 * 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o640

# Behind TLS (set MARGIN_HTTPS=yes; the proxy sends X-Forwarded-Proto).
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = env_int("MARGIN_HSTS_SECONDS", 31536000) if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
# a browser's list of sites is hard to leave: operators choose it, and the check that asks for it is silenced
SECURE_HSTS_PRELOAD = HTTPS and env_bool("MARGIN_HSTS_PRELOAD", default=False)
SILENCED_SYSTEM_CHECKS = ["security.W021"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if HTTPS else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]  # asked from inside, without TLS
SESSION_ENGINE = "annotation.accounts.session_store"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 14 * 24 * 3600
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        # browsers hold a form's redirects against it, too: that to the single sign-on
        "form-action": [SELF, *OIDC_ORIGINS],
        "manifest-src": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "annotation.api.authentication.TokenOrSession",
    ],
    "DEFAULT_PERMISSION_CLASSES": [
        "rest_framework.permissions.IsAuthenticated",
        "annotation.api.token_scopes.HasTokenScope",
    ],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["annotation.api.parsers.JsonParser"],
    "DEFAULT_SCHEMA_CLASS": "annotation.api.schema.Schema",
    "EXCEPTION_HANDLER": "annotation.api.errors.exception_handler",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Margin API",
    "VERSION": __version__,
    "DESCRIPTION": "Everything that Margin's own pages do goes through this API.",
    "SCHEMA_PATH_PREFIX": "/api/v1/",
    "PATH_CONVERTER_OVERRIDES": {"row": {"type": "integer", "minimum": 0, "maximum": MAX_ROW_NUMBER}},
    "ENUM_NAME_OVERRIDES": {
        "KindEnum": "annotation.api.labels.CHANGE_KINDS",
        "EventKindEnum": "annotation.api.events.EVENT_KINDS",
        "FileFormatEnum": "annotation.formats.WRITABLE",
        "UploadFormatEnum": "annotation.api.schema.upload_formats",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "annotation.api.deprecation.add_deprecated_names",
    ],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
}

ACCESS_LOG = env_bool("MARGIN_ACCESS_LOG", default=False)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "filters": {"request_id": {"()": "alproject.logs.RequestIdFilter"}},
    "formatters": {
        "line": {"format": "{asctime} {levelname} {name} [{request_id}]: {message}", "style": "{"},
        "json": {"()": "alproject.logs.JsonFormatter"},
    },
    "handlers": {
        "console": {
            "class": "logging.StreamHandler",
            "formatter": env_choice("MARGIN_LOG_FORMAT", ("line", "json")),
            "filters": ["request_id"],
        }
    },
    "root": {"handlers": ["console"], "level": env_str("MARGIN_LOG_LEVEL", "INFO")},
    # a sweep every few seconds is not news
    "loggers": {name: {"level": "WARNING"} for name in ("celery.beat", "celery.worker.strategy", "celery.app.trace")},
}
