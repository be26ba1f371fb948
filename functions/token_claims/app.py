"""Cognito pre-token-generation (V2_0): the user's company and rights go into both tokens, flat."""

from typing import Any

_CLAIMS = {"custom:tenant": "tenant", "custom:role": "role", "custom:modules": "modules"}


def lambda_handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Add the claims `tenant` and `role`, without which a token opens nothing, and `modules`."""
    attributes = event["request"]["userAttributes"]
    claims = {claim: attributes[name] for name, claim in _CLAIMS.items() if name in attributes}
    both = {"claimsToAddOrOverride": claims}
    event["response"] = {
        "claimsAndScopeOverrideDetails": {"idTokenGeneration": both, "accessTokenGeneration": both}
    }
    return event
