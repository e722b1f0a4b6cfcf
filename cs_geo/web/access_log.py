"""Addresses that open something by themselves stand in no access log.

Streamlit's own server writes none. Another one that serves the application, such as uvicorn, writes every path: there
the code of a reporting link, a ticket or a token is replaced by dots before the line is written.
"""

import logging
import re
from typing import Final

LOGGERS: Final = ("uvicorn.access", "hypercorn.access", "gunicorn.access")
SECRET: Final = re.compile(r"(/report/|/downloads/|/tiles/[^\s\"?]*\?)[^\s\"]+")


class WithoutSecrets(logging.Filter):
    """Takes codes, tickets and tokens out of a line before anything writes it."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every line pass, without what opens something."""
        record.msg = _without(record.msg)
        if isinstance(record.args, tuple):
            record.args = tuple(_without(one) for one in record.args)
        elif isinstance(record.args, dict):
            record.args = {name: _without(one) for name, one in record.args.items()}
        return True


def keep_secrets_out_of_logs() -> None:
    """Have every server's access log leave out what opens something. Doing it twice does it once."""
    for name in LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(one, WithoutSecrets) for one in logger.filters):
            logger.addFilter(WithoutSecrets())


def _without(value: object) -> object:
    return SECRET.sub(r"\1…", value) if isinstance(value, str) else value
