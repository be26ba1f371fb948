"""Which parts a workbook has: its worksheets in order, its texts, styles and date system."""

import posixpath
from dataclasses import dataclass, field

from roster.adapters.spreadsheets import refusals
from roster.adapters.spreadsheets.markup import local, parse_all
from roster.adapters.spreadsheets.package import Package


@dataclass(frozen=True, slots=True)
class Sheet:
    """A worksheet a person can see or unhide; `part` is its name in the package."""

    name: str
    part: str
    visible: bool


@dataclass(slots=True)
class Workbook:
    """The worksheets (no chart sheets), the parts they share, and whether dates begin in 1904."""

    sheets: list[Sheet] = field(default_factory=list)
    shared_strings: str | None = None
    styles: str | None = None
    epoch_1904: bool = False


def _relations(package: Package, part: str) -> list[tuple[str, str, str]]:
    """(id, last word of the type, target part) of everything `part` points to."""
    folder, _, name = part.rpartition("/")
    rels = f"{folder}/_rels/{name}.rels"
    if rels not in package:
        return []
    found: list[tuple[str, str, str]] = []

    def start(tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "Relationship" and attributes.get("TargetMode") != "External":
            target = attributes.get("Target", "").replace("\\", "/")
            absolute = posixpath.normpath(posixpath.join(f"/{folder}", target))
            kind = attributes.get("Type", "").rpartition("/")[2]
            found.append((attributes.get("Id", ""), kind, absolute.lstrip("/")))

    parse_all(package.chunks(rels), start, lambda _: None, lambda _: None)
    return found


def read_workbook(package: Package) -> Workbook:
    """The table of contents of the workbook; "damaged" when it names parts that are not there."""
    root = next((t for _, kind, t in _relations(package, "") if kind == "officeDocument"), "")
    part = root if root in package else "xl/workbook.xml"
    relations = _relations(package, part)
    targets = {identity: (kind, target) for identity, kind, target in relations}
    book = Workbook()
    for _, kind, target in relations:
        if kind == "sharedStrings" and target in package:
            book.shared_strings = target
        elif kind == "styles" and target in package:
            book.styles = target

    def start(tag: str, attributes: dict[str, str]) -> None:
        name = local(tag)
        if name == "workbookPr":
            book.epoch_1904 = attributes.get("date1904", "") in ("1", "true", "on")
        elif name == "sheet":
            relation = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            kind, target = targets.get(relation, ("", ""))
            if kind == "worksheet":
                if target not in package:
                    raise refusals.damaged_workbook()
                visible = attributes.get("state", "visible") == "visible"
                book.sheets.append(Sheet(attributes.get("name", ""), target, visible))

    parse_all(package.chunks(part), start, lambda _: None, lambda _: None)
    return book
