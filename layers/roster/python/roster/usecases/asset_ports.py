"""What the use cases of assets need from the outside."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from roster.domain.activities import Activity
from roster.domain.asset import Asset, AssetChange
from roster.domain.counts import Counts
from roster.domain.customer import Customer
from roster.usecases.merging import Step
from roster.usecases.ports import Page
from roster.usecases.record_ports import Records


class Relation(StrEnum):
    """What an asset is to a customer: its own, at one of its locations, or either."""

    OWNED = "owned"
    ON_LOCATION = "on_location"
    ALL = "all"


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many assets more or less (`by`) stand at a location of a customer's partition."""

    customer_id: str
    location_id: str
    by: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AssetStep:
    """A change of an asset with all that follows: figures, histories, what must hold.

    `before` is None for a new asset, `after` for one that goes; `living` are customers to look at.
    """

    before: Asset | None
    after: Asset | None
    entry: AssetChange
    heads: Sequence[Step]
    living: Sequence[Customer]
    counts: Sequence[Counts]
    places: Sequence[Standing]
    told: Sequence[Activity]

    @property
    def asset(self) -> Asset:
        """The asset as it is after the step, or as it was last."""
        asset = self.after or self.before
        if asset is None:
            raise ValueError("a step needs an asset")
        return asset


class Assets(Records[Asset], Protocol):
    """Assets, each with its owner and listed where it is."""

    def placed(self, tenant: str, owners: Sequence[str], asset_id: str) -> Asset | None:
        """The asset, whoever owns it, if it is at a location of one of the owners."""

    def related(
        self,
        tenant: str,
        owners: Sequence[str],
        relation: Relation,
        *,
        limit: int,
        after: str | None,
        keeps: Callable[[Asset], bool],
    ) -> Page[Asset]:
        """The assets that are so related to the owners, each once, newest first."""

    def commit(self, step: AssetStep, *, request_key: str | None = None) -> Asset:
        """Write the step whole, or raise StaleVersion where something of it moved meanwhile.

        With `request_key` it happens once: the same key again returns the first asset.
        """

    def changes(
        self, tenant: str, asset_id: str, *, limit: int, after: str | None
    ) -> Page[AssetChange]:
        """What became of the asset, newest first."""
