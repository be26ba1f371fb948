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


# The report's verbs, as a person would say them.
_DONE = {
    "create_here": "created",
    "update_here": "updated",
    "activate_here": "activated",
    "deactivate_here": "deactivated",
    "create_there": "created in QuickBooks",
    "update_there": "updated in QuickBooks",
    "create_here_tax_rate": "tax rates created",
    "create_here_payment_term": "payment terms created",
    "link": "linked",
    "keep_job": "kept as jobs",
    "add_location": "locations added",
    "skip": "skipped",
    "conflict": "in conflict",
}


def of_run(run: dict[str, Any]) -> str:
    """One line about a run of the sync."""
    counts = sorted(run["counts"].items())
    done = ", ".join(f"{number} {_DONE.get(verb, verb)}" for verb, number in counts)
    return f"{done or 'nothing to do'} ({run['status']}, {run['calls']} calls)"


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
