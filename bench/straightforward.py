"""An import as one writes it in an afternoon, with what everybody uses: the measure of ours.

openpyxl reads, a pydantic model checks each row, boto3's `batch_writer` writes. It makes the very
items that Roster makes of the same file (`bench.importing` compares them), knows the columns of
that file and nothing else, and asks the table nothing: it never looks for customers that are there.

Frozen from its first commit: it follows the items where they change, and is never made slower.
It imports nothing of Roster.
"""

import argparse
import json
import re
import resource
import unicodedata
import uuid
from collections.abc import Iterator
from functools import lru_cache
from itertools import batched
from pathlib import Path
from time import process_time
from typing import Any

import boto3
import phonenumbers
from openpyxl import load_workbook
from pydantic import BaseModel, EmailStr, HttpUrl, TypeAdapter, field_validator

ROWS_PER_CHUNK, ROWS_TOGETHER = 200, 25
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NOT_WORD = re.compile(r"[\W_]+")
WEBSITE = TypeAdapter(HttpUrl)

FIELDS = {
    "Customer Id": "external_id",
    "Company": "company_name",
    "First Name": "first_name",
    "Last Name": "last_name",
    "Email": "email",
    "Phone": "phone",
    "Mobile": "mobile",
    "Website": "website",
    "Street": "street",
    "Unit": "unit",
    "City": "city",
    "State": "state",
    "ZIP": "zip",
    "Country": "country",
    "Tags": "tags",
    "Notes": "notes",
}
ADDRESS = ("street", "unit", "city", "state", "zip", "country")


class Row(BaseModel):
    """One row of the file."""

    external_id: str | None = None
    company_name: str | None = None
    first_name: str | None = None
    last_name: str | None = None
    email: EmailStr | None = None
    phone: str | None = None
    mobile: str | None = None
    website: str | None = None
    street: str | None = None
    unit: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    country: str | None = None
    tags: list[str] = []
    notes: str | None = None

    @field_validator("*", mode="before")
    @classmethod
    def no_empty_text(cls, value: Any) -> Any:
        if isinstance(value, str):
            return " ".join(value.split()) or None
        return value

    @field_validator("zip", mode="before")
    @classmethod
    def leading_zeros(cls, value: Any) -> Any:
        return f"{value:05}" if isinstance(value, int) else value

    @field_validator("tags", mode="before")
    @classmethod
    def split_tags(cls, value: Any) -> Any:
        return [tag.strip() for tag in (value or "").split(",") if tag.strip()]

    @field_validator("website")
    @classmethod
    def is_website(cls, value: str | None) -> str | None:
        if value:
            WEBSITE.validate_python(value)
        return value

    @property
    def full_name(self) -> str | None:
        return " ".join(part for part in (self.first_name, self.last_name) if part) or None

    @property
    def display_name(self) -> str:
        return self.company_name or self.full_name or ""


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    lowered = unicodedata.normalize("NFKD", text).casefold()
    bare = "".join(c for c in lowered if not unicodedata.combining(c))
    return NOT_WORD.sub(" ", bare).strip()


def e164(typed: str | None) -> str | None:
    if not typed:
        return None
    try:
        number = phonenumbers.parse(typed, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit())


def derived_id(prefix: str, ms: int, *parts: str) -> str:
    name = uuid.uuid5(uuid.NAMESPACE_OID, "\x1f".join(parts)).int >> 48
    value, found = ms << 80 | name, ""
    for _ in range(26):
        value, digit = divmod(value, 32)
        found = CROCKFORD[digit] + found
    return f"{prefix}_{found}"


def dump(values: dict[str, Any]) -> str:
    kept = {k: v for k, v in values.items() if v not in (None, "", [])}
    return json.dumps(kept, ensure_ascii=False, separators=(",", ":"))


def rows_of(path: Path) -> Iterator[tuple[int, Row]]:
    sheet = load_workbook(path, read_only=True).worksheets[0]
    rows = sheet.iter_rows(values_only=True)
    fields = [FIELDS.get(str(heading)) for heading in next(rows)]
    seen = set()
    for line, cells in enumerate(rows, 2):
        given = {f: value for f, value in zip(fields, cells, strict=False) if f}
        row = Row(**given)
        key = (fold(row.display_name), (row.email or "").casefold(), digits(row.phone or ""))
        if key not in seen:
            seen.add(key)
            yield line, row


def items_of(
    row: Row, line: int, n: int, batch: str, args: argparse.Namespace
) -> list[dict[str, Any]]:
    customer_id = derived_id("cus", args.created, args.import_id, str(line))
    number = f"C-{args.first_number + n:05}"
    phone = e164(row.phone)
    address = {part: value for part in ADDRESS if (value := getattr(row, part))}
    place = {"primary": True, **address} if address else None
    if place:
        location_id = derived_id("loc", args.created, args.import_id, str(line))
        place = {"id": location_id, **place}
    kind = None if row.company_name else "individual"
    head = {
        "number": number,
        "kind": kind,
        "company_name": row.company_name,
        "full_name": row.full_name,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "email": row.email,
        "phone": row.phone,
        "mobile": row.mobile,
        "external_id": row.external_id,
        "tags": row.tags,
        "source": "import",
        "locations_count": 1 if place else None,
        "primary_location": address.get("city"),
        "website": row.website,
        "notes": row.notes,
        "phone_e164": phone,
        "mobile_e164": e164(row.mobile),
        "display_name": row.display_name,
        "created": args.started,
        "updated": args.started,
        "by": [args.user, "import", args.import_id],
        "batch": batch,
        "place": place,
    }
    shown = {
        "n": number,
        "k": kind,
        "c": row.company_name,
        "f": row.full_name,
        "g": row.first_name,
        "l": row.last_name,
        "e": row.email,
        "p": row.phone,
        "m": row.mobile,
        "x": row.external_id,
        "t": row.tags,
        "s": "import",
        "j": 1 if place else None,
        "w": address.get("city"),
        "b": args.started,
        "u": args.started,
    }
    tenant = args.tenant
    items = [
        {
            "pk": f"{tenant}#C#{customer_id}",
            "sk": "HEAD",
            "v": 1,
            "status": "active",
            "doc": dump(head),
        }
    ]
    list_row = {"sk": f"{fold(row.display_name)[:120]}#{customer_id}", "v": 1, "doc": dump(shown)}
    shelves = ("", *(f"#tag:{fold(tag)}" for tag in dict.fromkeys(row.tags)))
    items.extend({"pk": f"{tenant}#L#active{shelf}", **list_row} for shelf in shelves)
    names = [row.display_name, row.company_name, row.full_name]
    words = list(dict.fromkeys(w for name in names if name for w in fold(name).split()))
    tokens = [(word, "n") for word in words]
    if row.email:
        tokens.append((row.email.casefold(), "e"))
    for typed, dialled in ((row.phone, phone), (row.mobile, e164(row.mobile))):
        if typed:
            own = digits(typed)
            tokens.append((own[1:] if dialled and own == digits(dialled) else own, "p"))
    for token, what in dict.fromkeys(tokens):
        items.append(
            {
                "pk": f"{tenant}#W#{token[0]}",
                "sk": f"{token[:60]}#{what}#{customer_id}",
                "name": " ".join(words),
            }
        )
    for field, value in (("number", number), ("external_id", row.external_id)):
        if value:
            items.append(
                {"pk": f"{tenant}#U#{field}#{value}", "sk": "UNIQUE", "customer": customer_id}
            )
    return items


def fresh_entry(
    items: list[dict[str, Any]], batch: str, args: argparse.Namespace
) -> dict[str, Any]:
    ids = [item["pk"].rpartition("#")[2] for item in items if item["sk"] == "HEAD"]
    shared = ""
    for one, other in zip(min(ids)[:-1], max(ids)[:-1], strict=True):
        if one != other:
            break
        shared += one
    return {
        "pk": f"{args.tenant}#O#fresh",
        "sk": f"{args.started:014}#{batch}",
        "of": shared,
        "ids": {i.removeprefix(shared): True for i in ids},
    }


def run(args: argparse.Namespace) -> int:
    table = boto3.resource("dynamodb", endpoint_url=args.endpoint).Table(args.table)
    count = 0
    with table.batch_writer() as writer:
        for chunk, rows in enumerate(batched(rows_of(args.file), ROWS_PER_CHUNK, strict=False), 1):
            for position, together in enumerate(batched(rows, ROWS_TOGETHER, strict=False)):
                batch = f"{args.import_id}#{chunk:06}#{position:03}"
                items = []
                for line, row in together:
                    items += items_of(row, line, count, batch, args)
                    count += 1
                for item in [fresh_entry(items, batch, args), *items]:
                    writer.put_item(Item=item)
    return count


def main() -> None:
    """Print rows, CPU seconds and peak MiB."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    for name in ("--endpoint", "--table", "--tenant", "--import-id", "--user"):
        parser.add_argument(name, required=True)
    for name in ("--created", "--started", "--first-number"):
        parser.add_argument(name, type=int, required=True)
    args = parser.parse_args()
    begun = process_time()
    count = run(args)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(count, process_time() - begun, peak)


if __name__ == "__main__":
    main()
