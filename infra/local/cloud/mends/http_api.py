"""An HTTP API answers as API Gateway does.

Unmended: an answer without a body is a 500, a function's exception is a 502 that shows its
message to the world, and the CORS settings of the template are stored under names nobody reads,
so every preflight is refused.
"""

from typing import Any

from ministack.services import lambda_svc
from ministack.services.cloudformation import provisioners

_API = "AWS::ApiGatewayV2::Api"
_INTERNAL_ERROR = {
    "statusCode": 500,
    "headers": {"Content-Type": "application/json"},
    "body": '{"message":"Internal Server Error"}',
}


def apply() -> None:
    """Mend results on their way out and CORS settings on their way in."""
    answer_of = lambda_svc.lambda_execute_result_to_api_proxy_response

    def mended_answer(result: dict[str, Any]) -> tuple[dict[str, Any] | None, str | None]:
        if result.get("error") and not result.get("throttle"):
            return dict(_INTERNAL_ERROR), None
        answer, error = answer_of(result)
        if answer is not None and answer.get("body") is None:
            answer = {**answer, "body": ""}
        return answer, error

    lambda_svc.lambda_execute_result_to_api_proxy_response = mended_answer

    provisioner = provisioners._RESOURCE_HANDLERS[_API]
    create, update = provisioner["create"], provisioner["update"]

    def mended_create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        return create(logical_id, _with_read_names(properties), stack_name)

    def mended_update(
        physical_id: str,
        old: dict[str, Any],
        new: dict[str, Any],
        stack_name: str,
        logical_id: str | None = None,
    ) -> Any:
        return update(
            physical_id, _with_read_names(old), _with_read_names(new), stack_name, logical_id
        )

    provisioner.update(create=mended_create, update=mended_update)


def _with_read_names(properties: dict[str, Any]) -> dict[str, Any]:
    """The API's properties with ``AllowOrigins`` called ``allowOrigins``, and so on."""
    cors = properties.get("CorsConfiguration")
    if not cors:
        return properties
    return {
        **properties,
        "CorsConfiguration": {name[0].lower() + name[1:]: value for name, value in cors.items()},
    }
