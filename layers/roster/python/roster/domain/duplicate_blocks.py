"""Which customers are compared at all: those that share a key few others have."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

from roster.domain.duplicate_facts import Facts

# A key that more customers share says little, and comparing them all would cost the square.
BLOCK_CAP = 60
_NAME_WORDS, _PHONE_TAIL, _SOUNDS = 4, 7, 4


@lru_cache(maxsize=65536)
def sound(word: str) -> str:
    """How a word begins to sound: what is misspelt mostly sounds the same."""
    import jellyfish

    return jellyfish.metaphone(word)[:_SOUNDS] or word


def block_keys(one: Facts) -> set[str]:
    """The keys under which a customer meets those that may be the same: some 8 to 16."""
    keys = {f"e:{e}" for e in one.emails} | {f"p:{p[-_PHONE_TAIL:]}" for p in one.phones}
    keys |= {f"b:{one.born}"} if one.born else set()
    keys |= {f"x:{one.extra}"} if one.extra else set()
    sounds = [sound(word) for word in one.name[:_NAME_WORDS]]
    street = sound(max(one.street, key=len)) if one.street else ""
    unit = sound(max(one.unit, key=len)) if one.unit else ""
    city = sound(max(one.city, key=len)) if one.city else ""
    keys |= {f"n:{'|'.join(sorted(pair))}" for pair in combinations(sounds, 2)}
    if len(one.name) == 1:
        keys.add(f"n:{one.name[0]}")
    places = {"z": one.zip, "h": one.house, "s": street, "u": unit, "c": city}
    known = [kind + place for kind, place in places.items() if place]
    keys |= {f"{sound}|{place}" for sound in sounds[:3] for place in known}
    keys |= {"|".join(pair) for pair in combinations(known, 2)}
    return keys


def candidate_pairs(records: Sequence[Facts]) -> Iterator[tuple[int, int]]:
    """Positions of those to be compared, each pair once."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for at, record in enumerate(records):
        for key in block_keys(record):
            blocks[key].append(at)
    sharing = [block for block in blocks.values() if 1 < len(block) <= BLOCK_CAP]
    del blocks
    return iter(_distinct(sharing))


def _distinct(blocks: Iterable[list[int]]) -> list[tuple[int, int]]:
    return sorted({pair for block in blocks for pair in combinations(block, 2)})
