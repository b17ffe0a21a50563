"""What is logged, how, and where to: to the console, in one of two formats."""

import logging
from typing import Any


def logging_settings(log_format: str, node: str) -> dict[str, Any]:
    """Django's `LOGGING`. Lines of `json` name the node; warnings of Python are among them."""
    logging.captureWarnings(log_format == "json")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {
            "as_a_warning": {"()": "django.utils.log.CallbackFilter", "callback": _as_a_warning},
            "outages": {"()": "chat.outages.InOneLine"},
        },
        "formatters": {
            "plain": {
                "()": "chatroom.log_format.PlainFormatter",
                "format": "{asctime} {levelname} {name}: {message}",
                "style": "{",
            },
            "json": {
                "()": "chatroom.log_format.MaskedJsonFormatter",
                "fmt": ["levelname", "name", "message"],
                "rename_fields": {"levelname": "level", "name": "logger"},
                "static_fields": {"node": node},
                "timestamp": "time",
            },
        },
        "handlers": {
            "console": {"class": "logging.StreamHandler", "formatter": log_format},
            "tally": {"class": "chat.metrics.LogCounter"},
        },
        "root": {"handlers": ["console", "tally"], "level": "WARNING"},
        "loggers": {
            "chat": {"level": "INFO"},
            "chatroom": {"level": "INFO"},
            "django.request": {"filters": ["outages"]},
            "django.security.DisallowedHost": {"filters": ["as_a_warning"]},
            # While Redis is away, this logger prints a traceback a second. Our hub logs it once.
            "channels_redis.pubsub": {"level": "CRITICAL"},
        },
    }


def _as_a_warning(record: logging.LogRecord) -> bool:
    """Log a wrong Host as one warning: anyone can send one, so it is no error of ours."""
    record.levelno, record.levelname, record.exc_info = logging.WARNING, "WARNING", None
    return True
