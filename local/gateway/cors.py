"""Cross-origin rules of an HTTP API, applied by the gateway as AWS applies them.

Source: AWS, "Configure CORS for HTTP APIs": with rules, the gateway answers every preflight itself and
drops the CORS headers of the function's answer.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

from aiohttp import web

from local.gateway.api import Cors


def is_preflight(request: web.BaseRequest) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def preflight(cors: Cors, request: web.BaseRequest) -> web.Response:
    """204, with what is allowed; without it when origin, method or a header is not."""
    asked = request.headers
    wanted = [
        h.strip().lower() for h in asked.get("access-control-request-headers", "").split(",") if h.strip()
    ]
    answer = web.Response(status=204)
    method = asked["access-control-request-method"]
    if not (_any(cors.methods, method) and all(_any(cors.headers, header) for header in wanted)):
        return answer
    apply(cors, request, answer)
    if "access-control-allow-origin" in answer.headers:
        answer.headers["access-control-allow-methods"] = ",".join(cors.methods)
        answer.headers["access-control-allow-headers"] = ",".join(cors.headers)
        if cors.max_age_s is not None:
            answer.headers["access-control-max-age"] = str(cors.max_age_s)
    return answer


def apply(cors: Cors, request: web.BaseRequest, answer: web.StreamResponse) -> None:
    for name in [name for name in answer.headers if name.lower().startswith("access-control-")]:
        del answer.headers[name]
    origin = request.headers.get("origin")
    if origin is None or not _any(cors.origins, origin):
        return
    answer.headers["access-control-allow-origin"] = "*" if cors.origins == ("*",) else origin
    if cors.origins != ("*",):
        answer.headers["vary"] = "Origin"
    if cors.credentials:
        answer.headers["access-control-allow-credentials"] = "true"
    if cors.expose:
        answer.headers["access-control-expose-headers"] = ",".join(cors.expose)


def _any(allowed: tuple[str, ...], given: str) -> bool:
    return any(fnmatchcase(given, pattern) for pattern in allowed)
