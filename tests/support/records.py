"""What tests of the records of customers share."""

from typing import Any

from tests.support.api import Api


def every_page(api: Api, path: str, **query: Any) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    cursor = None
    while True:
        answer = api.get(path, **query, **({"cursor": cursor} if cursor else {}))
        assert answer.status == 200, answer.text
        rows += answer.json["data"]
        if (cursor := answer.json["next_cursor"]) is None:
            return rows


def kinds(api: Api, customer: str) -> list[str]:
    """The kinds of the entries on a customer's timeline, newest first."""
    return [entry["kind"] for entry in every_page(api, f"{customer}/timeline", limit=50)]
