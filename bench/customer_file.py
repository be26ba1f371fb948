"""The file that imports are measured with: 20 columns, four homeowners to one company.

That is whom field services have in their books. A homeowner's name is two words, a company's with
the person behind it five; every fifth customer has a tag.
"""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from bench import spreadsheet_reader

HEADINGS = (
    "Customer Id", "Company", "First Name", "Last Name", "Email", "Phone", "Mobile", "Website",
    "Street", "Unit", "City", "State", "ZIP", "Country", "Tags", "Notes",
    "Since", "Balance", "Rate", "Route",
)  # fmt: skip
_COMPANIES_EVERY = 5


def table(rows: int) -> Iterator[list[object]]:
    """`rows` customers of 20 cells: mostly text, a date, two numbers, and a ZIP with a zero."""
    for n in range(rows):
        company = n % _COMPANIES_EVERY == 0
        yield [
            f"C{n:07}", f"Company {n} & Sons" if company else "", f"First{n % 997}",
            f"Last{n % 4999}", f"mail{n}@customer{n}.example",
            f"({n % 700 + 201}) 555-{n % 10_000:04}", "",
            f"https://company{n}.example/" if company else "", f"{n} Main Street",
            f"Apt {n % 40}" if n % 3 == 0 else "", f"City {n % 300}", "NJ", n % 90_000 + 500, "USA",
            "vip" if n % 5 == 1 else "", f"Note of customer {n}: gate on the left",
            date(2020, 1, 1) + timedelta(days=n % 2000), n * 1.25, (n % 100) / 400,
            f"North {n % 9}",
        ]  # fmt: skip


def write(path: Path, rows: int) -> None:
    """The file, as a workbook."""
    spreadsheet_reader.write_xlsx(path, HEADINGS, table(rows))
