"""What the templates say of buses: AWS::Events::EventBus, and AWS::Events::Rule with its targets.

Source: AWS CloudFormation template reference, AWS::Events::Rule; Amazon EventBridge user guide, "How
EventBridge retries delivering events".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from local.sources.filters import check, fits
from local.template.stacks import Stack
from local.trouble import Trouble

BUS, RULE = "AWS::Events::EventBus", "AWS::Events::Rule"
_RULE_KNOWN = {"Name", "Description", "EventBusName", "EventPattern", "State", "Targets"}
_TARGET_KNOWN = {"Id", "Arn", "RetryPolicy", "DeadLetterConfig"}


@dataclass(frozen=True, slots=True)
class Target:
    """arn: of a queue or a function. max_retries, max_age_s: as long as what fails may pass. dead_letters:
    the ARN of a queue.
    """

    arn: str
    max_retries: int = 185
    max_age_s: float = 86_400.0
    dead_letters: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    bus: str
    pattern: Mapping[str, Any]
    targets: tuple[Target, ...]

    def takes(self, bus: str, event: Mapping[str, Any]) -> bool:
        return bus == self.bus and fits(self.pattern, event)


def buses(stack: Stack) -> Iterator[str]:
    return (str(stack.resolver.ref(logical, logical)) for logical in stack.of_type(BUS))


def rules(stack: Stack) -> Iterator[Rule]:
    """Raises Trouble for what the laptop runtime would otherwise leave out in silence."""
    for logical in stack.of_type(RULE):
        at, said = f"{stack.source}: Resources.{logical}", stack.resolver.properties(logical)
        if unknown := set(said) - _RULE_KNOWN:
            raise Trouble(f"{at}: the laptop runtime does not know {', '.join(sorted(unknown))}.")
        if said.get("State", "ENABLED") == "DISABLED":
            continue
        try:
            check(said["EventPattern"])
        except (KeyError, ValueError) as error:
            raise Trouble(f"{at}: the laptop runtime does not know this pattern: {error}.") from None
        name = str(stack.resolver.ref(logical, at))
        targets = tuple(_target(target, at) for target in said.get("Targets", ()))
        yield Rule(name, str(said.get("EventBusName", "default")), said["EventPattern"], targets)


def _target(said: Mapping[str, Any], at: str) -> Target:
    arn = str(said["Arn"])
    if unknown := set(said) - _TARGET_KNOWN:
        raise Trouble(f"{at}: the laptop runtime does not know a target's {', '.join(sorted(unknown))}.")
    if arn.split(":")[2] not in ("sqs", "lambda"):
        raise Trouble(f"{at}: the laptop runtime delivers to queues and functions only, not to {arn}.")
    retry = said.get("RetryPolicy", {})
    return Target(
        arn,
        int(retry.get("MaximumRetryAttempts", 185)),
        float(retry.get("MaximumEventAgeInSeconds", 86_400)),
        said.get("DeadLetterConfig", {}).get("Arn"),
    )
