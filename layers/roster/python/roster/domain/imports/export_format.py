"""What an export of another system is known by, and what its headings mean in it."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """An export of another system.

    `fields` and `patterns` give headings (normalised) their field, None to leave a column out. With
    `names_jobs`, "Smith:Kitchen" is a place of the customer Smith, and "Smith (deleted)" is one
    that was made inactive.
    """

    name: str
    must: frozenset[str]
    usual: frozenset[str] = frozenset()
    least: int = 0
    fields: Mapping[str, str | None] = field(default_factory=dict)
    patterns: Sequence[tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]] = ()
    names_jobs: bool = False

    def fits(self, headings: frozenset[str]) -> bool:
        """Whether a file with these headings is one of this format."""
        return self.must <= headings and len(self.usual & headings) >= self.least

    def field_of(self, heading: str) -> tuple[str | None] | None:
        """The field of a heading in a tuple, or None where the format has nothing to say."""
        if heading in self.fields:
            return (self.fields[heading],)
        for pattern, meaning in self.patterns:
            if match := pattern.fullmatch(heading):
                return (meaning(match),)
        return None


def headings(text: str) -> frozenset[str]:
    """Normalised headings, written with "|" between them."""
    return frozenset(text.split("|"))


def fields(**named: str) -> dict[str, str | None]:
    """Headings by field; two underscores stand for the point, a last digit for the number."""
    found: dict[str, str | None] = {}
    for name, headings in named.items():
        group, _, part = name.partition("__")
        numbered = re.fullmatch(r"(contact|service_location)(\d+)", group)
        group = f"{numbered[1]}[{numbered[2]}]" if numbered else group
        found |= dict.fromkeys(headings.split("|"), f"{group}.{part}" if part else group)
    return found


def numbered(group: str, number: str, part: str) -> str:
    """The field of a part of the first, second… address or person."""
    return f"{group}.{part}" if number == "1" else f"{group}[{number}].{part}"
