"""Fences: how far is far, what a vague point says, and what a row of points comes to."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roster.domain.geofence import (
    Crossing,
    Fence,
    Fix,
    Side,
    crossings,
    distance_m,
    fence_of,
    side_of,
)
from roster.domain.location import Address, Location, Position, PositionSource

AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TULSA = (36.15398, -95.99277)
FENCE = Fence(*TULSA, radius_m=150, accuracy_m=25)
METRE = 1 / 111_195

degrees = st.tuples(st.floats(-90, 90), st.floats(-180, 180))
moments = st.integers(0, 10_000).map(lambda s: AT + timedelta(seconds=s))
tracks = st.dictionaries(moments, st.sampled_from(Side), max_size=40)


def at(metres: float, accuracy_m: float = 0.0) -> Fix:
    return Fix("van", AT, TULSA[0] + metres * METRE, TULSA[1], accuracy_m)


@pytest.mark.parametrize(
    ("one", "two", "metres"),
    [
        ((0.0, 0.0), (0.0, 0.0), 0),
        ((0.0, 0.0), (0.0, 1.0), 111_195),
        ((0.0, 179.5), (0.0, -179.5), 111_195),
        ((90.0, 0.0), (90.0, 77.0), 0),
        ((0.0, 0.0), (0.0, 180.0), 20_015_115),
        ((36.15398, -95.99277), (30.26715, -97.74306), 674_000),
    ],
)
def test_distances(one: tuple[float, float], two: tuple[float, float], metres: float) -> None:
    assert distance_m(*one, *two) == pytest.approx(metres, rel=0.005, abs=0.01)


@given(degrees, degrees)
def test_a_distance_is_the_same_both_ways(
    one: tuple[float, float], two: tuple[float, float]
) -> None:
    away = distance_m(*one, *two)
    assert 0 <= away <= 20_015_200
    assert away == pytest.approx(distance_m(*two, *one), rel=1e-6, abs=0.001)


@pytest.mark.parametrize(
    ("fix", "side"),
    [
        (at(0), Side.INSIDE),
        (at(149), Side.INSIDE),
        (at(151), Side.OUTSIDE),
        (at(160, 20), None),
        (at(171, 20), Side.OUTSIDE),
        (at(0, 151), None),
        (at(900, 400), Side.OUTSIDE),
        (at(500, 400), None),
    ],
)
def test_a_vague_point_decides_nothing(fix: Fix, side: Side | None) -> None:
    assert side_of(FENCE, fix) is side


def test_a_fence_is_never_narrower_than_its_centre_is_vague() -> None:
    vague = Fence(*TULSA, radius_m=150, accuracy_m=3000)
    assert (vague.reach_m, vague.approximate) == (3000, True)
    assert (FENCE.reach_m, FENCE.approximate) == (150, False)
    assert side_of(vague, at(2000)) is Side.INSIDE
    assert side_of(vague, at(3100)) is Side.OUTSIDE


def test_a_location_that_nobody_found_has_no_fence() -> None:
    nowhere = Location(id="loc_1", customer_id="cus_1", address=Address())
    assert fence_of(nowhere) is None
    place = Position(
        latitude=1.0, longitude=2.0, accuracy_m=25, source=PositionSource.AMAZON_LOCATION
    )
    there = Location(
        id="loc_1", customer_id="cus_1", address=Address(), position=place, radius_m=500
    )
    assert fence_of(there) == Fence(1.0, 2.0, 500, 25)


@given(tracks)
def test_entries_and_exits_alternate(track: dict[datetime, Side]) -> None:
    found = list(crossings(None, track.items()))
    assert [kind for _, kind in found] == [
        (Crossing.ENTRY, Crossing.EXIT)[i % 2] for i in range(len(found))
    ]
    assert [moment for moment, _ in found] == sorted({moment for moment, _ in found})


@given(tracks, st.randoms(use_true_random=False))
def test_order_and_repetition_do_not_matter(track: dict[datetime, Side], random: object) -> None:
    points = list(track.items())
    mixed = points + points[: len(points) // 2]
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert list(crossings(None, mixed)) == list(crossings(None, points))


@given(tracks, st.integers(0, 40))
def test_a_track_may_come_in_two_parts(track: dict[datetime, Side], cut: int) -> None:
    points = sorted(track.items())
    first, second = points[:cut], points[cut:]
    before = first[-1][1] if first else None
    apart = [*crossings(None, first), *crossings(before, second)]
    assert apart == list(crossings(None, points))
