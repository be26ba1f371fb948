"""Which of two edits is the newer one."""

from datetime import UTC, datetime, timedelta

from roster.domain.sync.order import newer
from roster.domain.sync.policy import Primary

SEEN = datetime(2026, 11, 22, 12, 0, 14, tzinfo=UTC)
LOOKED = SEEN - timedelta(minutes=15)


def test_within_the_second_that_quickbooks_tells_no_order_is_known() -> None:
    def side(after: float) -> Primary | None:
        ours = SEEN + timedelta(seconds=after)
        return newer(ours, looked=LOOKED, first_seen=SEEN, skew=timedelta()).side

    assert side(1.0) is Primary.ROSTER
    assert side(0.3) is None
    assert side(-5) is None
    assert side(-15 * 60) is Primary.QUICKBOOKS
