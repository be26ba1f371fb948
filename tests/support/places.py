"""Addresses the tests serve customers at, and an Amazon Location that knows what it is told."""

from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from roster.bootstrap import parts

TULSA = {"street": "1 Fair Rd", "city": "Tulsa", "state": "OK", "zip": "74103"}
AUSTIN = {"street": "500 Main St", "city": "Austin", "state": "TX", "zip": "78701"}
TULSA_POSITION = (36.15398, -95.99277)


def found(
    latitude: float = TULSA_POSITION[0],
    longitude: float = TULSA_POSITION[1],
    *,
    kind: str = "PointAddress",
    score: float = 1.0,
) -> dict[str, Any]:
    """One result of Amazon Location, the shape the service documents."""
    return {
        "PlaceId": "p1",
        "PlaceType": kind,
        "Title": "1 Fair Rd, Tulsa, OK 74103, United States",
        "Position": [longitude, latitude],
        "MatchScores": {"Overall": score},
    }


def use_amazon_location(monkeypatch: pytest.MonkeyPatch, *results: dict[str, Any]) -> Stubber:
    """Let addresses be found by Amazon Location, which answers each question with one result."""
    client = boto3.client("geo-places", region_name="us-east-1")
    stub = Stubber(client)
    for result in results:
        stub.add_response(
            "geocode",
            {"PricingBucket": "Stored", "ResultItems": [result] if result else []},
            {"QueryText": ANY, "MaxResults": 1, "IntendedUse": "Storage"},
        )
    stub.activate()
    monkeypatch.setenv("GEOCODER", "amazon_location")
    monkeypatch.setattr(parts, "geo_places", lambda: client)
    return stub
