"""Where QuickBooks tells of changes. Public: the signature says that it is QuickBooks."""

from aws_lambda_powertools.event_handler.router import APIGatewayHttpRouter
from pydantic import BaseModel

from roster import bootstrap
from roster.adapters.quickbooks import webhooks
from roster.bootstrap import quickbooks
from roster.domain.errors import Unauthenticated
from roster.runtime import observability
from roster.usecases.quickbooks.hearing import hear

router = APIGatewayHttpRouter()


class HeardOut(BaseModel):
    """How many of the notices were news."""

    heard: int


@router.post("/v1/quickbooks/webhook", tags=["quickbooks"])
def webhook() -> HeardOut:
    """Take QuickBooks' notices, in either of their shapes; answered before anything is read."""
    event = router.current_event
    body = (event.body or "").encode()
    verifier = quickbooks.webhook_verifier()
    signature = event.headers.get("intuit-signature", "")
    if not verifier or not webhooks.is_genuine(body, signature, verifier):
        observability.count("WebhooksRefused")
        raise Unauthenticated("the signature is not QuickBooks'", code="bad_signature")
    notices = webhooks.read_notices(body)
    heard = hear(notices, hints=quickbooks.hints(), clock=bootstrap.clock)
    observability.count("WebhookNotices", heard)
    return HeardOut(heard=heard)
