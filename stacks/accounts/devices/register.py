"""Devices: a courier's phones and the keys that let them upload."""

from __future__ import annotations

import secrets

from geo.said import say
from stacks.accounts.asking import asking
from storage.devices import Device, DeviceStore, key_hash
from storage.users import People
from telemetry.api import Caller
from telemetry.fields import wrong
from telemetry.names import new_id
from telemetry.problem import Conflict, Forbidden, NotFound


class Devices:
    def __init__(self, store: DeviceStore, users: People) -> None:
        self._store = store
        self._users = users

    def register(self, caller: Caller, courier: str | None, name: str, now: float) -> tuple[Device, str]:
        """A new device and its key, which is shown this once.

        Raises Forbidden when a courier names another, BadRequest when an admin names no courier, Conflict
        when the courier is disabled, and as `asking`.
        """
        courier = self._whose(caller, courier)
        key = "dk_" + secrets.token_urlsafe(24)
        device = Device(key_hash(key), caller.fleet, courier, new_id("dv", now), name, int(now))
        self._store.add(device)
        return device, key

    def all(self, caller: Caller) -> list[Device]:
        """A courier's own; for an admin, the fleet's."""
        return [device for device in self._store.all(caller.fleet) if _may(caller, device)]

    def one(self, caller: Caller, device: str, key: str | None) -> Device:
        """A device in use, for its courier, managers and admins.

        Raises NotFound, Forbidden when it is another's, BadRequest when `key` is given and not its key.
        """
        found = self._get(caller, device)
        if found.revoked_at is not None:
            raise NotFound(
                say(
                    "device-revoked",
                    "The key of device {device} was taken away; register the phone again.",
                    device=device,
                )
            )
        if caller.role == "courier" and found.courier != caller.user:
            raise _anothers(device)
        if key is not None and key_hash(key) != found.key_hash:
            other = say(
                "device-key-other", "is not the key of this device; leave it out where it is not at hand"
            )
            raise wrong("x-device-key", other)
        return found

    def revoke(self, caller: Caller, device: str, now: float) -> None:
        """Raises NotFound, or Forbidden when it is another's."""
        found = self._get(caller, device)
        if not _may(caller, found):
            raise _anothers(device)
        self._store.revoke(found, int(now))

    def _get(self, caller: Caller, device: str) -> Device:
        found = self._store.get(caller.fleet, device)
        if found is None:
            raise NotFound(
                say(
                    "device-not-found",
                    "There is no device {device}; GET /v1/devices lists yours.",
                    device=device,
                )
            )
        return found

    def _whose(self, caller: Caller, courier: str | None) -> str:
        me = asking(self._users, caller)
        if caller.role == "courier":
            if courier not in {None, caller.user}:
                raise Forbidden(
                    say(
                        "device-for-another",
                        "You can register devices for yourself only; leave `courier` out.",
                    )
                )
            courier = caller.user
        if courier is None:
            missing = say("device-courier-missing", "is missing: an admin registers a device for a courier")
            raise wrong("courier", missing)
        user = me if courier == caller.user else self._users.who(caller.fleet, courier)
        if user and user.disabled:
            raise Conflict(
                say(
                    "device-courier-disabled",
                    "{courier} is disabled; an admin enables them first, PATCH /v1/users/{courier}.",
                    courier=courier,
                )
            )
        if user.role != "courier" if user else caller.role == "admin":
            raise wrong(
                "courier",
                say(
                    "device-courier-unknown",
                    "must be a courier of the fleet; {courier} is not",
                    courier=courier,
                ),
            )
        return courier


def _anothers(device: str) -> Forbidden:
    return Forbidden(say("device-of-another", "Device {device} is another courier's.", device=device))


def _may(caller: Caller, device: Device) -> bool:
    return caller.role == "admin" or device.courier == caller.user
