"""What counts are billed as, against sums done by hand; price tables; what is told of missing prices."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import pytest
from rich.console import Console

from cli.common import Failed
from cli.cost.assumptions import Assumptions, poisson_positive
from cli.cost.bill import APART, PARTS, priced, total
from cli.cost.document import document
from cli.cost.measure import NAIVE
from cli.cost.plan import runs
from cli.cost.prices import FOLDER, read
from cli.cost.report import Report
from tests.costs import DEPLOYED, YEAR_S, bill, measured, prices

HOURS = 1000 / 3600  # a million pings at 1,000 a second
GB = 1024**3


def costs(counts, mode="on-demand", assumed=None, **amounts):
    return {
        part: cost.amount
        for part, cost in priced(bill(counts, assumed).lines(mode), prices(**amounts)).items()
        if cost.amount
    }


@pytest.mark.parametrize(
    ("counts", "amounts", "part", "amount"),
    [
        ({"http.requests": 166_667}, {"http_api_requests": 1e-6}, "API", 0.166667),
        ({"lambda.invocations.IngestAuthorize": 33_333}, {"lambda_requests": 2e-7}, "authorizer", 0.0066666),
        ({"lambda.gb_s.IngestReceive": 1200}, {"lambda_gb_seconds_x86_64": 1.66667e-5}, "receive", 0.02),
        ({"kinesis.billed_bytes": 2 * GB}, {"kinesis_on_demand_gb_in": 0.08}, "stream", 0.16),
        ({"kinesis.bytes": GB / 2}, {"kinesis_on_demand_gb_out": 0.04}, "stream", 0.02),
        ({}, {"kinesis_on_demand_hours": 0.04}, "stream", 0.04 * HOURS),
        ({"dynamodb.write_units.LiveTable": 166_667}, {"dynamodb_write_units": 6.25e-7}, "writes", 0.104167),
        ({"dynamodb.write_units.HistoryTable": 2e4}, {"dynamodb_write_units": 6.25e-7}, "history", 0.0125),
        ({"dynamodb.read_units.HistoryTable": 20_833}, {"dynamodb_read_units": 1.25e-7}, "history", 0.002604),
        ({"dynamodb.read_units.LiveTable": 166_667}, {"dynamodb_read_units": 1.25e-7}, "reads", 0.020833),
        (
            {"dynamodb.read_units.ConnectionsTable": 8000}, {"dynamodb_read_units": 1.25e-7},
            "fan-out compute", 0.001,
        ),
        ({"websocket.messages": 80_000}, {"websocket_messages": 1e-6}, "WebSocket messages", 0.08),
        ({}, {"websocket_minutes": 2.5e-7}, "WebSocket hours", 5 * 60 * HOURS * 2.5e-7),
        ({"http.answer_bytes": GB, "websocket.bytes": GB}, {"out_gb": 0.09}, "data out", 0.18),
        (
            {"dynamodb.stored_bytes.HistoryTable": GB}, {"dynamodb_gb_months": 0.25}, "storage",
            0.25 * YEAR_S / (730 * 3600),
        ),
    ],
)  # fmt: skip
def test_on_demand_by_hand(counts, amounts, part, amount) -> None:
    found = costs(counts, **amounts)
    assert found.pop(part) == pytest.approx(amount, rel=1e-4)
    assert sum(found.values()) < 1e-6  # the processor's one invocation


def test_logs_are_the_platform_s_lines_and_the_gateway_s() -> None:
    found = costs({"log.access_bytes": 26e6, "log.access_lines": 1e6}, logs_gb=GB)
    # One invocation of the processor is always there: 400 bytes in 3 lines of 26 bytes more.
    assert found["logs"] == pytest.approx(26e6 + 26e6 + 400 + 3 * 26)


def test_provisioned_by_hand() -> None:
    counts = {
        "kinesis.records": 1e6, "kinesis.put_units": 1e6, "kinesis.bytes": 1e8,
        "dynamodb.write_units.LiveTable": 1e6, "dynamodb.read_units.LiveTable": 5e5,
    }  # fmt: skip
    # 1,000 records a second need two shards at 70 %, 1,000 writes a second 1,429 units, 500 reads 715.
    found = costs(counts, "provisioned", kinesis_shard_hours=0.015, kinesis_put_units=1.4e-8)
    assert found == {"stream": pytest.approx(2 * HOURS * 0.015 + 0.014)}
    found = costs(counts, "provisioned", dynamodb_wcu_hours=0.00065, dynamodb_rcu_hours=0.00013)
    assert found == {
        "writes": pytest.approx(1429 * HOURS * 0.00065),
        "reads": pytest.approx(715 * HOURS * 0.00013),
    }


def test_bytes_may_need_more_shards_than_records() -> None:
    assert bill({"kinesis.records": 1e5, "kinesis.bytes": 2e3 * 1024 * 1024}).shards == 3
    assert bill({"kinesis.records": 1}).shards == 1


def test_counts_are_scaled_to_a_million() -> None:
    few = measured({"http.requests": 10}, pings=60)
    assert few.per_million("http.requests") == pytest.approx(166_666.67)


def test_the_sum_names_what_has_no_price() -> None:
    table = prices(http_api_requests=None, lambda_requests=1e-6)
    found = priced(
        bill({"http.requests": 5, "lambda.invocations.IngestReceive": 1e6}).lines("on-demand"), table
    )
    whole = total(found, PARTS)
    assert whole.missing == {"http_api_requests"}
    assert whole.amount == pytest.approx(1 + 1e-6)


@pytest.mark.parametrize("file", sorted(FOLDER.glob("*.json")), ids=lambda file: file.stem)
def test_every_price_states_its_date_and_source(file) -> None:
    said = json.loads(file.read_text())
    for region, entries in said["regions"].items():
        for key, entry in entries.items():
            place = f"{region}.{key}"
            if entry["price"] is None:
                assert entry.get("note"), place
            else:
                assert entry["source"], place
                assert entry["as_of"] or file.stem == "aws-cn", place
                assert entry["unit"], place
                assert entry["per"] > 0, place
    assert {frozenset(entries) for entries in said["regions"].values()} == {
        frozenset(read()["us-east-1"].by_key)
    }


def own(tmp_path: Path, text: object) -> Path:
    file = tmp_path / "own.json"
    file.write_text(text if isinstance(text, str) else json.dumps(text))
    return file


def test_an_operator_s_prices_are_put_over_those_shipped(tmp_path) -> None:
    entry = {"price": 7.5, "per": 1_000_000}
    file = own(tmp_path, {"currency": "CNY", "regions": {"cn-north-1": {"http_api_requests": entry}}})
    regions = read(file)
    assert regions["cn-north-1"].cost("http_api_requests", 2e6) == 15.0
    assert regions["cn-north-1"].cost("lambda_requests", 1e6) == pytest.approx(1.36)
    assert regions["us-east-1"].by_key == read()["us-east-1"].by_key


def test_an_operator_s_own_region_has_only_what_he_gives(tmp_path) -> None:
    file = own(
        tmp_path, {"currency": "EUR", "regions": {"eu-central-1": {"http_api_requests": {"price": 1}}}}
    )
    table = read(file)["eu-central-1"]
    assert (table.currency, table.cost("http_api_requests", 2)) == ("EUR", 2.0)
    assert table.cost("lambda_requests", 1) is None


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no price table"),
        ({"regions": {}}, "no price table"),
        ({"currency": "USD", "regions": {"cn-north-1": {}}}, "in CNY, not USD"),
        ({"currency": "USD", "regions": {"us-east-1": {"nothing": {"price": 1}}}}, "'nothing'"),
        ({"currency": "USD", "regions": {"us-east-1": {"out_gb": {"price": "1"}}}}, "us-east-1.out_gb needs"),
        ({"currency": "USD", "regions": {"us-east-1": {"out_gb": 1}}}, "us-east-1.out_gb needs"),
        ({"currency": "USD", "regions": {"us-east-1": {"out_gb": {"price": 1, "per": 0}}}}, "needs"),
        ({"currency": "USD", "regions": {"us-east-1": {"out_gb": {"price": -1}}}}, "needs"),
    ],
)
def test_a_price_table_that_is_none_is_refused(tmp_path, text, words) -> None:
    with pytest.raises(Failed, match=re.escape(words)):
        read(own(tmp_path, text))


def test_a_price_table_that_is_not_there(tmp_path) -> None:
    with pytest.raises(Failed, match="No such file"):
        read(tmp_path / "none.json")


def shown(region: str) -> str:
    counts = {"http.requests": 166_667, "dynamodb.writes.LiveTable": 166_667}
    bills = [bill(counts), bill({"http.requests": 1e6}, design=NAIVE)]
    out = io.StringIO()
    Report(bills, read()[region]).show(Console(width=120, file=out))
    return out.getvalue()


def test_the_report_shows_parts_sizes_and_assumptions() -> None:
    text = shown("us-east-1")
    for words in (
        *PARTS,
        *APART,
        "Waiting for AWS a call [ms]",
        "AWS Location tracker",
        "50.0000",
        "12.5000",
    ):
        assert words in text
    assert re.search(r"API +0\.1667", text)
    assert re.search(r"0\.1667 +0\.1913 +600 B +990 B +990 B +kept", text)
    assert "has no price" not in text


def test_the_report_says_which_prices_are_missing() -> None:
    text = shown("cn-north-1")
    assert re.search(r"API +-", text)
    assert "cn-north-1 has no price for http_api_requests" in " ".join(text.split())
    assert "--prices" in text


def test_the_document_says_the_same() -> None:
    made = document([bill({"http.requests": 166_667})], read())
    (run,) = made["runs"]
    assert run["cost_per_million"]["us-east-1"]["on-demand"]["parts"]["API"] == {
        "amount": 0.166667,
        "without": [],
    }
    assert run["cost_per_million"]["cn-north-1"]["on-demand"]["parts"]["API"]["without"] == [
        "http_api_requests"
    ]
    assert run["live_item_bytes"] == {"p50": 600, "p99": 990, "p100": 990}
    assert made["location_tracker"]["us-east-1"] == [50.0, 12.5]
    json.dumps(made)


def test_the_template_is_read() -> None:
    assert DEPLOYED.batch_of("FanoutUpdates") == 500
    assert DEPLOYED.lanes_of("FanoutUpdates") == 1  # AWS's default
    assert DEPLOYED.environment["LIVE_TABLE"] == "LiveTable"
    assert DEPLOYED.functions["IngestReceive"].handler == "ingest.receive.handler.handler"
    (index,) = DEPLOYED.tables(None)["LiveTable"].indexes
    assert index.projected == {"fleet", "courier"}
    assert DEPLOYED.tables(None)["DevicesTable"].indexes[0].projected is None


def test_runs_have_whole_buckets_and_no_courier_twice_in_a_batch() -> None:
    for _, fleet in runs(Assumptions(), DEPLOYED, 1):
        assert fleet.pings % fleet.per_upload == 0
        if fleet.warm_pings:
            assert fleet.pings % 48 == 0
            assert fleet.couriers * fleet.pings / fleet.per_upload >= 800
            lanes = 4 * DEPLOYED.lanes_of("TrackUploads")
            assert fleet.couriers > 1.2 * 1000 / fleet.per_upload / lanes


def test_polls_that_find_something_find_what_poisson_says() -> None:
    draws = [i / 2000 + 1 / 4000 for i in range(2000)]
    for mean in (0.1, 1.0, 20.0):
        counts = [poisson_positive(mean, draw) for draw in draws]
        assert min(counts) == 1 or mean == 20
        expected = mean / (1 - 2.718281828459045**-mean)
        assert sum(counts) / len(counts) == pytest.approx(expected, rel=0.02)
    assert poisson_positive(5000.0, 0.5) == 5000
