"""What QuickBooks says when it refuses, in the words seen on its wire."""

from __future__ import annotations

from typing import Any

_INACTIVE = (
    "Something you're trying to use has been made inactive. Check the fields with accounts, "
    "customers, items, vendors or employees."
)
# Jackson, which reads the bodies on Intuit's side, cuts its list of known properties here.
_JACKSON_LIMIT = 1000


class ServiceFault(Exception):
    """A refusal by the accounting service: `{"Fault": {"Error": [...], "type": ...}}`.

    `timed` is False for the few faults that carry no `time`.
    """

    def __init__(
        self,
        code: str,
        message: str,
        detail: str,
        *,
        element: str | None = None,
        status: int = 400,
        kind: str = "ValidationFault",
        timed: bool = True,
    ) -> None:
        super().__init__(f"{code} {message}: {detail}")
        self.code, self.message, self.detail = code, message, detail
        self.element, self.status, self.kind, self.timed = element, status, kind, timed

    def error(self) -> dict[str, Any]:
        """Return the one entry of `Fault.Error`."""
        error = {"Message": self.message, "Detail": self.detail, "code": self.code}
        return error if self.element is None else error | {"element": self.element}

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; `ServiceFault(**…)` is the way back."""
        names = ("code", "message", "detail", "element", "status", "kind", "timed")
        return {name: getattr(self, name) for name in names}


class GatewayFault(Exception):
    """A refusal by the gateway in front of the service: lower-case keys, `time` in milliseconds."""

    def __init__(self, status: int, code: str, name: str, kind: str, detail: str | None) -> None:
        super().__init__(f"{status} {code} {name}")
        self.status, self.code, self.kind, self.detail = status, code, kind, detail
        self.message = f"message={name}; errorCode={int(code):06d}; statusCode={status}"


def token_rejected(detail: str) -> GatewayFault:
    """401: the bearer token is missing, malformed, expired or revoked."""
    return GatewayFault(401, "3200", "AuthenticationFailed", "AUTHENTICATION", detail)


def wrong_realm() -> GatewayFault:
    """403: the token belongs to another company."""
    return GatewayFault(403, "3100", "ApplicationAuthorizationFailed", "SERVICE", None)


def throttled() -> GatewayFault:
    """429: too many requests for this company."""
    detail = "The request limit was reached.  Try again later"
    return GatewayFault(429, "3001", "ThrottleExceeded", "SERVICE", detail)


def unsupported(operation: str) -> ServiceFault:
    """Code 500 in an HTTP 400, as captured: no such resource or operation."""
    return ServiceFault("500", "Unsupported Operation", f"Operation {operation} is not supported.")


def no_resource(path: str, query: str) -> ServiceFault:
    """Code 500: the path leads nowhere."""
    full = path + (f"?{query}" if query else "")
    return unsupported(
        f"Could not find resource for relative : {path} of full path: "
        f"https://c50.sandbox.qbo.intuit.com/qbo50{full}"
    )


def not_found() -> ServiceFault:
    """610: no such object, or it is inactive where an active one is needed."""
    return ServiceFault("610", "Object Not Found", f"Object Not Found : {_INACTIVE}", element="")


def bad_reference() -> ServiceFault:
    """2500: a `…Ref` names an object that is missing or inactive."""
    return ServiceFault(
        "2500", "Invalid Reference Id", f"Invalid Reference Id : {_INACTIVE}", element=""
    )


def invalid_id(value: object) -> ServiceFault:
    """2030: the Id is no whole number."""
    detail = f"Id should be a valid number. Supplied value:{value}"
    return ServiceFault("2030", "Invalid ID", detail, element="Id", timed=False)


def unreadable(reason: str) -> ServiceFault:
    """2010: the body is not the JSON the entity wants."""
    return ServiceFault(
        "2010",
        "Request has invalid or unsupported property",
        f"Property Name:{reason} specified is unsupported or invalid",
    )


def unknown_property(name: str, entity: str, known: tuple[str, ...]) -> ServiceFault:
    """2010 for a field the entity does not have; the Detail lists some that it has."""
    listed = f" ({len(known)} known properties: "
    for number, property_name in enumerate(known):
        listed += f'"{property_name}"'
        if len(listed) > _JACKSON_LIMIT:
            listed += " [truncated]"
            break
        if number < len(known) - 1:
            listed += ", "
    schema = f"com.intuit.schema.finance.v3.{entity}"
    return unreadable(
        f'Unrecognized field "{name}" (class {schema}), not marked as ignorable{listed}])\n'
    )


def missing(name: str) -> ServiceFault:
    """2020: a required parameter is absent."""
    return ServiceFault(
        "2020",
        "Required param missing, need to supply the required value for the API",
        f"Required parameter {name} is missing in the request",
        element=name,
    )


def illegal_characters(name: str, value: str) -> ServiceFault:
    """2040: a name holds a colon, a tab or a line break."""
    return ServiceFault(
        "2040",
        "Invalid String. The String may contain unsupported or illegal chars",
        f"Element contains invalid characters. {value}",
        element=name,
    )


def wrong_length(name: str, limit: int, supplied: int) -> ServiceFault:
    """2050: longer than the field takes."""
    return ServiceFault(
        "2050",
        "String length is either shorter or longer than supported by specification",
        "String length specified does not match the supported length. "
        f"Min:0 Max:{limit:,} supported. Supplied length: {supplied:,}",
        element=name,
    )


def wrong_type(name: str, wanted: str, value: object) -> ServiceFault:
    """2080: a number or a boolean was expected."""
    detail = f"{name} should be a valid {wanted}. Supplied value:{value}"
    return ServiceFault("2080", f"Illegal {wanted} format", detail, element=name)


def out_of_range(name: str, low: float, high: float, value: object) -> ServiceFault:
    """2090: a number outside what the field takes."""
    detail = f"{name} must be between {low:g} and {high:g}. Supplied value:{value}"
    return ServiceFault("2090", "Invalid Number", detail, element=name)


def wrong_choice(name: str, value: object) -> ServiceFault:
    """2170: not one of the values the field knows."""
    return ServiceFault(
        "2170", "Invalid Enumeration", f"Invalid Enumeration : {value}", element=name
    )


def bad_email(name: str) -> ServiceFault:
    """2210: not an e-mail address."""
    return ServiceFault(
        "2210",
        "Invalid Email Address format",
        "Email Address does not conform to the syntax rules of RFC 822.",
        element=name,
    )


def query_syntax(detail: str) -> ServiceFault:
    """4000: the query does not parse."""
    return ServiceFault("4000", "Error parsing query", f"QueryParserError: {detail}")


def query_invalid(detail: str) -> ServiceFault:
    """4001: the query parses but asks for something impossible."""
    return ServiceFault("4001", "Invalid query", f"QueryValidationError: {detail}")


def stale(editor: str) -> ServiceFault:
    """5010: the SyncToken is not the current one."""
    detail = (
        f"Stale Object Error : You and {editor} were working on this at the same time. "
        f"{editor} finished before you did, so your work was not saved."
    )
    return ServiceFault("5010", "Stale Object Error", detail, element="")


def business(detail: str, message: str | None = None) -> ServiceFault:
    """6000: a rule of the business forbids it."""
    default = "A business validation error has occurred while processing your request"
    return ServiceFault("6000", message or default, detail, element="")


def books_closed() -> ServiceFault:
    """6000: the transaction's day lies in a closed period."""
    return business(
        "Business Validation Error: The account period has closed and the account books cannot "
        "be updated through the API. Please contact your company admin."
    )


def wrong_amount(supplied: object) -> ServiceFault:
    """6070: a line's Amount is not UnitPrice times Qty."""
    return ServiceFault(
        "6070",
        "Amount calculation incorrect in the request",
        f"Amount is not equal to UnitPrice * Qty. Supplied value:{supplied}",
        element="Amount",
    )


def duplicate_number(number: str) -> ServiceFault:
    """6140: another transaction of the kind has this DocNumber."""
    return ServiceFault(
        "6140",
        "Duplicate Document Number Error",
        "Duplicate Document Number Error : You must specify a different number. This number has "
        f"already been used. DocNumber={number}",
        element="",
    )


def subscription_ended() -> ServiceFault:
    """6190: nobody pays for this company any more."""
    return ServiceFault(
        "6190",
        "Invalid Company Status",
        "Subscription period has ended or cancelled or there was a billing problem : You can't "
        "add data to QuickBooks Online Plus because your trial or subscription period ended.",
    )


def no_name() -> ServiceFault:
    """6080: neither DisplayName nor any part of a name."""
    return ServiceFault(
        "6080",
        "No Name Provided",
        "Title, GivenName, MiddleName, FamilyName, DisplayName, Suffix - "
        "one of these must be non-empty",
    )


def parent_mismatch() -> ServiceFault:
    """6150: `Job` and `ParentRef` do not agree."""
    return ServiceFault(
        "6150",
        "ParentRef Required Error",
        "ParentRef is either required or not if Job is true or false.",
        element="Job",
    )


def duplicate_name(tail: str) -> ServiceFault:
    """6240: the name is taken; `tail` is `Id=58`, `null` or a sentence."""
    detail = f"The name supplied already exists. : {tail}"
    return ServiceFault("6240", "Duplicate Name Exists Error", detail)
