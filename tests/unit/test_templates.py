"""What cfn-lint does not see: one template for every partition, and templates that agree with the code."""

from __future__ import annotations

import ast
import re
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any

import pytest
import yaml
from openapi_spec_validator import OpenAPIV30SpecValidator, validate

from local.template import document
from local.template.stacks import sources
from storage.bulk_files import put_headers
from storage.history import TTL_S
from storage.revocations import KEPT_S
from tests.schemas import definitions
from tools.functions import functions
from tools.imports import closure

ROOT = Path(__file__).resolve().parents[2]
STACKS = dict(sources(ROOT))
DISTRIBUTIONS = packages_distributions()
TEMPLATES = {name: document.load(path) for name, path in STACKS.items()}
FUNCTIONS = {function.logical: function for function in functions(ROOT)}
MAX_LINES = 700

ELSEWHERE = {
    "a partition": r"arn:aws(-[a-z]+)*:",
    "a URL suffix": r"amazonaws\.com(\.cn)?",
    "a region": r"\b(us|eu|ap|sa|ca|me|af|il|mx|cn)-(gov-)?(north|south|east|west|central)+-\d\b",
    "an account": r"(?<![\w.])\d{12}(?![\w.])",
}
# A service's name: the same in every partition.
SERVICE = re.compile(r"(?<![\w.-])[a-z0-9]+\.amazonaws\.com(?!\.)(?=[\s,}\]]|$)")
PUBLIC = {"POST /v1/session"} | {  # the password or the key is the credential
    f"{method} /v1/devices/{{key}}/{app}"
    for app in ("background-geolocation", "gpslogger", "overland", "owntracks", "traccar")
    for method in (("GET", "POST") if app == "gpslogger" else ("POST",))
}
ANY_RESOURCE = {"dynamodb:ListStreams", "kinesis:ListStreams"}  # actions that know no resource
SET_FOR_ALL = {"POWERTOOLS_SERVICE_NAME"}  # Powertools reads its own
SHORT_LIVED = {"ConnectionsTable", "RevocationsTable"}


def openapi_of(stack: str) -> Path:
    """The definition that the stack's HTTP API includes."""
    body = TEMPLATES[stack]["Resources"]["HttpApi"]["Properties"]["DefinitionBody"]
    assert body["Fn::Transform"]["Name"] == "AWS::Include"
    return STACKS[stack].parent / body["Fn::Transform"]["Parameters"]["Location"]


def definition(stack: str) -> dict[str, Any]:
    return definitions()[str(openapi_of(stack).relative_to(ROOT))]


def of_type(stack: str, kind: str) -> dict[str, Any]:
    resources = TEMPLATES[stack]["Resources"]
    return {name: resource for name, resource in resources.items() if resource["Type"] == kind}


def operations(stack: str) -> dict[str, tuple[dict[str, Any], list[Any] | None]]:
    """`POST /v1/uploads` → its definition and its own security; the file's top is not relied on."""
    api = definition(stack)
    return {
        f"{method.upper()} {path}": (operation, operation.get("security"))
        for path, methods in api["paths"].items()
        for method, operation in methods.items()
        if method in {"get", "post", "put", "patch", "delete"}
    }


def documents() -> list[Path]:
    return [*STACKS.values(), *(openapi_of(stack) for stack in STACKS)]


def statements(stack: str) -> list[tuple[str, dict[str, Any]]]:
    return [
        (logical, statement)
        for logical, function in of_type(stack, "AWS::Serverless::Function").items()
        for policy in function["Properties"].get("Policies", [])
        for statement in policy["Statement"]
    ]


def listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def tied(what: str, line: str) -> bool:
    return re.search(ELSEWHERE[what], SERVICE.sub("", line)) is not None


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
@pytest.mark.parametrize("what", ELSEWHERE)
def test_nothing_ties_a_template_to_one_place(path, what) -> None:
    lines = enumerate(path.read_text().splitlines(), 1)
    found = [f"{number}: {line}" for number, line in lines if tied(what, line)]
    assert not found, f"{path.relative_to(ROOT)} names {what}"


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a partition", "Resource: arn:aws:s3:::bucket/*"),
        ("a partition", 'Resource: !Sub "arn:aws-cn:lambda:${AWS::Region}"'),
        ("a URL suffix", 'Value: !Sub "https://${Api}.execute-api.${AWS::Region}.amazonaws.com"'),
        ("a URL suffix", "Principal: lambda.amazonaws.com.cn"),
        ("a region", "Region: ap-southeast-1"),
        ("a region", "Region: cn-north-1"),
        ("an account", "arn:${AWS::Partition}:iam::123456789012:root"),
    ],
)
def test_what_ties_a_template_is_seen(what, line) -> None:
    assert tied(what, line)


@pytest.mark.parametrize("path", documents(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_anchors_and_aliases(path) -> None:
    """CloudFormation refuses aliases in what `AWS::Include` brings in."""
    events = yaml.parse(path.read_text(), yaml.SafeLoader)
    assert not [event for event in events if getattr(event, "anchor", None)]


@pytest.mark.parametrize("stack", STACKS)
def test_a_definition_is_openapi_3_0(stack) -> None:
    """HTTP APIs import 3.0, not 3.1."""
    validate(definition(stack), cls=OpenAPIV30SpecValidator)


@pytest.mark.parametrize("stack", STACKS)
def test_an_included_definition_has_no_short_forms(stack) -> None:
    """`AWS::Include` takes `Fn::GetAtt`, not `!GetAtt`."""
    events = yaml.parse(openapi_of(stack).read_text(), yaml.SafeLoader)
    assert not [event.tag for event in events if getattr(event, "tag", None)]


@pytest.mark.parametrize("stack", STACKS)
def test_a_template_can_be_read_in_one_sitting(stack) -> None:
    assert len(STACKS[stack].read_text().splitlines()) <= MAX_LINES


def test_every_handler_is_deployed_and_defined() -> None:
    """tools.functions has checked that each logical id is its folder, in PascalCase."""
    handlers = {f for top in ("ingest", "processors", "stacks") for f in (ROOT / top).rglob("handler.py")}
    assert {function.folder / "handler.py" for function in FUNCTIONS.values()} == handlers
    for handler in handlers:
        defined = {
            node.name for node in ast.parse(handler.read_text()).body if isinstance(node, ast.FunctionDef)
        }
        assert "handler" in defined, handler


@pytest.mark.parametrize("logical", FUNCTIONS)
def test_requirements_bring_what_a_function_imports(logical) -> None:
    function = FUNCTIONS[logical]
    pinned = {line.partition("==")[0] for line in function.requirements.read_text().splitlines()}
    for name, (file, line) in closure(ROOT, function.module).packages.items():
        bringing = {d.lower().replace("_", "-") for d in DISTRIBUTIONS.get(name.partition(".")[0], ())}
        assert bringing & pinned, (
            f"{file.relative_to(ROOT)}:{line} imports {name}; {logical} does not bring it"
        )


@pytest.mark.parametrize("stack", STACKS)
def test_every_route_has_a_function_that_may_be_called_and_knows_it(stack) -> None:
    permitted = {
        p["Properties"]["FunctionName"].get("Ref") for p in of_type(stack, "AWS::Lambda::Permission").values()
    }
    for route, (operation, _) in operations(stack).items():
        integration = operation["x-amazon-apigateway-integration"]
        logical = integration["uri"]["Fn::GetAtt"][0]
        assert logical in TEMPLATES[stack]["Resources"], route
        assert integration["payloadFormatVersion"] == "2.0", route
        assert logical in permitted, f"no AWS::Lambda::Permission lets the API call {logical}"
        assert f'"{route}"' in (FUNCTIONS[logical].folder / "handler.py").read_text(), route


@pytest.mark.parametrize("stack", STACKS)
def test_every_route_says_who_may_ask(stack) -> None:
    for route, (_, security) in operations(stack).items():
        assert security is not None, f"{route} says nothing of security; the gateway would let everybody in"
        assert security == ([] if route in PUBLIC else [{"token": []}]), route


@pytest.mark.parametrize("stack", STACKS)
def test_who_was_changed_is_known_within_six_minutes(stack) -> None:
    """As docs/decisions/0037, docs/api.md and the console say: the gateway's memory, and the authorizer's."""
    token = definition(stack)["components"]["securitySchemes"]["token"]
    verdict_s = token["x-amazon-apigateway-authorizer"]["authorizerResultTtlInSeconds"]
    assert verdict_s + KEPT_S <= 6 * 60


@pytest.mark.parametrize("stack", STACKS)
def test_browsers_may_ask(stack) -> None:
    """SAM adds CORS to inline definitions only."""
    cors = definition(stack)["x-amazon-apigateway-cors"]
    assert cors["allowOrigins"] == [{"Ref": "AllowOrigin"}]
    assert {route.partition(" ")[0] for route in operations(stack)} <= set(cors["allowMethods"])


def test_pages_of_the_console_may_send_and_show_files() -> None:
    """What a signed address wants said, of a photo or a file; browsers send content-length themselves."""
    bucket = TEMPLATES[next(iter(STACKS))]["Resources"]["DataBucket"]["Properties"]
    (rule,) = bucket["CorsConfiguration"]["CorsRules"]
    assert rule["AllowedOrigins"] == [{"Ref": "AllowOrigin"}]
    assert set(rule["AllowedMethods"]) == {"GET", "PUT"}
    assert {"content-type", *put_headers(1)} - {"content-length"} == set(rule["AllowedHeaders"])


@pytest.mark.parametrize("logical", FUNCTIONS)
def test_a_function_reads_what_its_template_sets(logical) -> None:
    template = document.load(FUNCTIONS[logical].template)
    shared = template["Globals"]["Function"].get("Environment", {}).get("Variables", {})
    own = template["Resources"][logical]["Properties"].get("Environment", {}).get("Variables", {})
    assert set(shared) <= SET_FOR_ALL
    assert set(own) == _read_from_env(FUNCTIONS[logical].folder)


def _read_from_env(folder: Path) -> set[str]:
    """The names in the `from_env` of the function's settings; another function's folder is not its own."""
    nested = {
        it.folder for it in FUNCTIONS.values() if it.folder != folder and it.folder.is_relative_to(folder)
    }
    found = [
        node
        for file in folder.rglob("*.py")
        if not nested & set(file.parents)
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name == "from_env"
    ]
    texts = (n.value for node in found for n in ast.walk(node) if isinstance(n, ast.Constant))
    return {text for text in texts if isinstance(text, str) and re.fullmatch(r"[A-Z][A-Z_]+", text)}


@pytest.mark.parametrize("stack", STACKS)
def test_grants_name_their_resources_and_actions(stack) -> None:
    for logical, statement in statements(stack):
        actions = set(listed(statement["Action"]))
        assert not [action for action in actions if "*" in action], logical
        for resource in listed(statement["Resource"]):
            assert resource != "*" or actions <= ANY_RESOURCE, f"{logical} may {actions} on everything"


# What Lambda asks for when a mapping is created. Source: AWS Lambda, "Using Lambda to process records
# from Amazon Kinesis Data Streams" and "Using AWS Lambda with Amazon DynamoDB", execution role permissions.
READS = {
    "AWS::Kinesis::Stream": {
        "kinesis:DescribeStream", "kinesis:DescribeStreamSummary", "kinesis:GetRecords",
        "kinesis:GetShardIterator", "kinesis:ListShards", "kinesis:ListStreams",
    },
    "AWS::SQS::Queue": {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"},
    "AWS::DynamoDB::Table": {
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:ListStreams",
    },
}  # fmt: skip


MAPPINGS = {"pipeline": 5, "accounts": 0, "tasks": 6}


def read_by(stack: str, mapping: dict[str, Any]) -> dict[str, Any]:
    """The stream's table, the stream or the queue that a mapping reads; another stack's is found by name."""
    source = mapping["Properties"]["EventSourceArn"]
    if "Fn::GetAtt" in source:
        return TEMPLATES[stack]["Resources"][source["Fn::GetAtt"][0]]
    name = TEMPLATES[stack]["Parameters"][source["Ref"]]["Default"].replace("/dev/", "/${Stage}/")
    for other in TEMPLATES:
        for parameter in of_type(other, "AWS::SSM::Parameter").values():
            if parameter["Properties"]["Name"]["Fn::Sub"] == name:
                return TEMPLATES[other]["Resources"][parameter["Properties"]["Value"]["Fn::GetAtt"][0]]
    raise AssertionError(name)


@pytest.mark.parametrize("stack", STACKS)
def test_every_event_source_mapping_may_read_its_stream_and_tell_of_failures(stack) -> None:
    granted: dict[str, set[str]] = {}
    for logical, statement in statements(stack):
        granted.setdefault(logical, set()).update(listed(statement["Action"]))
    mappings = of_type(stack, "AWS::Lambda::EventSourceMapping")
    assert len(mappings) == MAPPINGS[stack]
    for mapping in mappings.values():
        may = granted[mapping["Properties"]["FunctionName"]["Ref"]]
        kind = read_by(stack, mapping)["Type"]
        assert READS[kind] <= may
        assert kind == "AWS::SQS::Queue" or "sqs:SendMessage" in may


@pytest.mark.parametrize("stack", STACKS)
def test_a_queue_gives_its_function_time_and_does_not_try_for_ever(stack) -> None:
    for mapping in of_type(stack, "AWS::Lambda::EventSourceMapping").values():
        source = read_by(stack, mapping)
        if source["Type"] != "AWS::SQS::Queue":
            continue
        function = TEMPLATES[stack]["Resources"][mapping["Properties"]["FunctionName"]["Ref"]]["Properties"]
        assert source["Properties"]["VisibilityTimeout"] >= 6 * function["Timeout"]
        # AWS advises five or more; fewer, and a throttled function's messages end in the dead-letter queue.
        assert source["Properties"]["RedrivePolicy"]["maxReceiveCount"] >= 5
        assert mapping["Properties"]["FunctionResponseTypes"] == ["ReportBatchItemFailures"]


def test_a_function_that_feeds_itself_for_long_may() -> None:
    """Lambda drops the sixteenth message of a loop otherwise."""
    feeding = {
        mapping["Properties"]["FunctionName"]["Ref"]
        for stack in STACKS
        for mapping in of_type(stack, "AWS::Lambda::EventSourceMapping").values()
        for logical, statement in statements(stack)
        if logical == mapping["Properties"]["FunctionName"]["Ref"]
        and "sqs:SendMessage" in listed(statement["Action"])
        and mapping["Properties"]["EventSourceArn"] in listed(statement["Resource"])
    }
    once = {"StacksTasksReckon", "StacksTasksWebhooks"}  # what they send is not sent on
    allowed = {
        logical
        for stack in STACKS
        for logical, function in of_type(stack, "AWS::Serverless::Function").items()
        if function["Properties"].get("RecursiveLoop") == "Allow"
    }
    assert feeding - once == allowed == {"IngestBulkFiles"}


def test_an_update_brings_who_reads_a_record_before_who_writes_it() -> None:
    """Else the processor of yesterday quarantines records of a version that it does not know."""
    resources = TEMPLATES["pipeline"]["Resources"]
    writers = [
        name
        for name, it in of_type("pipeline", "AWS::Serverless::Function").items()
        if "kinesis:PutRecords" in str(it["Properties"].get("Policies"))
    ]
    assert len(writers) == 3
    assert {resources[name].get("DependsOn") for name in writers} == {"ProcessorsTrack"}


def test_what_is_set_aside_is_kept_as_long_as_the_history() -> None:
    bucket = TEMPLATES[next(iter(STACKS))]["Resources"]["DataBucket"]["Properties"]
    days = {rule["Prefix"]: rule["ExpirationInDays"] for rule in bucket["LifecycleConfiguration"]["Rules"]}
    aside = {"quarantine/", "failed/", "replayed/"}
    assert set(days) == aside | {"tracks/", "bulk/", "photos/", "photo-uploads/"}
    kept = [days[prefix] for prefix in aside]
    assert min(kept) >= TTL_S / 86_400
    assert 2 <= days["photo-uploads/"] <= 7  # until they are confirmed; S3 counts from the next midnight


@pytest.mark.parametrize("stack", STACKS)
def test_what_holds_data_outlives_the_stack(stack) -> None:
    holding = of_type(stack, "AWS::DynamoDB::Table") | of_type(stack, "AWS::S3::Bucket")
    for logical, resource in holding.items():
        if logical not in SHORT_LIVED:
            assert resource.get("DeletionPolicy") == resource.get("UpdateReplacePolicy") == "Retain", logical


@pytest.mark.parametrize("stack", STACKS)
def test_access_logs_carry_no_path_and_no_header(stack) -> None:
    """A device key stands in the path, a token in a header."""
    logged = TEMPLATES[stack]["Resources"]["HttpApi"]["Properties"]["AccessLogSettings"]["Format"]
    assert not re.search(r"\$context\.(path|resourcePath|identity|authorizer)|\$request", logged)


def test_the_configuration_has_every_stage_whole() -> None:
    environments = tomllib.loads((ROOT / "samconfig.toml").read_text())
    del environments["version"]
    stages = {name.removesuffix("-pipeline") for name in environments if name.endswith("-pipeline")}
    assert set(environments) == {f"{stage}-{stack}" for stage in stages for stack in STACKS}
    for stage in stages:
        for stack, path in STACKS.items():
            deploy = environments[f"{stage}-{stack}"]["deploy"]["parameters"]
            assert deploy["template_file"] == path.relative_to(ROOT).as_posix()
            assert deploy["stack_name"] == f"milepost-{stage}-{stack}"
            given = dict(override.split("=", 1) for override in deploy["parameter_overrides"])
            assert given["Stage"] == stage
            found_by_name = {
                name: parameter["Default"].replace("/dev/", f"/{stage}/")
                for name, parameter in TEMPLATES[stack]["Parameters"].items()
                if parameter["Type"].startswith("AWS::SSM")
            }
            assert found_by_name.items() <= given.items()
            assert set(given) <= set(TEMPLATES[stack]["Parameters"])


def test_names_in_other_stacks_are_published_before_they_are_asked_for() -> None:
    published: set[str] = set()
    for stack, template in TEMPLATES.items():
        asked = {p["Default"] for p in template["Parameters"].values() if p["Type"].startswith("AWS::SSM")}
        assert asked <= published, stack
        names = (p["Properties"]["Name"]["Fn::Sub"] for p in of_type(stack, "AWS::SSM::Parameter").values())
        published |= {name.replace("${Stage}", "dev") for name in names}
