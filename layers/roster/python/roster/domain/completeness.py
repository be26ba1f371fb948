"""How much of what is useful to know about a customer is known."""

from roster.domain.customer import Customer

# What each is worth; the sum is 100. A name is always there.
_WORTH = {
    "display_name": 20,
    "email": 15,
    "phone": 15,
    "billing_address": 15,
    "person": 10,
    "website": 5,
    "tax": 10,
    "payment_term_id": 5,
    "billing_contact": 5,
}


def completeness(customer: Customer) -> int:
    """From 0 to 100, by the fields of the record itself; either of two phones will do."""
    known = {
        "phone": customer.phone or customer.mobile,
        "billing_address": customer.billing_address or customer.billing_same_as_service,
        "person": customer.full_name or customer.first_name or customer.last_name,
        "tax": customer.gstin or customer.pan or customer.tax_rate_id,
    }
    return sum(
        worth
        for name, worth in _WORTH.items()
        if (known[name] if name in known else getattr(customer, name))
    )
