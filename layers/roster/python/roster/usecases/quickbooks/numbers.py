"""Customer numbers for a page of new customers, taken as one block."""

from roster.usecases.ports import Customers, Settings

# Numbers given by hand while numbering was manual may lie in the counter's way.
_RETRIES = 50


class Numbers:
    """Hands out numbers; None while the company gives them by hand."""

    def __init__(self, tenant: str, count: int, customers: Customers, settings: Settings) -> None:
        self._tenant, self._customers = tenant, customers
        self._settings = settings.get(tenant)
        self._left = 0
        self._next = 0
        self._retries = _RETRIES
        if self._settings.auto_numbering and count:
            self._reserve(count)

    @property
    def country(self) -> str:
        """Where the company is, for its phone numbers."""
        return self._settings.country

    def _reserve(self, count: int) -> None:
        self._next = self._customers.reserve_numbers(self._tenant, count)
        self._left = count

    def take(self) -> str | None:
        """The next number."""
        if not self._settings.auto_numbering:
            return None
        if not self._left:
            self._reserve(1)
        number = self._settings.format_number(self._next)
        self._next, self._left = self._next + 1, self._left - 1
        return number

    def may_retry(self) -> bool:
        """Whether another number may be tried after one that was taken."""
        self._retries -= 1
        return self._settings.auto_numbering and self._retries > 0
