"""What callers over HTTP learn of an error: a status and the error body of the platform (`invoice.yaml`)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from math import ceil
from secrets import token_hex

import structlog
from aiohttp import hdrs, web

from domain.errors import Bug, InvoicingError, Missing, Rejected, Unavailable

RETRY_AFTER = timedelta(seconds=1)
"""What callers are told to wait when nobody told us how long."""

_log = structlog.get_logger(__name__)


@web.middleware
async def answered(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Answers with JSON whatever goes wrong. No text of a defect reaches a caller; the log has it."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < 400:
            raise
        return _routing_answer(error)
    except InvoicingError as error:
        return _answer(error)
    except Exception as defect:  # noqa: BLE001 - answered as a defect, and logged
        bug = Bug(token_hex(6))
        _log.error("defect", path=request.path[:200], incident=bug.incident, exc_info=defect)
        return _answer(bug)


def refusal(status: int, message: str) -> web.Response:
    """An error in the platform's form."""
    return web.json_response({"message": message, "code": str(status)}, status=status)


def _routing_answer(error: web.HTTPException) -> web.Response:
    """No such path, or not with this method: then it says which ones there are."""
    response = refusal(error.status, error.reason)
    if hdrs.ALLOW in error.headers:
        response.headers[hdrs.ALLOW] = error.headers[hdrs.ALLOW]
    return response


def _answer(error: InvoicingError) -> web.Response:
    response = refusal(_status(error), error.message)
    if isinstance(error, Unavailable):
        response.headers[hdrs.RETRY_AFTER] = str(ceil((error.retry_after or RETRY_AFTER).total_seconds()))
    return response


def _status(error: InvoicingError) -> int:
    match error:
        case Missing():
            return 404
        case Rejected():
            return 400
        case Unavailable():
            return 503
    return 500
