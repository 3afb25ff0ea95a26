"""The tasks table: tasks, trips, their audit and what couriers hold, so that one transaction decides all."""

from storage.tasks.model import STATUSES, Bonus, Claim, Courier, Kept, Line, Schedule, Status, Task, Trip
from storage.tasks.near import NEAR_INDEX, DynamoOpenTasks, OpenTasks, Row
from storage.tasks.rows import line_of_image, schedule_of_image, task_of_image, trip_of_image
from storage.tasks.schedules import DynamoSchedules, ScheduleStore
from storage.tasks.store import Desk, Made, Move, TaskStore
from storage.tasks.table import COURIER_INDEX, STATE_INDEX, WATCH_INDEX, DynamoTasks
from storage.tasks.transactions import KEPT_S

__all__ = [
    "COURIER_INDEX", "KEPT_S", "NEAR_INDEX", "STATE_INDEX", "STATUSES", "WATCH_INDEX", "Bonus", "Claim",
    "Courier", "Desk", "DynamoOpenTasks", "DynamoSchedules", "DynamoTasks", "Kept", "Line", "Made", "Move",
    "OpenTasks", "Row", "Schedule", "ScheduleStore", "Status", "Task", "TaskStore", "Trip",
    "line_of_image", "schedule_of_image", "task_of_image", "trip_of_image",
]  # fmt: skip
