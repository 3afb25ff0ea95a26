"""Where a verb finds AWS: the laptop stack on $PORT, or a stage in an account that one's credentials open.

One way for both: a client of a service, and the names that the pipeline publishes in SSM.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from cli import run_state
from cli.common import Failed, port
from storage.aws import client

ATTEMPTS = 5  # nobody waits behind HTTP: rather slow than given up
READ_S = 20.0


@dataclass(frozen=True, slots=True)
class Site:
    """place: as messages call it. given: what every client of it is made with; but: by service, over that."""

    stage: str
    place: str
    given: dict[str, Any] = field(default_factory=dict)
    but: dict[str, dict[str, Any]] = field(default_factory=dict)

    def client(self, service: str) -> Any:
        return client(
            service, attempts=ATTEMPTS, read_s=READ_S, **{**self.given, **self.but.get(service, {})}
        )

    def name(self, what: str, stack: str = "pipeline") -> str:
        """A name that a stack publishes, such as `data-bucket`. Raises Failed."""
        parameter = f"/milepost/{self.stage}/{stack}/{what}"
        try:
            return str(self.client("ssm").get_parameter(Name=parameter)["Parameter"]["Value"])
        except ClientError as error:
            if error.response["Error"]["Code"] != "ParameterNotFound":
                raise
            raise Failed(
                f"{self.place} has no SSM parameter {parameter}: is the {stack} stack of stage {self.stage} "
                "deployed there, and as new as this command?"
            ) from error


def add_site(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--stage", metavar="NAME", help="a deployed stage; default: the laptop stack on $PORT"
    )
    parser.add_argument("--profile", metavar="NAME", help="of the AWS configuration; with --stage")
    parser.add_argument("--region", metavar="NAME", help="where the stage is; with --stage")


def site_of(args: argparse.Namespace) -> Site:
    """Raises Failed, NotRunning."""
    if not args.stage:
        if args.profile or args.region:
            raise Failed("--profile and --region are for a deployed stage: say which, --stage NAME.")
        return laptop(run_state.read(port()))
    try:
        session = boto3.Session(profile_name=args.profile, region_name=args.region)
    except BotoCoreError as error:
        raise Failed(f"{error}; `aws configure list-profiles` lists what there is.") from error
    if session.region_name is None:
        raise Failed(f"In which region is stage {args.stage}? Say --region NAME, or set AWS_REGION.")
    boto3.setup_default_session(profile_name=args.profile, region_name=args.region)
    return Site(args.stage, f"The account in {session.region_name}")


def laptop(state: run_state.RunState) -> Site:
    emulated = {
        "endpoint_url": state.aws_endpoint,
        "region_name": state.region,
        "aws_access_key_id": "test",  # the emulator checks none
        "aws_secret_access_key": "test",
    }
    own = {"scheduler": state.scheduler_endpoint, "events": state.bus_endpoint}
    but = {service: {"endpoint_url": url} for service, url in own.items() if url}
    return Site(state.stage, f"The stack at {state.base}", emulated, but)


@contextmanager
def reached(site: Site) -> Iterator[None]:
    """Raises Failed for what AWS answers, or for its silence."""
    try:
        yield
    except (ClientError, BotoCoreError) as error:
        raise Failed(f"{site.place} refuses or does not answer: {error}") from error
