"""What ``make run`` prints when everything is there."""

import shlex
from collections.abc import Sequence
from typing import Any

from infra.local.deploy import api_url
from infra.local.home import DEFAULT_PORT, ROOT, Home
from infra.local.identity import ROLES


def table(rows: Sequence[tuple[str, str]]) -> str:
    """Two columns, aligned."""
    width = max(len(name) for name, _ in rows)
    return "\n".join(f"  {name:<{width}}  {value}" for name, value in rows)


def of_import(state: dict[str, Any], rows: dict[str, int]) -> str:
    """One line about an import."""
    if state["status"] in {"rejected", "failed"}:
        return f"{state['status']}: {(state['reason'] or {}).get('detail', 'no reason given')}"
    parts = [
        f"{rows['rows_total']} rows",
        f"{rows['created']} created",
        *(f"{rows[name]} {name}" for name in ("updated", "joined") if rows[name]),
        *(f"{rows[name]} {name}" for name in ("skipped", "failed")),
    ]
    return f"{', '.join(parts)} ({state['status'].replace('_', ' ')})"


def how_to_go_on(home: Home) -> str:
    """The address, the token and three requests to paste."""
    url = api_url(home)
    # Pasted anywhere, in any shell: the clone and its port are part of the line.
    port = f"ROSTER_PORT={home.port} " if home.port != DEFAULT_PORT else ""
    make = f"{port}make -s -C {shlex.quote(str(ROOT))}"
    bearer = f'-H "Authorization: Bearer $({make} token ROLE=office)"'
    body = """-H 'Content-Type: application/json' -d '{"display_name": "Zoë Ångström"}'"""
    return "\n".join(
        [
            f"API    {url}/v1",
            f"Docs   {url}/v1/docs",
            f"Token  {make} token ROLE={'|'.join(ROLES)}",
            "",
            f"curl -s {bearer} '{url}/v1/customers?limit=3'",
            f"curl -s {bearer} '{url}/v1/customers?q=jose'",
            f"curl -s {bearer} {body} {url}/v1/customers",
        ]
    )
