"""What is refused whatever the request says."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from roster.runtime.callers import HasEvent
from roster.runtime.problems import Where, problem


def not_deletable(app: HasEvent, detail: str) -> Response[str]:
    """The answer to a DELETE of what the books keep."""
    event = app.current_event
    return problem(
        HTTPStatus.METHOD_NOT_ALLOWED,
        code="never_deleted",
        detail=detail,
        where=Where(event.raw_path, event.request_context.request_id),
        headers={"Allow": "GET, PATCH"},
    )
