"""How log lines look: text for people, or JSON for programs; both with the id of the request at hand."""

import json
import logging
from typing import Any


class RequestIdFilter(logging.Filter):
    """Gives each record the id of its request; "-" outside of one."""

    def filter(self, record: logging.LogRecord) -> bool:
        from annotation.events.request_context import current_context  # it needs the settings, which name this class

        context = current_context()
        record.request_id = context.id if context else "-"
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time, level, logger, message, request_id, and what the record brings in `fields`."""

    default_msec_format = "%s.%03d"

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "request_id": getattr(record, "request_id", "-"),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)
