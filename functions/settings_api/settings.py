"""Who calls, and what their company has set."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter

from functions.settings_api.schemas import Me, SettingsOut, SettingsPatch
from roster import bootstrap
from roster.runtime.callers import ADMIN, VIEWER, Module, caller
from roster.usecases import settings as usecases

router = APIGatewayHttpRouter()


@router.get("/v1/me", middlewares=VIEWER, tags=["settings"])
def me() -> Me:
    """The company, role and name behind the token, and which modules they may open."""
    who = caller(router)
    return Me.model_validate(
        {
            "tenant": who.tenant,
            "role": who.role.name.lower(),
            "user": who.user,
            "modules": [{"name": m, "available": m in who.modules} for m in Module],
        }
    )


@router.get("/v1/settings", middlewares=VIEWER, tags=["settings"])
def read_settings() -> SettingsOut:
    """What the company has set."""
    who = caller(router)
    found = usecases.read_settings(who.tenant, settings=bootstrap.company_settings())
    return SettingsOut.of(*found)


@router.patch("/v1/settings", middlewares=ADMIN, tags=["settings"])
def edit_settings(body: SettingsPatch) -> SettingsOut:
    """Set some of it by merge patch; for administrators."""
    who = caller(router)
    values = body.values()
    found = usecases.edit_settings(who.tenant, values, settings=bootstrap.company_settings())
    return SettingsOut.of(*found)
