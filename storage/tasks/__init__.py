"""The tasks table: tasks, trips, their audit and what couriers hold, so that one transaction decides all."""

from storage.tasks.model import STATUSES, Bonus, Claim, Courier, Kept, Line, Status, Task, Trip
from storage.tasks.rows import line_of_image, task_of_image, trip_of_image
from storage.tasks.store import Desk, Made, Move, TaskStore
from storage.tasks.table import COURIER_INDEX, STATE_INDEX, WATCH_INDEX, DynamoTasks
from storage.tasks.transactions import KEPT_S

__all__ = [
    "COURIER_INDEX", "KEPT_S", "STATE_INDEX", "STATUSES", "WATCH_INDEX", "Bonus", "Claim", "Courier", "Desk",
    "DynamoTasks", "Kept", "Line", "Made", "Move", "Status", "Task", "TaskStore", "Trip", "line_of_image",
    "task_of_image", "trip_of_image",
]  # fmt: skip
