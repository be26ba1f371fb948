"""The template's functions: where their code is, what they are given, what they answer."""

import importlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.support.template import ROOT, resources, template

BUILT = ROOT / ".aws-sam" / "build"
# The routes that are open to everybody, by method and path.
PUBLIC = {
    "GET /v1/docs",
    "GET /v1/openapi.json",
    "GET /v1/quickbooks/callback",
    "POST /v1/quickbooks/webhook",
}


@dataclass(frozen=True, slots=True)
class Function:
    """One function of the template; `layers` are logical ids, those of Globals included."""

    logical_id: str
    folder: str
    properties: dict[str, Any]
    layers: tuple[str, ...]
    variables: frozenset[str]

    @property
    def handler(self) -> str:
        """The dotted path of the handler."""
        return str(self.properties["Handler"])


def functions() -> list[Function]:
    """Every function of the template."""
    shared = template()["Globals"]["Function"]
    return [
        Function(
            logical_id=name,
            folder=found["Properties"]["CodeUri"].rsplit("/", 1)[1],
            properties=found["Properties"],
            layers=tuple(
                layer["Ref"]
                for layer in [*shared["Layers"], *found["Properties"].get("Layers", [])]
            ),
            variables=frozenset(_variables(shared)) | frozenset(_variables(found["Properties"])),
        )
        for name, found in resources("AWS::Serverless::Function").items()
    ]


def shared_variables() -> frozenset[str]:
    """The variables every function is given."""
    return frozenset(_variables(template()["Globals"]["Function"]))


def _variables(properties: dict[str, Any]) -> Iterator[str]:
    yield from properties.get("Environment", {}).get("Variables", {})


def routes(folder: str) -> list[tuple[str, str]]:
    """(method, path with <names>) of each route that an API function answers."""
    app = importlib.import_module(f"functions.{folder}.app").app
    found = [*app._static_routes, *app._dynamic_routes]
    return sorted({(route.method, route.path) for route in found})
