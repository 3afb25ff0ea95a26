"""A payout as CSV, for whoever transfers the money.

Source: RFC 4180 (CRLF, a header, quotes where they are needed); OWASP, "CSV Injection".
"""

from __future__ import annotations

import csv
import io

from stacks.tasks.payouts.shown import stamp
from storage.payouts import Payout

COLUMNS = (
    "payout", "made_at", "courier", "currency", "amount", "trip", "task", "title", "finished_at", "revision",
)  # fmt: skip
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
CONTENT_TYPE = "text/csv; charset=utf-8; header=present"


def table(payout: Payout) -> str:
    """One row a trip, by courier."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for line in sorted(payout.lines or (), key=lambda it: (it.courier, it.currency, it.trip)):
        writer.writerow((
            payout.payout, stamp(payout.made_ms), cell(line.courier), line.currency, line.amount, line.trip,
            line.task, cell(line.title), stamp(line.finished_ms), line.revision,
        ))  # fmt: skip
    return text.getvalue()


def cell(text: str) -> str:
    """With an apostrophe before what a spreadsheet would take for a formula."""
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
