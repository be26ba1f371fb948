"""Who calls: tenant, role and modules come from the token's claims and from nowhere else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntEnum, StrEnum
from typing import Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from roster.domain.errors import Forbidden
from roster.domain.events import Actor
from roster.domain.tenant import is_tenant


class HasEvent(Protocol):
    """A resolver or a router: whatever holds the current request."""

    current_event: APIGatewayProxyEventV2


class Role(IntEnum):
    """Each role may do what the ones before it may."""

    VIEWER = 1
    OFFICE = 2
    ADMIN = 3


class Module(StrEnum):
    """The parts of Roster that a user may have or lack."""

    CUSTOMERS = "customers"
    IMPORTS = "imports"
    QUICKBOOKS = "quickbooks"
    SETTINGS = "settings"
    MONEY = "money"
    WORK = "work"


type Modules = frozenset[Module]
ALL_MODULES: Modules = frozenset(Module)

# By the first word of a route's path after the version: any one of these modules opens it.
_FAMILIES: Mapping[str, Modules] = {
    **dict.fromkeys(
        ("customers", "duplicates", "merges", "locations", "exports", "reports"),
        frozenset({Module.CUSTOMERS}),
    ),
    "imports": frozenset({Module.IMPORTS}),
    "quickbooks": frozenset({Module.QUICKBOOKS}),
    **dict.fromkeys(
        ("settings", "tax-rates", "payment-terms", "items"), frozenset({Module.SETTINGS})
    ),
    **dict.fromkeys(("quotes", "invoices", "payments", "standing"), frozenset({Module.MONEY})),
    **dict.fromkeys(("tasks", "jobs", "projects", "assets"), frozenset({Module.WORK})),
}
# What the forms of these modules pick from can be read by who may fill them in.
_PICKED_FROM = ("settings", "tax-rates", "payment-terms", "items")
_PICKING: Modules = frozenset({Module.SETTINGS, Module.CUSTOMERS, Module.MONEY})
# Who somebody is, anybody may ask about themselves.
_OPEN_TO_ALL = ("me",)


def modules_for(method: str, path: str) -> tuple[Modules, ...]:
    """What opens a route (its path as declared, "/v1/customers/<id>"): one of each set is needed.

    A customer's quotes need the customers and the money. Nobody may open a route that is in no
    family: it has to be added here first.
    """
    family, *rest = path.removeprefix("/v1/").split("/")
    if family in _OPEN_TO_ALL:
        return ()
    if method == "GET" and family in _PICKED_FROM:
        return (_PICKING,)
    own = _FAMILIES.get(family, frozenset())
    # /customers/<id>/<part>, /customers/<id>/archive/<part>
    below = rest[1:] if family == "customers" else []
    parts = (_FAMILIES[word] for word in below if word in _FAMILIES)
    return tuple(dict.fromkeys((own, *parts)))


def modules_of_family(family: str) -> tuple[Modules, ...]:
    """What opens records of a customer by their word in paths ("quotes"); of others, nothing."""
    return (_FAMILIES[family],) if family in _FAMILIES else ()


@dataclass(frozen=True, slots=True)
class Caller:
    """The company and the person behind a request."""

    tenant: str
    role: Role
    user: str
    modules: Modules = ALL_MODULES

    @property
    def actor(self) -> Actor:
        """The caller as the history names them."""
        return Actor(self.user)


def caller(app: HasEvent) -> Caller:
    """The caller of this request; raises Forbidden when the token names no company or role."""
    claims = _claims(app)
    tenant, role = claims.get("tenant"), claims.get("role")
    if not isinstance(tenant, str) or not is_tenant(tenant):
        raise Forbidden("the token names no company", code="no_tenant")
    if not isinstance(role, str) or role.upper() not in Role.__members__:
        raise Forbidden("the token names no role", code="no_role")
    user = claims.get("username") or claims.get("cognito:username") or claims.get("sub") or ""
    return Caller(
        tenant=tenant,
        role=Role[role.upper()],
        user=str(user),
        modules=_modules(claims.get("modules")),
    )


def _modules(claim: Any) -> Modules:
    """The modules a claim names, separated by commas: all for none, and what is unknown opens none.

    A claim that is there and not understood is no reason to let anybody in.
    """
    if claim is None or claim == "":
        return ALL_MODULES
    named = {name.strip().casefold() for name in str(claim).split(",")}
    return frozenset(module for module in Module if module in named)


def _claims(app: HasEvent) -> dict[str, Any]:
    authorizer = app.current_event.request_context.get("authorizer") or {}
    return (authorizer.get("jwt") or {}).get("claims") or {}


class AtLeast(BaseMiddlewareHandler[APIGatewayHttpResolver]):
    """A route's middleware: who has the route's modules, and this role or one above it, may in."""

    def __init__(self, role: Role) -> None:
        super().__init__()
        self.role = role

    def handler(
        self, app: APIGatewayHttpResolver, next_middleware: Callable[..., Any]
    ) -> Response[Any]:
        """Go on, or raise Forbidden."""
        self.check(app)
        answer: Response[Any] = next_middleware(app)
        return answer

    def check(self, app: APIGatewayHttpResolver) -> None:
        """Raise Forbidden for a caller without the route's modules, or of a lesser role."""
        who, route = caller(app), app.context["_route"]
        for one_of in modules_for(route.method, route.path):
            if not one_of & who.modules:
                names = " or ".join(sorted(one_of))
                raise Forbidden(f"this needs the module {names}", code="module")
        if who.role < self.role:
            raise Forbidden(f"this needs the role {self.role.name.lower()}", code="role")


type Middlewares = list[Callable[..., Any]]
VIEWER: Middlewares = [AtLeast(Role.VIEWER)]
OFFICE: Middlewares = [AtLeast(Role.OFFICE)]
ADMIN: Middlewares = [AtLeast(Role.ADMIN)]
