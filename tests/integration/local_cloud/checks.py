"""What the local cloud must do as AWS does it, one check per mend; each leaves a server running."""

import base64
import json
import signal
import time
from typing import Any

from tests.integration.local_cloud.servers import Server, archive

RAISES = "import os\ndef handler(event, context):\n    raise ValueError('no ' + str(os.getpid()))\n"
DIES = "import os\ndef handler(event, context):\n    os.kill(os.getpid(), 9)\n"
QUIET = "def handler(event, context):\n    return 1\n"
TALKS = "def handler(event, context):\n    print('one')\n    print('two', end='')\n"
FINDS = """\
import importlib.util
def handler(event, context):
    return importlib.util.find_spec("hypercorn") is not None
"""
ANSWERS = """\
def handler(event, context):
    if event["rawPath"] == "/fails":
        raise KeyError("the secret")
    return {"statusCode": 204}
"""
WHERE = "import shared\ndef handler(event, context):\n    return shared.__file__\n"


def invoke(server: Server, function: str, **options: Any) -> dict[str, Any]:
    """The whole answer, with its payload read."""
    answer = server.client("lambda").invoke(FunctionName=function, Payload=b"{}", **options)
    return {**answer, "Payload": json.loads(answer["Payload"].read() or b"null")}


def exceptions_keep_their_class(server: Server) -> None:
    """Retry and Catch go by the name of the Python class, and the worker goes on."""
    function = server.function("raises", RAISES)
    first = invoke(server, "raises")["Payload"]
    assert first["errorType"] == "ValueError"
    assert invoke(server, "raises")["Payload"]["errorMessage"] == first["errorMessage"]

    definition = {
        "StartAt": "Try",
        "States": {
            "Try": {
                "Type": "Task",
                "Resource": function,
                "Catch": [{"ErrorEquals": ["ValueError"], "Next": "Caught"}],
                "End": True,
            },
            "Caught": {"Type": "Pass", "Result": "caught", "End": True},
        },
    }
    states = server.client("stepfunctions")
    machine = states.create_state_machine(
        name="tries",
        definition=json.dumps(definition),
        roleArn=server.role("tries-role", "lambda:InvokeFunction"),
    )["stateMachineArn"]
    execution = states.start_execution(stateMachineArn=machine)["executionArn"]
    ended = _ended(states, execution)
    assert (ended["status"], ended.get("output")) == ("SUCCEEDED", '"caught"')


def _ended(states: Any, execution: str) -> dict[str, Any]:
    for _ in range(200):
        described: dict[str, Any] = states.describe_execution(executionArn=execution)
        if described["status"] != "RUNNING":
            return described
        time.sleep(0.05)
    raise AssertionError("the execution does not end")


def a_killed_worker_is_an_exit_error(server: Server) -> None:
    """AWS calls it Runtime.ExitError."""
    server.function("dies", DIES)
    assert invoke(server, "dies")["Payload"]["errorType"] == "Runtime.ExitError"


def quiet_handlers_are_quick(server: Server) -> None:
    """Nothing waits for a log line that never comes."""
    server.function("quiet", QUIET)
    invoke(server, "quiet")
    took = []
    for _ in range(10):
        begin = time.perf_counter()
        invoke(server, "quiet")
        took.append(time.perf_counter() - begin)
    # The boto3 client alone takes half of it.
    assert min(took) < 0.045


def all_lines_are_logged(server: Server) -> None:
    """Everything printed is in the log, the last line without its end too, and nothing else."""
    server.function("talks", TALKS)
    lines = base64.b64decode(invoke(server, "talks", LogType="Tail")["LogResult"]).decode()
    assert "one\ntwo" in lines
    assert "end of invocation" not in lines


def functions_see_their_own_packages_only(server: Server) -> None:
    """A dependency missing from a layer is missing here too."""
    server.function("finds", FINDS)
    assert invoke(server, "finds")["Payload"] is False


def layers_are_shared(server: Server) -> None:
    """Two functions of one layer import from the same folder."""
    layer = server.client("lambda").publish_layer_version(
        LayerName="shared", Content={"ZipFile": archive({"python/shared.py": ""})}
    )["LayerVersionArn"]
    places = set()
    for name in ("left", "right"):
        server.function(name, WHERE, layers=(layer,))
        places.add(invoke(server, name)["Payload"])
    assert len(places) == 1


def layers_survive_a_restart(server: Server) -> None:
    """Their content is kept apart from the rest of the state, and found again."""
    layer = server.client("lambda").publish_layer_version(
        LayerName="kept", Content={"ZipFile": archive({"python/shared.py": "VALUE = 1"})}
    )["LayerVersionArn"]
    server.function("uses", WHERE, layers=(layer,))
    server.restart()
    assert invoke(server, "uses")["Payload"].endswith("shared.py")


def an_http_api_answers_as_on_aws(server: Server) -> None:
    """No body is no error, an exception leaks nothing, a preflight is answered."""
    import urllib.error
    import urllib.request

    function = server.function("answers", ANSWERS)
    reference = {"Ref": "Api"}
    resources = {
        "Api": {
            "Type": "AWS::ApiGatewayV2::Api",
            "Properties": {
                "Name": "checked",
                "ProtocolType": "HTTP",
                "CorsConfiguration": {
                    "AllowOrigins": ["https://app.example"],
                    "AllowMethods": ["GET"],
                },
                "Tags": {"ms-custom-id": "c0ffee00"},
            },
        },
        "Stage": {
            "Type": "AWS::ApiGatewayV2::Stage",
            "Properties": {"ApiId": reference, "StageName": "$default", "AutoDeploy": True},
        },
        "Integration": {
            "Type": "AWS::ApiGatewayV2::Integration",
            "Properties": {
                "ApiId": reference,
                "IntegrationType": "AWS_PROXY",
                "IntegrationUri": function,
                "PayloadFormatVersion": "2.0",
            },
        },
        "Route": {
            "Type": "AWS::ApiGatewayV2::Route",
            "Properties": {
                "ApiId": reference,
                "RouteKey": "GET /{proxy+}",
                "Target": {"Fn::Sub": "integrations/${Integration}"},
            },
        },
        "Permission": {
            "Type": "AWS::Lambda::Permission",
            "Properties": {
                "Action": "lambda:InvokeFunction",
                "FunctionName": function,
                "Principal": "apigateway.amazonaws.com",
            },
        },
    }
    formation = server.client("cloudformation")
    formation.create_stack(StackName="api", TemplateBody=json.dumps({"Resources": resources}))
    formation.get_waiter("stack_create_complete").wait(
        StackName="api", WaiterConfig={"Delay": 1, "MaxAttempts": 30}
    )

    def fetch(path: str, method: str = "GET", **headers: str) -> tuple[int, str, dict[str, str]]:
        request = urllib.request.Request(  # noqa: S310
            f"{server.url}/_aws/execute-api/c0ffee00{path}", method=method, headers=headers
        )
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:  # noqa: S310
                return answer.status, answer.read().decode(), dict(answer.headers)
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode(), dict(error.headers)

    assert fetch("/empty")[:2] == (204, "")
    assert fetch("/fails")[:2] == (500, '{"message":"Internal Server Error"}')
    status, _, headers = fetch(
        "/empty",
        "OPTIONS",
        **{"Origin": "https://app.example", "Access-Control-Request-Method": "GET"},
    )
    assert (status, headers.get("Access-Control-Allow-Origin")) == (204, "https://app.example")


def a_tls_only_bucket_lets_functions_in(server: Server) -> None:
    """The policy every bucket should have does not shut the functions out."""
    s3 = server.client("s3")
    s3.create_bucket(Bucket="tls-only")
    s3.put_object(Bucket="tls-only", Key="a", Body=b"1")
    refuses = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::tls-only", "arn:aws:s3:::tls-only/*"],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    s3.put_bucket_policy(
        Bucket="tls-only", Policy=json.dumps({"Version": "2012-10-17", "Statement": [refuses]})
    )
    reader = server.role("reader", "s3:GetObject")
    session = server.client("sts").assume_role(RoleArn=reader, RoleSessionName="check")
    keys = session["Credentials"]
    function = server.client(
        "s3",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    try:
        body = function.get_object(Bucket="tls-only", Key="a")["Body"].read()
    except function.exceptions.ClientError as error:
        raise AssertionError(str(error)) from error
    assert body == b"1"


def inserts_in_a_batch_are_allowed_as_such(server: Server) -> None:
    """Whoever may insert into a table by statements may do so for many at once."""
    table = server.client("dynamodb").create_table(
        TableName="claimed",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    assert table["TableDescription"]["TableName"] == "claimed"
    inserter = server.role("inserter", "dynamodb:PartiQLInsert")
    session = server.client("sts").assume_role(RoleArn=inserter, RoleSessionName="check")
    keys = session["Credentials"]
    function = server.client(
        "dynamodb",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    insert = {"Statement": "INSERT INTO \"claimed\" VALUE {'id': ?}", "Parameters": [{"S": "a"}]}
    try:
        first = function.batch_execute_statement(Statements=[insert])
        second = function.batch_execute_statement(Statements=[insert])
    except function.exceptions.ClientError as error:
        raise AssertionError(str(error)) from error
    assert "Error" not in first["Responses"][0]
    assert second["Responses"][0]["Error"]["Code"].startswith("DuplicateItem")


def groups_of_a_queue_do_not_wait_for_each_other(server: Server) -> None:
    """Two groups are worked on at once, and each in its order."""
    seen = server.folder / "worked"
    source = (
        "import time\n"
        "def note(what):\n"
        f"    with open({str(seen)!r}, 'a') as file:\n"
        "        file.write(what + '\\n')\n"
        "def handler(event, context):\n"
        "    [record] = event['Records']\n"
        "    note('begin ' + record['body'])\n"
        "    time.sleep(2)\n"
        "    note('end ' + record['body'])\n"
    )
    sqs = server.client("sqs")
    url = sqs.create_queue(
        QueueName="groups.fifo",
        Attributes={"FifoQueue": "true", "ContentBasedDeduplication": "true"},
    )["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]
    server.function("works", source, "sqs:*")
    server.client("lambda").create_event_source_mapping(
        FunctionName="works", EventSourceArn=arn["QueueArn"], BatchSize=1
    )
    for group, body in (("a", "a1"), ("a", "a2"), ("b", "b1")):
        sqs.send_message(QueueUrl=url, MessageGroupId=group, MessageBody=body)
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        lines = seen.read_text().splitlines() if seen.exists() else []
        if len(lines) == 6:
            break
        time.sleep(0.1)
    assert lines.index("begin b1") < lines.index("end a1") < lines.index("begin a2")


def a_stream_goes_on_after_a_restart(server: Server) -> None:
    """What is written after a restart is delivered, and so is what waited during it."""
    seen = server.folder / "seen"
    source = (
        "def handler(event, context):\n"
        f"    with open({str(seen)!r}, 'a') as file:\n"
        "        for record in event['Records']:\n"
        "            file.write(record['dynamodb']['Keys']['id']['S'] + '\\n')\n"
    )
    table = server.client("dynamodb").create_table(
        TableName="streamed",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
    )["TableDescription"]
    server.function("watches", source, "dynamodb:*")
    mapping = server.client("lambda").create_event_source_mapping(
        FunctionName="watches",
        EventSourceArn=table["LatestStreamArn"],
        StartingPosition="TRIM_HORIZON",
    )["UUID"]
    for name in ("a", "b", "c"):
        _put(server, "streamed", name)
    assert _delivered(seen, {"a", "b", "c"})

    server.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=False)
    time.sleep(1)
    _put(server, "streamed", "while disabled")
    server.restart()
    server.client("lambda").update_event_source_mapping(UUID=mapping, Enabled=True)
    _put(server, "streamed", "after")
    assert _delivered(seen, {"a", "b", "c", "while disabled", "after"})


def _put(server: Server, table: str, name: str) -> None:
    server.client("dynamodb").put_item(TableName=table, Item={"id": {"S": name}})


def _delivered(seen: Any, wanted: set[str]) -> bool:
    deadline = time.monotonic() + 6
    while time.monotonic() < deadline:
        if seen.exists() and set(seen.read_text().splitlines()) == wanted:
            return True
        time.sleep(0.1)
    return False


def a_crash_loses_little(server: Server) -> None:
    """What was written some seconds before ``kill -9`` is there afterwards."""
    dynamodb = server.client("dynamodb")
    dynamodb.create_table(
        TableName="kept",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
    )
    _put(server, "kept", "before")
    time.sleep(5)
    server.restart(signal.SIGKILL)
    client = server.client("dynamodb")
    assert client.list_tables()["TableNames"].count("kept") == 1
    assert "Item" in client.get_item(TableName="kept", Key={"id": {"S": "before"}})


def conditions_are_read_once(server: Server) -> None:
    """A page of a large partition costs its items, not its items times the parser."""
    dynamodb = server.client("dynamodb")
    dynamodb.create_table(
        TableName="large",
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "sk", "AttributeType": "S"},
        ],
        KeySchema=[
            {"AttributeName": "pk", "KeyType": "HASH"},
            {"AttributeName": "sk", "KeyType": "RANGE"},
        ],
    )
    for begin in range(0, 4000, 25):
        dynamodb.batch_write_item(
            RequestItems={
                "large": [
                    {"PutRequest": {"Item": {"pk": {"S": "one"}, "sk": {"S": f"row#{number:05}"}}}}
                    for number in range(begin, begin + 25)
                ]
            }
        )

    def page(condition: str, values: dict[str, str], **options: Any) -> list[str]:
        found = dynamodb.query(
            TableName="large",
            KeyConditionExpression=condition,
            ExpressionAttributeValues={name: {"S": value} for name, value in values.items()},
            Limit=3,
            **options,
        )
        return [item["sk"]["S"] for item in found["Items"]]

    pk = {":pk": "one"}
    assert page("pk = :pk AND sk > :a", {**pk, ":a": "row#00010"})[0] == "row#00011"
    assert page("pk = :pk AND sk <= :a", {**pk, ":a": "row#00001"}) == ["row#00000", "row#00001"]
    assert page("pk = :pk AND begins_with(sk, :a)", {**pk, ":a": "row#0399"})[0] == "row#03990"
    assert page(
        "pk = :pk AND sk BETWEEN :a AND :b", {**pk, ":a": "row#00005", ":b": "row#00006"}
    ) == ["row#00005", "row#00006"]
    assert page(
        "#p = :pk AND sk < :a",
        {**pk, ":a": "row#00003", ":f": "row#00001"},
        ExpressionAttributeNames={"#p": "pk", "#s": "sk"},
        FilterExpression="#s <> :f OR attribute_not_exists(#p)",
    ) == ["row#00000", "row#00002"]
    begin = time.perf_counter()
    for _ in range(5):
        page("pk = :pk AND begins_with(sk, :a)", {**pk, ":a": "row#03"})
    each = (time.perf_counter() - begin) / 5
    # 20 ms here; parsing the condition 4000 times takes 80.
    assert each < 0.05, f"{each * 1000:.0f} ms a page"


def a_user_writes_what_the_client_may(server: Server) -> None:
    """An attribute that is not among the client's own stays as it is."""
    cognito = server.client("cognito-idp")
    pool = cognito.create_user_pool(
        PoolName="people", Schema=[{"Name": "role", "AttributeDataType": "String"}]
    )["UserPool"]["Id"]
    client = cognito.create_user_pool_client(
        UserPoolId=pool,
        ClientName="app",
        WriteAttributes=["name"],
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH"],
    )["UserPoolClient"]["ClientId"]
    role = [{"Name": "custom:role", "Value": "viewer"}]
    cognito.admin_create_user(UserPoolId=pool, Username="olga", UserAttributes=role)
    cognito.admin_set_user_password(
        UserPoolId=pool, Username="olga", Password="Correct-horse-1", Permanent=True
    )
    token = cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": "olga", "PASSWORD": "Correct-horse-1"},
    )["AuthenticationResult"]["AccessToken"]
    cognito.update_user_attributes(
        AccessToken=token, UserAttributes=[{"Name": "name", "Value": "Olga"}]
    )
    try:
        cognito.update_user_attributes(
            AccessToken=token, UserAttributes=[{"Name": "custom:role", "Value": "admin"}]
        )
    except cognito.exceptions.NotAuthorizedException:
        return
    raise AssertionError("a user wrote its own role")
