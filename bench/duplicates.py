"""How well duplicates are found on labelled sets that are not part of the project."""

from bench.report import Table
from tests.support import duplicates
from tests.support.duplicates import Accuracy
from tests.support.duplicates_before import LEAST_FOUND, check_before


def table() -> Table | None:
    """Precision, recall and F1 of the review list; None where the sets are not there."""
    if duplicates.folder() is None:
        return None
    rows, over = [], []
    for name, load, least in duplicates.SETS:
        labelled = load()
        rows.append(_row(name, len(labelled.customers), duplicates.accuracy(labelled), least))
    learned = duplicates.after_reviews(chicago := duplicates.chicago())
    name = f"Chicago sites, {duplicates.REVIEWED} pairs reviewed"
    rows.append(_row(name, len(chicago.customers), learned, duplicates.LEARNED_F1))
    over = [f"duplicates, {row[0]}: F1 {row[4]}" for row in rows if row[-1] != "met"]
    head = [
        "set",
        "records",
        "precision",
        "recall",
        "F1",
        "comparisons a record",
        "F1 at least",
        "",
    ]
    return Table("duplicates", head, rows, over)


def before_table() -> Table | None:
    """How often the check before creating shows who is there; None where the sets are not."""
    if duplicates.folder() is None:
        return None
    rows, over = [], []
    for name, load, _ in duplicates.SETS:
        checked, least = check_before(load()), LEAST_FOUND[name]
        met = checked.found >= least
        if not met:
            over.append(f"duplicates before creating, {name}: {checked.found:.3f}")
        figures = [f"{x:.3f}" for x in (checked.found, checked.doubles)]
        asked, shown = f"{checked.asked:,}", f"{checked.shown:.1f}"
        rows.append([name, asked, *figures, shown, f"{least:.2f}", "met" if met else "under"])
    head = ["set", "checks", "a double shown", "doubles shown", "answers", "shown at least", ""]
    return Table("duplicates-before", head, rows, over)


def _row(name: str, records: int, found: Accuracy, least: float) -> list[str]:
    met = found.f1 >= least and found.comparisons < duplicates.MOST_COMPARISONS
    figures = [f"{x:.3f}" for x in (found.precision, found.recall, found.f1)]
    wanted = [f"{found.comparisons:.1f}", f"{least:.2f}", "met" if met else "over"]
    return [name, f"{records:,}", *figures, *wanted]
