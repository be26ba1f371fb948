"""The contract, for programs and for people. Both are public."""

from functools import cache
from pathlib import Path

import aws_lambda_powertools.event_handler.openapi.swagger_ui as swagger
from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

router = APIGatewayHttpRouter()
# Written beside this module by `make openapi`; docs/openapi.json is the same text.
_CONTRACT = Path(__file__).with_name("openapi.json")
_ASSETS = Path(swagger.__file__).parent


@router.get("/v1/openapi.json", include_in_schema=False)
def openapi() -> Response[str]:
    """The OpenAPI document of all of the API."""
    return Response(200, content_type="application/json", body=_CONTRACT.read_text())


@router.get("/v1/docs", include_in_schema=False, compress=True)
def docs() -> Response[str]:
    """The same as a page to read and try."""
    return Response(200, content_type="text/html; charset=utf-8", body=_page())


@cache
def _page() -> str:
    page: str = swagger.generate_swagger_html(
        spec=_CONTRACT.read_text().replace("</", "<\\/"),
        swagger_js=(_ASSETS / "swagger-ui-bundle.min.js").read_text(),
        swagger_css=(_ASSETS / "swagger-ui.min.css").read_text(),
        swagger_base_url="",
        oauth2_config=None,
    )
    return page.replace("<title>Swagger UI</title>", "<title>Roster API</title>")
