"""Live items written in batches of statements, on the laptop's DynamoDB."""

from __future__ import annotations

from itertools import count

import pytest

from storage.live import FLEET_INDEX, DynamoLive
from tests.live_writes import PROMISES
from tests.local.runtime.conftest import Running

NUMBERS = count()


@pytest.fixture
def lives(project: Running) -> DynamoLive:
    dynamodb, table = project.client("dynamodb"), f"Live{next(NUMBERS)}"
    dynamodb.create_table(
        TableName=table,
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[
            {"AttributeName": "courier", "AttributeType": "S"},
            {"AttributeName": "fleet", "AttributeType": "S"},
        ],
        KeySchema=[{"AttributeName": "courier", "KeyType": "HASH"}],
        GlobalSecondaryIndexes=[
            {
                "IndexName": FLEET_INDEX,
                "KeySchema": [
                    {"AttributeName": "fleet", "KeyType": "HASH"},
                    {"AttributeName": "courier", "KeyType": "RANGE"},
                ],
                "Projection": {"ProjectionType": "KEYS_ONLY"},
            }
        ],
    )
    return DynamoLive(dynamodb, table)


@pytest.mark.parametrize("promise", PROMISES)
def test_a_batch_keeps_what_single_writes_promise(lives, promise) -> None:
    promise(lives)
