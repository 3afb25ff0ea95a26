"""Alerts, what is watched, and the fleets' rules, beside tasks and trips in the tasks table."""

from storage.alerts.model import ALERT_STATES, Alert, AlertState, Watch, Watched
from storage.alerts.rows import alert_of_image
from storage.alerts.store import AlertStore, Change
from storage.alerts.table import DynamoAlerts

__all__ = [
    "ALERT_STATES", "Alert", "AlertState", "AlertStore", "Change", "DynamoAlerts", "Watch", "Watched",
    "alert_of_image",
]  # fmt: skip
