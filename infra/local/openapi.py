"""Write the OpenAPI document of all API functions: `python -m infra.local.openapi [--check]`."""

import importlib
import inspect
import json
import sys
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
# The second copy ships with the function that serves it.
_COPIES = (_ROOT / "docs/openapi.json", _ROOT / "functions/customers_api/openapi.json")
_HEAD = {
    "title": "Roster",
    "version": "1",
    "description": "The customer master of a field-service company. Errors are RFC 9457 problems.",
}
# RFC 9457, as roster.runtime.problems writes it.
_TEXT = {"type": "string"}
_PROBLEM = {
    "type": "object",
    "title": "Problem",
    "description": "Why a request was refused; `code` is for programs, `errors` names each field.",
    "required": ["type", "title", "status", "detail", "instance", "code", "request_id"],
    "properties": {
        **dict.fromkeys(("type", "title", "detail", "instance", "code", "request_id"), _TEXT),
        "status": {"type": "integer"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": dict.fromkeys(("pointer", "code", "detail"), _TEXT),
            },
        },
    },
}
_REFUSAL = {
    "description": "A refusal, or an error on our side.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


def _say_more(operation: dict[str, Any], words: str) -> None:
    """Say what the route's docstring says, and what a refusal looks like."""
    operation["description"] = words
    operation["summary"] = words.split("\n", maxsplit=1)[0].partition(". ")[0].rstrip(".")
    responses = operation["responses"]
    for status in [s for s in responses if s in ("422", "500")]:
        del responses[status]
    responses.get("204", {}).pop("content", None)
    responses["default"] = {"$ref": "#/components/responses/Problem"}


def contract() -> str:
    """The document, as JSON text with a stable order."""
    merged: dict[str, Any] = {"openapi": "3.1.0", "info": _HEAD, "paths": {}, "components": {}}
    for app in sorted(_ROOT.glob("functions/*_api/app.py")):
        module = importlib.import_module(f"functions.{app.parent.name}.app")
        part = json.loads(module.app.get_openapi_json_schema(title="Roster", version="1"))
        for route in [*module.app._static_routes, *module.app._dynamic_routes]:  # noqa: SLF001
            if route.include_in_schema:
                operation = part["paths"][route.openapi_path][route.method.lower()]
                _say_more(operation, inspect.getdoc(route.func) or "")
        _merge(merged["paths"], part.get("paths", {}))
        for kind, entries in part.get("components", {}).items():
            _merge(merged["components"].setdefault(kind, {}), entries)
    merged["components"].setdefault("schemas", {})["Problem"] = _PROBLEM
    for unused in ("HTTPValidationError", "ResponseValidationError", "ValidationError"):
        merged["components"]["schemas"].pop(unused, None)
    merged["components"]["responses"] = {"Problem": _REFUSAL}
    merged["components"]["securitySchemes"] = {
        "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    merged["security"] = [{"token": []}]
    return json.dumps(merged, indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def _merge(into: dict[str, Any], more: dict[str, Any]) -> None:
    """Add entries; two functions may share a name only for the very same thing."""
    for name, entry in more.items():
        if into.setdefault(name, entry) != entry:
            raise SystemExit(f"{name} means two things in two functions: rename one of them")


def main(arguments: list[str]) -> int:
    """Write the copies, or with --check only say whether they are as the routes are."""
    text = contract()
    stale = [path for path in _COPIES if not path.exists() or path.read_text() != text]
    if "--check" in arguments:
        for path in stale:
            print(f"{path.relative_to(_ROOT)} is not what the routes are: run `make openapi`")
        return 1 if stale else 0
    for path in stale:
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
