"""The process on loopback: HTTP/1.1 with keep-alive, one world behind it."""

from __future__ import annotations

import secrets
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from infra.local.quickbooks import api, control, oauth_api
from infra.local.quickbooks.answers import Answer
from infra.local.quickbooks.clock import http_date
from infra.local.quickbooks.request import Request

if TYPE_CHECKING:
    from infra.local.quickbooks.failures import Failure
    from infra.local.quickbooks.world import World

LOOPBACK = "127.0.0.1"
_SAVE_EVERY = 0.5
_QBO_VERSION = "1944.190"


class Server(ThreadingHTTPServer):
    """Serve `world` on loopback; port 0 takes a free one."""

    daemon_threads = True
    # A demo and its tests open many connections at once; the default backlog of 5 is short.
    request_queue_size = 128

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self.stopping = threading.Event()
        super().__init__((LOOPBACK, port), Handler)

    @property
    def base_url(self) -> str:
        """`http://127.0.0.1:<port>`, without a slash at the end."""
        return f"http://{LOOPBACK}:{self.server_port}"

    def start(self) -> None:
        """Serve in background threads until `stop()`."""
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()
        threading.Thread(target=self._keep_saving, daemon=True).start()

    def stop(self) -> None:
        """Stop serving and save what changed last."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        self.world.save()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet about clients that hang up: slow and spoiled answers provoke it."""
        if not isinstance(sys.exception(), ConnectionError | TimeoutError):
            super().handle_error(request, client_address)

    def _keep_saving(self) -> None:
        while not self.stopping.wait(_SAVE_EVERY):
            if self.world.path is not None and self.world.changed.is_set():
                self.world.save()


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
        world, tid = self.server.world, _tid()
        with world.lock:
            rule = world.failures.strike(request.method, self.path)
        if rule is not None and rule.fault == "timeout":
            self.server.stopping.wait(rule.seconds)
        started = time.monotonic()
        with world.lock:
            now = world.clock.now()
            answer = None
            if rule is None or rule.carries_out:
                answer = _carry_out(world, request)
            if rule is not None and rule.fault not in {"half_body", "timeout", "drop"}:
                answer = rule.answer(now, as_json=request.wants_json)
            call = _call(request, answer, rule, tid, now)
            world.record(call)
        if call["kind"] in {"oauth", "write"} or rule is not None:
            world.changed.set()
        if answer is None or (rule is not None and rule.fault == "drop"):
            self.close_connection = True
            return
        headers = {"intuit_tid": tid}
        if answer.status == 200 and api.realm_of(request):
            milliseconds = int((time.monotonic() - started) * 1000)
            headers |= {"QBO-Version": _QBO_VERSION, "Service-Time": f"total={milliseconds}"}
        self._write(answer, headers, cut=rule is not None and rule.fault == "half_body")

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


def _carry_out(world: World, request: Request) -> Answer:
    if api.realm_of(request):
        return api.handle(world, request)
    answer = oauth_api.handle(world, request)
    if answer is not None:
        return answer
    page = b"<html><head><title>404 Not Found</title></head></html>"
    return Answer(404, page, "text/html")


def _call(
    request: Request, answer: Answer | None, rule: Failure | None, tid: str, now: float
) -> dict[str, Any]:
    realm = api.realm_of(request)
    kind = "other"
    if realm:
        kind = api.kind_of_call(request)
    elif answer is None or answer.status != 404:
        kind = "oauth"
    return {
        "kind": kind,
        "method": request.method,
        "path": request.path,
        "query": request.query,
        "realm": realm,
        "body": request.body.decode("utf-8", "replace") if realm else "",
        "requestid": request.parameters.get("requestid"),
        "status": answer.status if answer else None,
        "fault": rule.fault if rule else None,
        "intuit_tid": tid,
        "at": now,
    }


def _tid() -> str:
    return f"1-{int(time.time()):08x}-{secrets.token_hex(12)}"
