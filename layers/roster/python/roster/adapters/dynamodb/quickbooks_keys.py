"""The keys of the sync with QuickBooks; `keys` has the map of the whole table."""

from roster.adapters.dynamodb.keys import Key


def connection(tenant: str) -> Key:
    """The company's connection to QuickBooks, with its sealed tokens."""
    return Key(pk=f"{tenant}#Q", sk="CONNECTION")


def settings(tenant: str) -> Key:
    """How the company's sync goes."""
    return Key(pk=f"{tenant}#Q", sk="SETTINGS")


def link(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """What is remembered of one QuickBooks record."""
    return Key(pk=f"{tenant}#Q#{realm}#LINK", sk=quickbooks_id)


def waiting(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """The mark of a QuickBooks job whose parent is not here."""
    return Key(pk=f"{tenant}#Q#{realm}#WAITING", sk=quickbooks_id)


def other(tenant: str, realm: str, entity: str, side: str, entity_id: str) -> Key:
    """What is remembered of an item, invoice or payment, by its id on that side."""
    return Key(pk=f"{tenant}#Q#{realm}#OTHER#{entity}", sk=f"{side}#{entity_id}")


def mapping(tenant: str, realm: str) -> Key:
    """What was chosen for all QuickBooks customers that have no relationship."""
    return Key(pk=f"{tenant}#Q#{realm}", sk="MAPPING")


def draft(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """What was chosen for a QuickBooks customer and is not saved yet."""
    return Key(pk=f"{tenant}#Q#{realm}#DRAFT", sk=quickbooks_id)


def decision(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """What was chosen for a QuickBooks customer and saved."""
    return Key(pk=f"{tenant}#Q#{realm}#DECISION", sk=quickbooks_id)


def decided(tenant: str, realm: str, quickbooks_id: str) -> Key:
    """The mark of a decision that no run has carried out yet."""
    return Key(pk=f"{tenant}#Q#{realm}#DECIDED", sk=quickbooks_id)


def owed(tenant: str, realm: str, customer_id: str) -> Key:
    """The mark of a customer that the next push is to look at."""
    return Key(pk=f"{tenant}#Q#{realm}#OWED", sk=customer_id)


def likely(tenant: str, realm: str, customer_id: str, quickbooks_id: str) -> Key:
    """The mark of a customer that a QuickBooks record without one may be, under another name."""
    return Key(pk=f"{tenant}#Q#{realm}#LIKELY", sk=f"{customer_id}#{quickbooks_id}")


def outbox(tenant: str, realm: str) -> Key:
    """The batch of writes that QuickBooks has not answered yet."""
    return Key(pk=f"{tenant}#Q#{realm}", sk="OUTBOX")


def name(tenant: str, realm: str, folded: str, kind: str, quickbooks_id: str) -> Key:
    """Who has a name in QuickBooks; names by `folded` are found by their prefix."""
    return Key(pk=f"{tenant}#Q#{realm}#NAME", sk=f"{folded}#{kind}#{quickbooks_id}")


def listed(tenant: str, realm: str, kind: str, quickbooks_id: str) -> Key:
    """A vendor or an employee as it was listed last."""
    return Key(pk=f"{tenant}#Q#{realm}#LISTED", sk=f"{kind}#{quickbooks_id}")


def wanted(tenant: str, realm: str, folded: str, customer_id: str) -> Key:
    """A customer here that cannot go to QuickBooks while somebody has its name there."""
    return Key(pk=f"{tenant}#Q#{realm}#WANTED", sk=f"{folded}#{customer_id}")


def conflict(tenant: str, realm: str, quickbooks_id: str, field: str) -> Key:
    """A field that was edited on both sides."""
    return Key(pk=f"{tenant}#Q#{realm}#CONFLICT", sk=f"{quickbooks_id}#{field}")


def meter(tenant: str, month: str) -> Key:
    """What was read of QuickBooks in a month (2026-11)."""
    return Key(pk=f"{tenant}#Q", sk=f"METER#{month}")


def run(tenant: str, run_id: str) -> Key:
    """One run of the sync; a company's runs are in the order of time."""
    return Key(pk=f"{tenant}#Q#RUN", sk=run_id)


def row(tenant: str, run_id: str, position: str) -> Key:
    """One line of a run's report."""
    return Key(pk=f"{tenant}#Q#RUN#{run_id}", sk=position)


def rehearsed(tenant: str, run_id: str, kind: str, name: str) -> Key:
    """Something as it would be after a run that only plans."""
    return Key(pk=f"{tenant}#Q#RUN#{run_id}#DRY", sk=f"{kind}#{name}")


def due(tenant: str) -> Key:
    """When the company's connection is due: all companies in one small partition."""
    return Key(pk="Q#DUE", sk=tenant)


def realm(realm: str, tenant: str) -> Key:
    """A company that is connected to this QuickBooks company: a webhook names nothing else."""
    return Key(pk=f"Q#REALM#{realm}", sk=tenant)


def merge(tenant: str, realm: str, loser: str) -> Key:
    """That a QuickBooks customer was merged into another there."""
    return Key(pk=f"{tenant}#Q#{realm}#MERGED", sk=loser)


def state(state_hash: str) -> Key:
    """An authorization that was begun; who comes back with its state has no token yet."""
    return Key(pk=f"Q#STATE#{state_hash}", sk="STATE")
