"""Addresses by Amazon Location (`geo-places`), asked for results that may be kept."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from roster.domain.errors import FieldError, Invalid, Unavailable
from roster.domain.location import Address, Position, PositionSource

# Amazon names no metres. A point address is a roof or an entrance; an interpolated one is
# reckoned from the numbers at the two ends of its block.
_ACCURACY_M = {"PointAddress": 25, "SecondaryAddress": 25, "InterpolatedAddress": 100}
_GOOD_SCORE = 0.9


class AmazonLocation:
    """Implements `part_ports.Geocoder`."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def locate(self, address: Address) -> Position:
        """The position of the address itself; a street or a town that resembles it is none."""
        parts = (address.street, address.city, address.state, address.zip, address.country or "USA")
        try:
            answer = self._client.geocode(
                QueryText=", ".join(part for part in parts if part),
                MaxResults=1,
                # Results of the default, SingleUse, may not be stored.
                IntendedUse="Storage",
            )
        except (ClientError, BotoCoreError) as error:
            raise Unavailable("the geocoder does not answer", code="geocoder") from error
        for found in answer.get("ResultItems", []):
            score = found.get("MatchScores", {}).get("Overall", 0.0)
            accuracy = _ACCURACY_M.get(found.get("PlaceType", ""))
            if accuracy and score >= _GOOD_SCORE:
                longitude, latitude = found["Position"]
                return Position(
                    latitude=latitude,
                    longitude=longitude,
                    accuracy_m=accuracy,
                    source=PositionSource.AMAZON_LOCATION,
                )
        raise Invalid([FieldError("/street", "address_not_found", "no map knows this address")])
