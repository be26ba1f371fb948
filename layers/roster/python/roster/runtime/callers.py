"""Who calls: tenant and role come from the token's claims and from nowhere else."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Protocol

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.middlewares import BaseMiddlewareHandler
from aws_lambda_powertools.utilities.data_classes import APIGatewayProxyEventV2

from roster.domain.errors import Forbidden
from roster.domain.events import Actor

# A company's name is a part of every key and of object paths: nothing in it may part them.
_TENANT = re.compile(r"[a-z0-9][a-z0-9-]{0,62}\Z")


class HasEvent(Protocol):
    """A resolver or a router: whatever holds the current request."""

    current_event: APIGatewayProxyEventV2


class Role(IntEnum):
    """Each role may do what the ones before it may."""

    VIEWER = 1
    OFFICE = 2
    ADMIN = 3


@dataclass(frozen=True, slots=True)
class Caller:
    """The company and the person behind a request."""

    tenant: str
    role: Role
    user: str

    @property
    def actor(self) -> Actor:
        """The caller as the history names them."""
        return Actor(self.user)


def caller(app: HasEvent) -> Caller:
    """The caller of this request; raises Forbidden when the token names no company or role."""
    claims = _claims(app)
    tenant, role = claims.get("tenant"), claims.get("role")
    if not isinstance(tenant, str) or not _TENANT.match(tenant):
        raise Forbidden("the token names no company", code="no_tenant")
    if not isinstance(role, str) or role.upper() not in Role.__members__:
        raise Forbidden("the token names no role", code="no_role")
    user = claims.get("username") or claims.get("cognito:username") or claims.get("sub") or ""
    return Caller(tenant=tenant, role=Role[role.upper()], user=str(user))


def _claims(app: HasEvent) -> dict[str, Any]:
    authorizer = app.current_event.request_context.get("authorizer") or {}
    return (authorizer.get("jwt") or {}).get("claims") or {}


class AtLeast(BaseMiddlewareHandler[APIGatewayHttpResolver]):
    """A route's middleware that lets only this role and those above it in."""

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

    def check(self, app: HasEvent) -> None:
        """Raise Forbidden for a caller of a lesser role."""
        if caller(app).role < self.role:
            raise Forbidden(f"this needs the role {self.role.name.lower()}", code="role")


type Middlewares = list[Callable[..., Any]]
VIEWER: Middlewares = [AtLeast(Role.VIEWER)]
OFFICE: Middlewares = [AtLeast(Role.OFFICE)]
ADMIN: Middlewares = [AtLeast(Role.ADMIN)]
