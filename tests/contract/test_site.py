"""The command finds a deployed stage by what its pipeline publishes, and says so where it does not."""

from __future__ import annotations

import argparse

import boto3
import pytest

from cli.common import Failed
from cli.main import main
from cli.site import reached, site_of


@pytest.fixture
def deployed(aws, monkeypatch):
    """A stage in China with a bucket and a stream, as its template would leave them."""
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    ssm = boto3.client("ssm", region_name="cn-north-1")
    for what in ("data-bucket", "stream"):
        ssm.put_parameter(Name=f"/milepost/prod/pipeline/{what}", Value=f"the-{what}", Type="String")
    where = {"region_name": "cn-north-1"}
    place = {"LocationConstraint": "cn-north-1"}
    boto3.client("s3", **where).create_bucket(Bucket="the-data-bucket", CreateBucketConfiguration=place)
    return argparse.Namespace(stage="prod", profile=None, region="cn-north-1")


def test_names_come_from_the_stage(deployed) -> None:
    site = site_of(deployed)
    assert (site.name("data-bucket"), site.name("stream")) == ("the-data-bucket", "the-stream")
    assert site.client("kinesis").meta.endpoint_url == "https://kinesis.cn-north-1.amazonaws.com.cn"


def test_a_name_that_is_not_published_is_told(deployed) -> None:
    with pytest.raises(Failed, match="has no SSM parameter /milepost/prod/pipeline/else"):
        site_of(deployed).name("else")


def test_what_aws_refuses_is_a_sentence(deployed) -> None:
    site = site_of(deployed)
    with (
        pytest.raises(Failed, match=r"in cn-north-1 refuses or does not answer: .*NoSuchBucket"),
        reached(site),
    ):
        site.client("s3").list_objects_v2(Bucket="none")


def test_redrive_of_a_stage(deployed, capsys) -> None:
    assert main(["redrive", "list", "--stage", "prod", "--region", "cn-north-1"]) == 0
    assert capsys.readouterr().out == "Nothing waits.\n"
    assert main(["redrive", "list", "--stage", "test", "--region", "cn-north-1"]) == 1
    assert "is the pipeline stack of stage test deployed there" in capsys.readouterr().err
