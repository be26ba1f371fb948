"""A user writes only the attributes the client may write.

Unmended: any user with a token makes itself an admin of another company.
"""

from typing import Any

from ministack.services import cognito


def apply() -> None:
    """Refuse what the client of the token has no right to write, as Cognito does."""
    update = cognito._update_user_attributes

    def mended(data: dict[str, Any]) -> Any:
        claims = cognito._token_claims(data.get("AccessToken", ""))
        _, pool = cognito._user_pool_for_access_token(data.get("AccessToken", ""))
        client = (pool or {}).get("_clients", {}).get(claims.get("client_id"), {})
        allowed = client.get("WriteAttributes")
        wanted = {attribute["Name"] for attribute in data.get("UserAttributes", [])}
        if allowed and not wanted.issubset(allowed):
            return cognito.error_response_json(
                "NotAuthorizedException",
                "A client attempted to write unauthorized attribute",
                400,
            )
        return update(data)

    cognito._update_user_attributes = mended
