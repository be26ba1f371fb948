"""Countries and states by code: what somebody typed stays, its code is looked up beside it."""

from functools import cache

from roster.domain.text import fold


def country_code(typed: str | None) -> str | None:
    """The ISO 3166 alpha-2 code of a country as somebody wrote it; None where it is not known."""
    return _countries().get(fold(typed)) if typed else None


def state_code(typed: str | None, country: str | None) -> str | None:
    """The code of a state, province or territory (US, CA, AU, IN); None where it is not known.

    Without a country every list is asked, the United States first: all but three old codes of
    India mean the same in every list that has them.
    """
    if not typed:
        return None
    wanted = fold(typed)
    if country:
        return _states().get(country_code(country) or "", {}).get(wanted)
    return next((found[wanted] for found in _states().values() if wanted in found), None)


@cache
def _countries() -> dict[str, str]:
    # Here, for most requests ask for none.
    from roster.domain.place_names import COUNTRIES, COUNTRY_ALIASES

    return _by_name(COUNTRIES, COUNTRY_ALIASES)


@cache
def _states() -> dict[str, dict[str, str]]:
    from roster.domain.place_names import STATE_ALIASES, STATES

    return {country: _by_name(listed, STATE_ALIASES[country]) for country, listed in STATES.items()}


def _by_name(listed: str, aliases: dict[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for entry in listed.replace("\n", " ").split(";"):
        code, _, name = entry.strip().partition(" ")
        if code:
            found[fold(code)] = found[fold(name)] = code
            found[fold(name.replace("&", "and"))] = code
            found[fold(name.replace("Saint ", "St "))] = code
    for code, others in aliases.items():
        found |= {fold(other): code for other in others.split(";")}
    return found
