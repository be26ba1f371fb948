"""Parse QuickBooks' query language: one entity, AND only, no joins."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NoReturn

from infra.local.quickbooks import faults

DEFAULT_ROWS = 100
MOST_ROWS = 1000

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<string>'(?:[^'\\]|\\.)*')
    | (?P<number>-?\d+(?:\.\d+)?(?![\w.]))
    | (?P<word>[A-Za-z_][\w.]*)
    | (?P<sign><=|>=|[=<>(),*])
    )""",
    re.VERBOSE | re.DOTALL,
)
_TAIL = ("orderby", "order", "startposition", "maxresults")
_OPERATORS = ("=", "<", ">", "<=", ">=")


@dataclass(frozen=True, slots=True)
class Condition:
    """`property operator values`; `values` has several entries only for IN."""

    name: str
    operator: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Query:
    """A parsed query. `columns` is None for `*`; `order` holds (property, descending)."""

    entity: str
    columns: tuple[str, ...] | None = None
    count: bool = False
    where: tuple[Condition, ...] = ()
    order: tuple[tuple[str, bool], ...] = ()
    start: int = 1
    limit: int = DEFAULT_ROWS


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    column: int


def parse(text: str) -> Query:
    """Parse a query; ServiceFault 4000 when it does not, 4001 for a position out of range."""
    return _Parser(text).query()


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._next = 0

    def query(self) -> Query:
        self._word("select")
        columns, count = self._columns()
        self._word("from")
        entity = self._name()
        where = self._where()
        order = self._order()
        start, limit = self._paging()
        if self._peek().kind != "end":
            self._stop("<EOF>", "<AND> ...", *(f'"{word}" ...' for word in _TAIL))
        return Query(entity, columns, count, where, order, start, limit)

    def _columns(self) -> tuple[tuple[str, ...] | None, bool]:
        if self._taken("*"):
            return None, False
        first = self._name()
        if first.lower() == "count" and self._taken("("):
            self._sign("*")
            self._sign(")")
            return None, True
        names = [first]
        while self._taken(","):
            names.append(self._name())
        return tuple(names), False

    def _where(self) -> tuple[Condition, ...]:
        if not self._taken("where"):
            return ()
        conditions = [self._condition()]
        while self._taken("and"):
            conditions.append(self._condition())
        return tuple(conditions)

    def _condition(self) -> Condition:
        name = self._name()
        operator = self._peek().text.upper()
        if operator not in {*_OPERATORS, "IN", "LIKE"}:
            self._stop('"=" ...', '"<" ...', '">" ...', '"in" ...', '"like" ...')
        self._next += 1
        if operator == "IN":
            self._sign("(")
            values = [self._literal()]
            while self._taken(","):
                values.append(self._literal())
            self._sign(")")
            return Condition(name, "IN", tuple(values))
        return Condition(name, operator, (self._literal(),))

    def _literal(self) -> str:
        token = self._peek()
        if token.kind not in {"string", "number"} and token.text.lower() not in {"true", "false"}:
            self._stop("<STRING> ...", "<NUMBER> ...", '"true" ...', '"false" ...')
        self._next += 1
        if token.kind == "string":
            return re.sub(r"\\(.)", r"\1", token.text[1:-1], flags=re.DOTALL)
        return token.text

    def _order(self) -> tuple[tuple[str, bool], ...]:
        if self._taken("order"):
            self._word("by")
        elif not self._taken("orderby"):
            return ()
        order = [self._direction()]
        while self._taken(","):
            order.append(self._direction())
        return tuple(order)

    def _direction(self) -> tuple[str, bool]:
        name = self._name()
        if self._taken("desc"):
            return name, True
        self._taken("asc")
        return name, False

    def _paging(self) -> tuple[int, int]:
        start, limit = 1, DEFAULT_ROWS
        while self._peek().text.lower() in {"startposition", "maxresults"}:
            word = self._name().lower()
            token = self._peek()
            if token.kind != "number" or "." in token.text:
                self._stop("<NUMBER> ...")
            self._next += 1
            if int(token.text) < 1:
                raise faults.query_invalid(
                    f"value {token.text} is too small. Min allowed value is 1"
                )
            if word == "startposition":
                start = int(token.text)
            elif int(token.text) > MOST_ROWS:
                raise faults.query_invalid(
                    f"value {token.text} is too large. Max allowed value is {MOST_ROWS}"
                )
            else:
                limit = int(token.text)
        return start, limit

    def _peek(self) -> _Token:
        token = self._tokens[self._next]
        if token.kind == "bad":
            raise faults.query_syntax(
                f"Invalid content. Lexical error at line 1, column {token.column}.  "
                f'Encountered: "{token.text}" ({ord(token.text)}), after : ""'
            )
        return token

    def _taken(self, text: str) -> bool:
        token = self._peek()
        if token.kind in {"word", "sign"} and token.text.lower() == text:
            self._next += 1
            return True
        return False

    def _word(self, text: str) -> None:
        if not self._taken(text):
            self._stop(f'"{text}" ...')

    _sign = _word

    def _name(self) -> str:
        token = self._peek()
        if token.kind != "word":
            self._stop("<IDENTIFIER> ...")
        self._next += 1
        return token.text

    def _stop(self, *wanted: str) -> NoReturn:
        token = self._peek()
        line = 0 if token.column == 0 else 1
        met = '"<EOF>"' if token.kind == "end" else f'" <IDENTIFIER> "{token.text} ""'
        head = "one of:" if len(wanted) > 1 else ":"
        listed = "".join(f"\n    {one} " for one in wanted)
        raise faults.query_syntax(
            f"Encountered {met} at line {line}, column {token.column}.\n"
            f"Was expecting{' ' if len(wanted) > 1 else ''}{head}{listed}\n    "
        )


def _tokens(text: str) -> list[_Token]:
    tokens: list[_Token] = []
    position, end = 0, len(text.rstrip())
    while position < end:
        match = _TOKEN.match(text, position)
        if match is None:
            while text[position].isspace():
                position += 1
            # Only reported when the parser gets there: it may stumble earlier.
            tokens.append(_Token("bad", text[position], position + 1))
            return tokens
        kind = str(match.lastgroup)
        tokens.append(_Token(kind, match.group(kind), match.start(kind) + 1))
        position = match.end()
    tokens.append(_Token("end", "", end))
    return tokens
