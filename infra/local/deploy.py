"""``sam deploy`` of the built template, unchanged, onto the local cloud."""

import hashlib
import json
from typing import Any

import yaml
from botocore.exceptions import ClientError

from infra.local import aws
from infra.local.build import BUILT_TEMPLATE, fingerprint, sam
from infra.local.home import CannotRunError, Home

STACK = "roster"
# samconfig.toml's environment "local" names it too.
ARTIFACTS_BUCKET = "roster-local-artifacts"
_READY = {"CREATE_COMPLETE", "UPDATE_COMPLETE", "UPDATE_ROLLBACK_COMPLETE"}


class _Template(yaml.SafeLoader):
    """Reads a template as data: ``!Ref`` and its like become their bare values."""


def _bare(loader: yaml.SafeLoader, _tag: str, node: yaml.Node) -> Any:
    if isinstance(node, yaml.ScalarNode):
        return loader.construct_scalar(node)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    raise CannotRunError(f"infra/template.yaml holds something that is no YAML value: {node}")


_Template.add_multi_constructor("!", _bare)


def template() -> dict[str, Any]:
    """The built template as plain data."""
    # A SafeLoader with one more constructor, which makes nothing but plain values.
    loaded: dict[str, Any] = yaml.load(BUILT_TEMPLATE.read_text(), Loader=_Template)  # noqa: S506
    return loaded


def deploy(home: Home) -> bool:
    """Deploy unless exactly this is deployed; whether there was anything to do."""
    parameters = _parameters(home)
    stamp = home.state / "deployed-from"
    made_from = hashlib.sha256(
        json.dumps([fingerprint(), parameters, home.port]).encode()
    ).hexdigest()
    if stamp.exists() and stamp.read_text() == made_from and _is_deployed(home):
        return False
    stamp.unlink(missing_ok=True)
    # Made here rather than by --resolve-s3, which deploys a stack of its own first.
    aws.s3(home).create_bucket(Bucket=ARTIFACTS_BUCKET)
    sam(
        home,
        "deploy",
        "--config-env",
        "local",
        "--no-fail-on-empty-changeset",
        *(["--parameter-overrides", *parameters] if parameters else []),
        log=home.logs / "deploy.log",
    )
    stamp.write_text(made_from)
    return True


def outputs(home: Home) -> dict[str, str]:
    """The stack's outputs by name."""
    try:
        answer = (
            aws.session()
            .client("cloudformation", endpoint_url=home.endpoint)
            .describe_stacks(StackName=STACK)
        )
    except ClientError as error:
        raise CannotRunError("nothing is deployed yet: run 'make up'") from error
    except OSError as error:
        raise CannotRunError("the local cloud does not run: start it with 'make up'") from error
    found = answer["Stacks"][0].get("Outputs", [])
    return {output["OutputKey"]: output["OutputValue"] for output in found}


def api_url(home: Home) -> str:
    """The API's base address, without ``/v1`` and without a slash at its end."""
    return f"{home.endpoint}/_aws/execute-api/{_api_id()}"


def _api_id() -> str:
    # The tag means nothing on AWS; here it pins the id, so the address survives every deploy.
    for resource in template()["Resources"].values():
        if resource["Type"] == "AWS::ApiGatewayV2::Api":
            return str(resource["Properties"]["Tags"]["ms-custom-id"])
    raise CannotRunError("infra/template.yaml has no AWS::ApiGatewayV2::Api")


def _parameters(home: Home) -> list[str]:
    """What differs here from AWS, for the parameters the template has."""
    known = {
        "QuickBooksDiscoveryUrl": f"{home.standin_url}/.well-known/openid_sandbox_configuration",
        "QuickBooksApiUrl": home.standin_url,
        "QuickBooksRedirectUrl": f"{api_url(home)}/v1/quickbooks/callback",
        "Mailer": "mailbox",
        "MailboxFolder": str(home.mailbox),
    }
    declared = template().get("Parameters", {})
    return [f"{name}={value}" for name, value in known.items() if name in declared]


def _is_deployed(home: Home) -> bool:
    client = aws.session().client("cloudformation", endpoint_url=home.endpoint)
    try:
        stack = client.describe_stacks(StackName=STACK)["Stacks"][0]
    except ClientError:
        return False
    return stack["StackStatus"] in _READY
