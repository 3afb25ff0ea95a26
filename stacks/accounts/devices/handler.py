"""POST and GET /v1/devices, DELETE /v1/devices/{device}, GET /v1/devices/{device}/setup."""

from __future__ import annotations

import os
from functools import cache
from typing import Annotated, Any

import msgspec
from aws_lambda_powertools import Logger

from stacks.accounts.devices import wiring
from stacks.accounts.devices.register import Devices
from stacks.accounts.devices.setup import addresses, setup
from storage.devices import Device
from telemetry.api import Request, Response, answer, reply
from telemetry.body import read_body
from telemetry.names import NAME

log = Logger(service="accounts-devices")


class NewDevice(msgspec.Struct, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    courier: Annotated[str, msgspec.Meta(pattern=NAME)] | None = None


def register(devices: Devices, pipeline_url: str, request: Request) -> Response:
    caller = request.caller().require("courier", "admin")
    new = read_body(request, NewDevice)
    device, key = devices.register(caller, new.courier, new.name, request.clock())
    return reply(201, shown(device) | {"key": key, "addresses": addresses(pipeline_url, key)})


def all_devices(devices: Devices, _pipeline_url: str, request: Request) -> Response:
    caller = request.caller().require("courier", "admin")
    return reply(200, {"devices": [shown(device) for device in devices.all(caller)]})


def set_up(devices: Devices, pipeline_url: str, request: Request) -> Response:
    caller = request.caller().require("courier", "manager", "admin")
    key = request.headers.get("x-device-key")
    device = devices.one(caller, request.path["device"], key)
    return reply(200, shown(device) | {"apps": setup(pipeline_url, device.device, key)})


def revoke(devices: Devices, _pipeline_url: str, request: Request) -> Response:
    caller = request.caller().require("courier", "admin")
    devices.revoke(caller, request.path["device"], request.clock())
    return reply(204)


def shown(device: Device) -> dict[str, Any]:
    return {name: getattr(device, name) for name in ("device", "courier", "name", "created_at")}


ENDPOINTS = {
    "POST /v1/devices": register,
    "GET /v1/devices": all_devices,
    "DELETE /v1/devices/{device}": revoke,
    "GET /v1/devices/{device}/setup": set_up,
}
wire = cache(lambda: wiring.build(os.environ))


@log.inject_lambda_context
def handler(event: dict[str, Any], _context: Any) -> Response:
    return answer(lambda request: ENDPOINTS[request.route](*wire(), request), event, log)
