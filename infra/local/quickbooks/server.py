"""The process on loopback: HTTP/1.1 with keep-alive, one world behind it."""

from __future__ import annotations

import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from infra.local.quickbooks import control, exchange
from infra.local.quickbooks.answers import Answer
from infra.local.quickbooks.clock import http_date
from infra.local.quickbooks.hooks.courier import Courier
from infra.local.quickbooks.request import Request

if TYPE_CHECKING:
    from infra.local.quickbooks.world import World

LOOPBACK = "127.0.0.1"
_SAVE_EVERY = 0.5
# A big book takes seconds to write: saving may take this share of the time at most.
_SAVING_SHARE = 0.05


class Server(ThreadingHTTPServer):
    """Serve `world` on loopback; port 0 takes a free one."""

    daemon_threads = True
    # A demo and its tests open many connections at once; the default backlog of 5 is short.
    request_queue_size = 128

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self.stopping = threading.Event()
        self._courier = Courier(world)
        super().__init__((LOOPBACK, port), Handler)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:<port>`, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def start(self) -> None:
        """Serve in background threads until `stop()`."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        threading.Thread(target=self._keep_saving, daemon=True).start()
        self._courier.start()

    def stop(self) -> None:
        """Stop serving and save what changed last."""
        self.stopping.set()
        self._courier.stop()
        self.shutdown()
        self.server_close()
        self.world.save()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up: slow and spoiled answers provoke it."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def _keep_saving(self) -> None:
        pause = _SAVE_EVERY
        while not self.stopping.wait(pause):
            started = time.monotonic()
            if self.world.path is not None and self.world.changed.is_set():
                self.world.save()
            pause = max(_SAVE_EVERY, (time.monotonic() - started) / _SAVING_SHARE)


class Handler(BaseHTTPRequestHandler):
    """Read one request, let the world answer, write the answer in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1
    server: Server

    def handle_one_request(self) -> None:
        """Serve one request; a client that hung up is no news."""
        try:
            super().handle_one_request()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def do_GET(self) -> None:
        """Serve a GET."""
        self._serve()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_GET  # noqa: N815

    def log_message(self, format: str, *args: object) -> None:
        """Stay silent: `/_control/calls` tells what was called."""

    def _serve(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not length.isdigit():
            self.close_connection = True
            self._write(Answer(411, b"", "text/plain"), {}, cut=False)
            return
        target = urlsplit(self.path)
        body = self.rfile.read(int(length))
        request = Request(self.command, target.path, target.query, self.headers, body)
        if target.path.startswith(control.PREFIX + "/"):
            with self.server.world.lock:
                answer = control.handle(self.server.world, request)
            if request.method != "GET":
                self.server.world.changed.set()
            self._write(answer, {}, cut=False)
        else:
            self._as_intuit(request)

    def _as_intuit(self, request: Request) -> None:
        world = self.server.world
        with world.lock:
            rule = exchange.struck(world, request)
        if rule is not None and rule.fault == "timeout":
            self.server.stopping.wait(rule.seconds)
        with world.lock:
            ended = exchange.finish(world, request, rule)
        if ended.answer is None:
            self.close_connection = True
            return
        self._write(ended.answer, ended.headers, cut=ended.cut)

    def _write(self, answer: Answer, headers: dict[str, str], *, cut: bool) -> None:
        self.send_response_only(answer.status)
        self.send_header("Server", "nginx")
        self.send_header("Date", http_date(time.time()))
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(answer.body)))
        for name, value in (headers | answer.headers).items():
            self.send_header(name, value)
        if cut:
            self.close_connection = True
        self.send_header("Connection", "close" if self.close_connection else "keep-alive")
        self.end_headers()
        self.wfile.write(answer.body[: len(answer.body) // 2] if cut else answer.body)
        self.wfile.flush()
