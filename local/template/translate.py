"""SAM to plain CloudFormation, with the translator that AWS runs, and its answer kept by content.

Importing the translator takes a second, so an unchanged template is read back from the cache.
"""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson

from local.trouble import Trouble

_ARTEFACTS = {
    "AWS::Serverless::Function": "CodeUri",
    "AWS::Serverless::LayerVersion": "ContentUri",
}


def translate(
    source: Path, template: dict[str, Any], parameters: Mapping[str, str], region: str, cache: Path
) -> Any:
    """The template without SAM. Raises Trouble that names the resource at fault."""
    ask = orjson.dumps(
        [template, dict(parameters), region, version("aws-sam-translator")], option=orjson.OPT_SORT_KEYS
    )
    kept = cache / f"{hashlib.sha256(ask).hexdigest()[:32]}.json"
    if kept.exists():
        return orjson.loads(kept.read_bytes())
    plain = _translate(source, orjson.loads(orjson.dumps(template)), parameters, region)
    cache.mkdir(parents=True, exist_ok=True)
    fresh = kept.with_suffix(".new")
    fresh.write_bytes(orjson.dumps(plain))
    fresh.replace(kept)
    return plain


def _translate(source: Path, template: dict[str, Any], parameters: Mapping[str, str], region: str) -> Any:
    from samtranslator.model.exceptions import InvalidDocumentException  # noqa: PLC0415 (a second to import)
    from samtranslator.parser.parser import Parser  # noqa: PLC0415
    from samtranslator.translator.translator import Translator  # noqa: PLC0415

    logging.getLogger("samtranslator").setLevel(logging.ERROR)  # it warns of metrics that nobody collects
    for resource in template.get("Resources", {}).values():
        if name := _ARTEFACTS.get(resource.get("Type")):
            # The translator takes uploaded code only; the runtime runs the source in place.
            resource.setdefault("Properties", {})[name] = "s3://local/in-place"
    session = SimpleNamespace(region_name=region)  # all that the translator asks of boto3's
    try:
        return Translator({}, Parser(), boto_session=session).translate(template, dict(parameters))
    except InvalidDocumentException as error:
        causes = "; ".join(cause.message for cause in error.causes) or error.message
        raise Trouble(f"{source} is not a valid SAM template: {causes}") from None
