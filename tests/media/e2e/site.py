# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A web origin of its own for browser tests: the page, livekit-client, and a place where pages leave their figures."""

import functools
import http.server
import json
import threading
import urllib.parse
from pathlib import Path
from types import TracebackType
from typing import Any, Self

HERE = Path(__file__).parent
LIBRARY = HERE.parents[2] / "clients/web/node_modules/livekit-client/dist"
"""One place pins livekit-client: the web client."""
FILES = {
    "/": (HERE / "page.html", "text/html; charset=utf-8"),
    "/livekit-client.umd.js": (LIBRARY / "livekit-client.umd.js", "text/javascript"),
    "/livekit-client.e2ee.worker.js": (LIBRARY / "livekit-client.e2ee.worker.js", "text/javascript"),
}


class _Handler(http.server.BaseHTTPRequestHandler):
    def __init__(self, reports: dict[str, dict[str, Any]], *args: Any) -> None:
        self._reports = reports
        super().__init__(*args)

    def do_GET(self) -> None:
        path, kind = FILES.get(urllib.parse.urlsplit(self.path).path, (None, ""))
        if path is None:
            self.send_error(404)
            return
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        report = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self._reports[report["name"]] = report
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return


class Site:
    """The server. reports: the newest figures of each page, by its name."""

    def __enter__(self) -> Self:
        assert LIBRARY.is_dir(), "livekit-client is missing: npm ci in clients/web"
        self.reports: dict[str, dict[str, Any]] = {}
        handler = functools.partial(_Handler, self.reports)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.origin = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()
        return self

    def page(self, name: str, url: str, token: str, **options: object) -> str:
        """Address of a page that joins by itself. options: see page.html."""
        return f"{self.origin}/?" + urllib.parse.urlencode({"name": name, "url": url, "token": token, **options})

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
