"""What a customer is found by, as items of the table."""

from collections.abc import Iterable

from roster.adapters.dynamodb import keys
from roster.adapters.dynamodb.customer_items import UNLISTED
from roster.adapters.dynamodb.keys import LookupKind
from roster.adapters.dynamodb.table import Item
from roster.domain.customer import Customer
from roster.domain.text import dialled_otherwise, digits, national_digits, words


def all_names(customer: Customer) -> str:
    """Every folded word of the customer's names once: of the firm and of the person behind it."""
    given = (customer.display_name, customer.company_name, customer.full_name)
    different = filter(None, dict.fromkeys(given))
    return " ".join(dict.fromkeys(word for name in different for word in words(name)))


def tokens(customer: Customer, *, before: bool = False) -> list[tuple[str, LookupKind]]:
    """What the customer is found by; nothing for a deleted one, or one that was merged away.

    `before`: what it was found by until ADR 0028, which its lookups may still be.
    """
    return _tokens(customer, all_names(customer), before=before)


def _tokens(customer: Customer, names: str, *, before: bool) -> list[tuple[str, LookupKind]]:
    if customer.status in UNLISTED:
        return []
    dialled = _dialled_before if before else _dialled
    found = [(word, LookupKind.NAME) for word in names.split()]
    found += [(email.casefold(), LookupKind.EMAIL) for email in (customer.email,) if email]
    numbers = (
        (customer.phone, customer.phone_e164),
        (customer.mobile, customer.mobile_e164),
    )
    phones = {phone for typed, e164 in numbers if typed for phone in dialled(typed, e164)}
    found += [(phone, LookupKind.PHONE) for phone in sorted(phones) if phone]
    taxes = dict.fromkeys(tax.casefold() for tax in (customer.gstin, customer.pan) if tax)
    return found + [(tax, LookupKind.TAX) for tax in taxes]


def _dialled_before(typed: str | None, e164: str | None) -> Iterable[str]:
    """The digits of a phone: as typed, and with the country's code, else without it."""
    own = digits(typed or "")
    if e164 is None:
        return [own]
    return [digits(e164), own if own != digits(e164) else national_digits(e164)]


def _dialled(typed: str | None, e164: str | None) -> Iterable[str]:
    """The digits a phone is looked for by: those without the country's code, as typed.

    Whoever looks turns the others into these (`text.dialled_otherwise`); where they cannot be
    turned into what was typed, "00 44 20 …" say, there are both.
    """
    *international, own = _dialled_before(typed, e164)
    turned = dialled_otherwise(international[0], surely=True) if international else ()
    return [own] if own in turned else [*international, own]


def lookups(customer: Customer, *, before: bool = False) -> dict[str, Item]:
    """The customer's lookup items by sort key; none for a deleted one. `before`: see `tokens`."""
    name = all_names(customer)
    return {
        key["sk"]: {**key, "name": name}
        for token, kind in _tokens(customer, name, before=before)
        for key in [keys.lookup(customer.tenant, token, kind, customer.id)]
    }


def all_lookups(customer: Customer) -> dict[str, Item]:
    """Every lookup item that the customer, written at whatever time, may have."""
    return lookups(customer, before=True) | lookups(customer)
