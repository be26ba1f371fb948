"""Promises of infra/template.yaml that neither cfn-lint nor the local cloud looks at."""

import ast
import inspect
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from roster.runtime import settings
from tests.support.functions import PUBLIC, Function, functions, routes, shared_variables
from tests.support.template import ROOT, properties, resources, template

# First words of the paths below /v1, by the function that answers them.
FAMILIES = {
    "customers_api": {
        "customers", "locations", "duplicates", "merges", "docs", "openapi.json",
    },
    "exports_api": {"exports"},
    "papers_api": {"customers"},
    "records_api": {
        "customers", "tasks", "jobs", "quotes", "invoices", "payments", "projects", "assets",
        "reports",
    },
    "settings_api": {"settings", "tax-rates", "payment-terms", "items", "me"},
    "imports_api": {"imports"},
    "quickbooks_api": {"quickbooks"},
}  # fmt: skip
NAMES = re.compile(r"[a-z]+_[a-z]+")
# These services know no resources for some of what a function must do with them.
WITHOUT_RESOURCES = ("xray:", "logs:")

FUNCTIONS = functions()
API_FUNCTIONS = [f for f in FUNCTIONS if f.folder.endswith("_api")]
each_function = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.folder)
each_api = pytest.mark.parametrize("function", API_FUNCTIONS, ids=lambda f: f.folder)


def _walk(node: object) -> Iterator[tuple[str, Any]]:
    """(key, value) of every mapping below."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield key, value
            yield from _walk(value)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_every_folder_with_a_handler_is_a_function_and_back() -> None:
    folders = {app.parent.name for app in (ROOT / "functions").glob("*/app.py")}
    assert folders == {f.folder for f in FUNCTIONS}


@each_function
def test_a_function_is_built_and_called_by_the_name_of_its_folder(function: Function) -> None:
    assert NAMES.fullmatch(function.folder)
    assert function.properties["CodeUri"] == f"../functions/{function.folder}"
    assert function.handler == f"functions.{function.folder}.app.lambda_handler"
    built = template()["Resources"][function.logical_id]["Metadata"]["BuildProperties"]
    assert built == {
        "ParentPackageMode": "explicit",
        "ParentPackages": f"functions.{function.folder}",
    }


def _models() -> dict[str, set[str]]:
    """The variables of each settings model."""
    return {
        name: {field.upper() for field in model.model_fields}
        for name, model in inspect.getmembers(settings, inspect.isclass)
        if issubclass(model, settings.EnvironmentSettings)
        and model is not settings.EnvironmentSettings
    }


def test_every_variable_is_a_field_of_a_settings_model_and_back() -> None:
    set_by_template = set().union(*(f.variables for f in FUNCTIONS))
    assert set_by_template == set().union(*_models().values())


BOOTSTRAP = ROOT / "layers/roster/python/roster/bootstrap"
# What a family's builders are called by: those of `__init__` by the package's name.
WIRINGS = {("bootstrap" if p.stem == "__init__" else p.stem): p for p in BOOTSTRAP.glob("*.py")}


class _Reads(ast.NodeVisitor):
    """Names after a family's name and `settings.` in some code, and plain names."""

    def __init__(self) -> None:
        self.built: set[tuple[str, str]] = set()
        self.models: set[str] = set()
        self.names: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        if isinstance(node.value, ast.Name):
            if node.value.id in WIRINGS:
                self.built.add((node.value.id, node.attr))
            elif node.value.id == "settings" and node.attr in _models():
                self.models.add(node.attr)
        self.generic_visit(node)

    def visit_Name(self, node: ast.Name) -> None:
        self.names.add(node.id)


def _reads(*sources: ast.AST) -> _Reads:
    found = _Reads()
    for source in sources:
        found.visit(source)
    return found


def _models_read(folder: str) -> set[str]:
    """The settings models a function's code reads, through the composition root or directly."""
    builders = {
        (family, node.name): _reads(node)
        for family, path in WIRINGS.items()
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef)
    }
    own = [ast.parse(p.read_text()) for p in (ROOT / "functions" / folder).glob("*.py")]
    start = _reads(*own)
    models, todo, seen = set(start.models), list(start.built), set()
    while todo:
        builder = todo.pop()
        if builder in builders and builder not in seen:
            seen.add(builder)
            found = builders[builder]
            models |= found.models
            todo += [*found.built, *((builder[0], name) for name in found.names)]
    return models


@each_function
def test_a_function_is_given_what_it_reads_and_nothing_else(function: Function) -> None:
    models = _models()
    read = set().union(*(models[name] for name in _models_read(function.folder)), set())
    assert function.variables == read | shared_variables()


def _statements(holder: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for policy in _listed(holder.get("Policies", [])):
        assert isinstance(policy, dict), f"a managed policy: {policy}"
        assert "Statement" in policy, f"a policy template: {policy}"
        yield from _listed(policy["Statement"])


def _holders() -> dict[str, dict[str, Any]]:
    kinds = ("AWS::Serverless::Function", "AWS::Serverless::StateMachine")
    found = {n: r["Properties"] for kind in kinds for n, r in resources(kind).items()}
    for name, role in resources("AWS::IAM::Role").items():
        assert not role["Properties"].get("ManagedPolicyArns"), name
        documents = [p["PolicyDocument"] for p in role["Properties"].get("Policies", [])]
        found[name] = {"Policies": documents}
    return found


@pytest.mark.parametrize("name", _holders())
def test_rights_name_their_actions_and_resources(name: str) -> None:
    for statement in _statements(_holders()[name]):
        assert statement["Effect"] == "Allow"
        assert "NotAction" not in statement
        assert "NotResource" not in statement
        actions = _listed(statement["Action"])
        assert not [a for a in actions if "*" in a], actions
        if "*" in _listed(statement["Resource"]):
            assert all(a.startswith(WITHOUT_RESOURCES) for a in actions), actions


def test_no_function_shares_a_role() -> None:
    roles = [str(f.properties["Role"]) for f in FUNCTIONS if "Role" in f.properties]
    assert len(roles) == len(set(roles))
    assert "Role" not in template()["Globals"]["Function"]


@pytest.mark.parametrize("name", resources("AWS::S3::Bucket"))
def test_buckets_are_closed_and_encrypted(name: str) -> None:
    bucket = properties(name)
    assert bucket["PublicAccessBlockConfiguration"] == {
        "BlockPublicAcls": True,
        "BlockPublicPolicy": True,
        "IgnorePublicAcls": True,
        "RestrictPublicBuckets": True,
    }
    (rule,) = bucket["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"]["SSEAlgorithm"] in ("AES256", "aws:kms")
    assert bucket["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    denials = [
        statement
        for policy in resources("AWS::S3::BucketPolicy").values()
        if policy["Properties"]["Bucket"] == {"Ref": name}
        for statement in policy["Properties"]["PolicyDocument"]["Statement"]
        if statement["Effect"] == "Deny"
    ]
    assert [s["Condition"] for s in denials] == [{"Bool": {"aws:SecureTransport": "false"}}]


@pytest.mark.parametrize("name", ["ImportsBucket", "DocumentsBucket"])
def test_web_pages_may_send_what_a_form_was_signed_for(name: str) -> None:
    (rule,) = properties(name)["CorsConfiguration"]["CorsRules"]
    assert "POST" in rule["AllowedMethods"]
    assert rule["AllowedOrigins"] == [{"Ref": "CorsOrigin"}]


def test_the_business_table_can_be_restored_followed_and_forgets() -> None:
    table = properties("BusinessTable")
    assert table["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}
    assert table["StreamSpecification"] == {"StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert table["TimeToLiveSpecification"] == {"AttributeName": "ttl", "Enabled": True}


def test_customers_and_users_are_not_deleted_by_a_slip() -> None:
    assert properties("BusinessTable")["DeletionProtectionEnabled"] is True
    assert properties("UserPool")["DeletionProtection"] == "ACTIVE"


@pytest.mark.parametrize("name", resources("AWS::DynamoDB::Table"))
def test_tables_are_encrypted_and_pay_per_request(name: str) -> None:
    assert properties(name)["SSESpecification"] == {"SSEEnabled": True}
    assert properties(name)["BillingMode"] == "PAY_PER_REQUEST"


KEPT = ("BusinessTable", "UserPool", *resources("AWS::S3::Bucket"))


@pytest.mark.parametrize("name", KEPT)
def test_what_cannot_be_made_again_survives_the_stack(name: str) -> None:
    resource = template()["Resources"][name]
    assert (resource["DeletionPolicy"], resource["UpdateReplacePolicy"]) == ("Retain", "Retain")


@pytest.mark.parametrize("name", resources("AWS::Logs::LogGroup"))
def test_logs_are_not_kept_for_ever(name: str) -> None:
    assert properties(name)["RetentionInDays"] in range(7, 366)


def test_every_function_logs_json_into_a_group_of_ours() -> None:
    logging = template()["Globals"]["Function"]["LoggingConfig"]
    assert logging["LogFormat"] == "JSON"
    assert logging["LogGroup"]["Ref"] in resources("AWS::Logs::LogGroup")
    assert not [f.folder for f in FUNCTIONS if "LoggingConfig" in f.properties]


_PARKING = {"deadLetterTargetArn", "DeadLetterConfig", "DeadLetterQueue", "OnFailure"}


def _parking_queues() -> set[str]:
    """Queues that hold what could not be handled."""
    queues = resources("AWS::SQS::Queue")
    found = set()
    for key, value in _walk(template()["Resources"]):
        if key not in _PARKING:
            continue
        text = str(value)
        found |= {name for name in queues if re.search(rf"'{name}\.Arn'", text)}
    return found


def test_every_queue_of_failures_has_an_alarm_that_tells_somebody() -> None:
    assert _parking_queues(), "there is at least the one of the table's stream"
    watched = {
        dimension["Value"]["Fn::GetAtt"].split(".")[0]
        for alarm in resources("AWS::CloudWatch::Alarm").values()
        if alarm["Properties"]["MetricName"] == "ApproximateNumberOfMessagesVisible"
        and alarm["Properties"]["Threshold"] == 0
        and alarm["Properties"]["AlarmActions"]
        for dimension in alarm["Properties"]["Dimensions"]
    }
    assert _parking_queues() <= watched


def test_alarms_can_reach_whoever_listens() -> None:
    # The key that AWS manages for SNS lets no alarm in, and what is lost so is lost without a word.
    for topic in resources("AWS::SNS::Topic").values():
        key, _, _ = topic["Properties"]["KmsMasterKeyId"]["Fn::GetAtt"].partition(".")
        lets_in = [
            set(_listed(statement["Action"]))
            for statement in properties(key)["KeyPolicy"]["Statement"]
            if statement["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
        ]
        assert lets_in == [{"kms:Decrypt", "kms:GenerateDataKey*"}]


@pytest.mark.parametrize("name", resources("AWS::SQS::Queue"))
def test_queues_are_encrypted_and_give_up_on_poison(name: str) -> None:
    queue = properties(name)
    assert queue.get("SqsManagedSseEnabled") or queue.get("KmsMasterKeyId")
    if name not in _parking_queues():
        assert queue["RedrivePolicy"]["maxReceiveCount"] >= 2


def test_users_cannot_write_their_own_tenant_role_or_modules() -> None:
    for name in resources("AWS::Cognito::UserPoolClient"):
        writable = properties(name)["WriteAttributes"]
        assert writable
        assert not {"custom:tenant", "custom:role", "custom:modules"} & set(writable)


@pytest.mark.parametrize("name", resources("AWS::ApiGatewayV2::Route"))
def test_a_token_is_needed_but_for_the_public_routes(name: str) -> None:
    route = properties(name)
    if route["RouteKey"] in PUBLIC:
        assert route["AuthorizationType"] == "NONE"
    else:
        assert route["AuthorizationType"] == "JWT"
        assert route["AuthorizerId"]["Ref"] in resources("AWS::ApiGatewayV2::Authorizer")


def _specificity(key: str) -> tuple[object, ...]:
    """Sorts route keys as API Gateway prefers them: literal, variable, greedy; method, ANY."""
    method, _, path = key.partition(" ")
    parts = path.strip("/").split("/")
    kinds = [2 if p.endswith("+}") else 1 if p.startswith("{") else 0 for p in parts]
    return (2 in kinds, [*kinds, -1] if 2 not in kinds else kinds, -len(parts), method == "ANY")


def _matches(key: str, method: str, path: str) -> bool:
    wanted, _, pattern = key.partition(" ")
    form = re.sub(r"\\{\w+\\\+\\}", ".+", re.escape(pattern))
    form = re.sub(r"\\{\w+\\}", "[^/]+", form)
    return wanted in ("ANY", method) and re.fullmatch(form, path) is not None


def _destination(method: str, path: str) -> tuple[str, str] | None:
    """(route key, logical id of the function) that API Gateway sends a request to."""
    keys = {r["Properties"]["RouteKey"]: r for r in resources("AWS::ApiGatewayV2::Route").values()}
    fitting = sorted((k for k in keys if _matches(k, method, path)), key=_specificity)
    if not fitting:
        return None
    target = keys[fitting[0]]["Properties"]["Target"]["Fn::Sub"]
    integration = properties(re.fullmatch(r"integrations/\$\{(\w+)\}", target)[1])  # type: ignore[index]
    return fitting[0], integration["IntegrationUri"]["Fn::GetAtt"].removesuffix(".Arn")


def test_the_more_specific_route_is_preferred() -> None:
    keys = ["ANY /a/{proxy+}", "ANY /a/{id}/b", "GET /a/{id}/b", "ANY /a/c/{proxy+}", "ANY /a/c"]
    assert sorted(keys, key=_specificity) == [
        "ANY /a/c", "GET /a/{id}/b", "ANY /a/{id}/b", "ANY /a/c/{proxy+}", "ANY /a/{proxy+}",
    ]  # fmt: skip
    assert _matches("ANY /a/{proxy+}", "GET", "/a/b/c")
    assert not _matches("ANY /a/{id}", "GET", "/a/b/c")
    assert not _matches("GET /a", "POST", "/a")


@each_api
def test_every_route_of_a_function_is_reached_through_the_gateway(function: Function) -> None:
    answered = routes(function.folder)
    assert answered
    for method, path in answered:
        example = re.sub(r"<\w+>", "x1", path)
        found = _destination(method, example)
        assert found is not None, f"no route leads to {method} {path}"
        key, destination = found
        assert destination == function.logical_id, f"{method} {path} goes to {destination}"
        is_public = f"{method} {path}" in PUBLIC
        assert (key in PUBLIC) == is_public, f"{method} {path} is behind {key}"


@each_api
def test_a_function_answers_for_its_own_family(function: Function) -> None:
    words = {path.split("/")[2] for _, path in routes(function.folder)}
    assert words <= FAMILIES[function.folder]
    assert all(path.startswith("/v1/") for _, path in routes(function.folder))


@each_api
def test_the_gateway_may_call_the_function(function: Function) -> None:
    callers = [
        p["Properties"]["Principal"]
        for p in resources("AWS::Lambda::Permission").values()
        if p["Properties"]["FunctionName"] == {"Ref": function.logical_id}
    ]
    assert "apigateway.amazonaws.com" in callers


def test_every_integration_is_used_and_leads_to_an_api_function() -> None:
    used = {
        r["Properties"]["Target"]["Fn::Sub"] for r in resources("AWS::ApiGatewayV2::Route").values()
    }
    made = {f"integrations/${{{name}}}" for name in resources("AWS::ApiGatewayV2::Integration")}
    assert used == made


def test_what_the_template_reads_from_files_is_there() -> None:
    for key, value in _walk(template()["Resources"]):
        if key in ("CodeUri", "ContentUri", "DefinitionUri"):
            assert (Path(ROOT / "infra") / str(value)).exists(), value


def test_every_alarm_has_its_place_in_the_runbook() -> None:
    runbook = (ROOT / "docs/runbook.md").read_text()
    alarms = resources("AWS::CloudWatch::Alarm")
    assert len(alarms) > 5
    assert [name for name in alarms if f"**{name}**" not in runbook] == []


def test_the_dashboard_shows_what_there_is() -> None:
    """Its body is JSON once the references are filled in, and they are resources of ours."""
    (dashboard,) = resources("AWS::CloudWatch::Dashboard").values()
    body = dashboard["Properties"]["DashboardBody"]["Fn::Sub"]
    names = {match.split(".")[0] for match in re.findall(r"\$\{([^}]+)\}", body)}
    known = set(template()["Resources"]) | {"AWS::Region", "AWS::StackName"}
    assert names <= known
    widgets = json.loads(re.sub(r"\$\{[^}]+\}", "x", body))["widgets"]
    assert len(widgets) == 8
