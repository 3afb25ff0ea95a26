"""The console's files and its configuration."""

from __future__ import annotations

import asyncio
import mimetypes
from collections.abc import Iterable
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urlsplit

import orjson
from aiohttp import web

from local.gateway.refusal import Refusal
from local.settings import FLEET, HOST, Settings

LIVE_PATH = "/v1/live"
_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".webmanifest": "application/manifest+json"}
_NOT_BUILT = "The console is not built; run `make console`. The APIs work without it: see /config.json."


class Console:
    def __init__(self, settings: Settings, files: Iterable[str] = ()) -> None:
        """files: addresses that end in a slash, below which the page shows and sends files."""
        self._dist = settings.root / "console" / "dist"
        self._policy = _policy(settings, files)
        self._config = orjson.dumps(
            {
                "apis": dict.fromkeys(("pipeline", "accounts", "tasks"), settings.base),
                "live": f"ws://{HOST}:{settings.port}{LIVE_PATH}",
                "fleet": FLEET,
                "map": {
                    "tiles": settings.tiles,
                    "style": settings.style,
                    "attribution": settings.attribution,
                },
            }
        )

    def config(self) -> web.Response:
        headers = {"cache-control": "no-store"}
        return web.Response(body=self._config, content_type="application/json", headers=headers)

    async def file(self, request: web.BaseRequest) -> web.Response:
        """Raises Refusal (404)."""
        path = unquote(request.raw_path.partition("?")[0])
        if request.method not in ("GET", "HEAD"):
            raise Refusal(HTTPStatus.NOT_FOUND, f"There is no route {request.method} {path}.")
        if not (self._dist / "index.html").exists():
            raise Refusal(HTTPStatus.NOT_FOUND, _NOT_BUILT)
        wanted = (self._dist / path.lstrip("/")).resolve()
        if path == "/":
            wanted = self._dist / "index.html"
        if not wanted.is_relative_to(self._dist) or not wanted.is_file():
            raise Refusal(HTTPStatus.NOT_FOUND, f"There is no route and no file {path}.")
        return self._serve(wanted, await asyncio.to_thread(wanted.read_bytes))

    def _serve(self, file: Path, body: bytes) -> web.Response:
        kind = _TYPES.get(file.suffix) or mimetypes.guess_type(file.name)[0] or "application/octet-stream"
        headers = {
            "content-type": f"{kind}; charset=utf-8" if kind.startswith("text/") else kind,
            "content-security-policy": self._policy,
            "x-content-type-options": "nosniff",
            "referrer-policy": "no-referrer",
            "cache-control": "no-cache",
        }
        return web.Response(body=body, headers=headers)


def _policy(settings: Settings, files: Iterable[str]) -> str:
    """Only this origin, the files' addresses, and the tiles' origin where the person set one.

    The live stream by host: a bare `ws:` lets every http: address pass too (CSP 3, scheme-part matching).
    """
    parts = (urlsplit(url) for url in (settings.tiles, settings.style) if url)
    others = " ".join(sorted({f"{part.scheme}://{part.netloc}" for part in parts} | set(files)))
    return "; ".join(
        (
            "default-src 'none'",
            "script-src 'self'",
            "style-src 'self'",
            "font-src 'self'",
            f"connect-src 'self' ws://{HOST}:{settings.port} {others}".rstrip(),
            f"img-src 'self' data: {others}".rstrip(),
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )
