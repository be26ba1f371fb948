"""How the story is printed: short lines, old → new, counts."""

import textwrap
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

# The report's verbs as a person would say them, in the order in which one thing leads to another;
# those that differ have a word for one and a word for many.
_WORDS: dict[str, tuple[str, str]] = {
    "link": ("linked", "linked"),
    "unlink": ("unlinked", "unlinked"),
    "create_here": ("created", "created"),
    "create_there": ("created in QuickBooks", "created in QuickBooks"),
    "conflict": ("in conflict", "in conflict"),
    "update_here": ("updated", "updated"),
    "update_there": ("updated in QuickBooks", "updated in QuickBooks"),
    "activate_here": ("activated", "activated"),
    "activate_there": ("activated in QuickBooks", "activated in QuickBooks"),
    "deactivate_here": ("deactivated", "deactivated"),
    "deactivate_there": ("deactivated in QuickBooks", "deactivated in QuickBooks"),
    "keep_job": ("kept as a job", "kept as jobs"),
    "add_location": ("location added", "locations added"),
    "create_here_tax_rate": ("tax rate created", "tax rates created"),
    "create_here_payment_term": ("payment term created", "payment terms created"),
    "skip": ("skipped", "skipped"),
}
_ORDER = {verb: place for place, verb in enumerate(_WORDS)}
_WIDTH = 110


def counted(counts: Mapping[str, int]) -> str:
    """A run's counts in words, "nothing" where it did nothing."""
    told = (f"{n} {_words(verb)[n != 1]}" for verb, n in sorted(counts.items(), key=_place))
    return ", ".join(told) or "nothing"


def _words(verb: str) -> tuple[str, str]:
    return _WORDS.get(verb, (verb.replace("_", " "),) * 2)


def _place(counted: tuple[str, int]) -> int:
    return _ORDER.get(counted[0], len(_ORDER))


def shown(value: Any) -> str:
    """A field's value on one line."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "active" if value else "inactive"
    if isinstance(value, dict):
        return ", ".join(str(part) for part in value.values() if part)
    return str(value)


class Teller:
    """Says the story line by line; the numbers of its steps go up by themselves."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say, self._step = say, 0

    def step(self, title: str, *calls: str) -> None:
        """Begin a step; `calls` are what anybody could send."""
        self._step += 1
        line = f"\n{self._step}. {title}"
        asked = ", ".join(calls)
        if calls and len(line) + len(asked) < _WIDTH:
            line, asked = f"{line}  [{asked}]", ""
        self._say(line)
        if asked:
            self._say(f"   [{asked}]")

    def line(self, text: str) -> None:
        """A sentence of the step."""
        self._say(f"   {text}")

    def paragraph(self, text: str) -> None:
        """Sentences that take more than a line."""
        for line in textwrap.wrap(text, _WIDTH, subsequent_indent="  "):
            self.line(line)

    def rows(self, rows: Sequence[Mapping[str, Any]], named: Collection[str]) -> None:
        """A report: what is done about those `named` field by field, all others as counts."""
        told = [row for row in rows if row["name"] in named]
        names = list(dict.fromkeys(row["name"] for row in told))
        for row in sorted(told, key=lambda r: (names.index(r["name"]), _place((r["action"], 1)))):
            self._row(row)
        others = Counter(
            row["action"] if row["kind"] == "customer" else f"{row['action']}_{row['kind']}"
            for row in rows
            if row["name"] not in named
        )
        if others:
            self.line(f"{'Of all others: ' if told else ''}{counted(others)}.")

    def _row(self, row: Mapping[str, Any]) -> None:
        verb, name = _words(row["action"])[0], row["name"]
        changes = "; ".join(
            f"{c['field']}: {shown(c['old'])} → {shown(c['new'])}" for c in row["changes"]
        )
        match row["action"]:
            case "create_here" | "create_there":
                fields = (c for c in row["changes"] if c["field"] != "display_name")
                told = "; ".join(f"{c['field']}: {shown(c['new'])}" for c in fields)
                self.line(f"- {name}: {verb}{f' with {told}' if told else ''}.")
            case "skip" | "link":
                self.line(f"- {verb}: {row['reason']}")
            case "conflict":
                self.line(f"- {name}: {verb}. {row['reason']}")
            case _:
                self.line(f"- {name}: {verb}{f', {changes}' if changes else ''}")
