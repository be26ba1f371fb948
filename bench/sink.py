"""A table that takes every write and keeps nothing, in a process of its own: its CPU is nobody's.

`python -m bench.sink [FILE]` prints its port. It writes what it is told into the file, a JSON item
a line.
"""

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body in one packet, or the reader waits for the second.
    wbufsize = -1
    kept: Path | None = None

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        operation = self.headers["X-Amz-Target"].partition(".")[2]
        if operation == "BatchExecuteStatement":
            answer: dict[str, Any] = {"Responses": [{}] * body.count(b'"Statement":')}
        else:
            answer = {"UnprocessedItems": {}}
        if self.kept is not None:
            self._keep(operation, json.loads(body))
        said = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def _keep(self, operation: str, told: dict[str, Any]) -> None:
        assert operation == "BatchWriteItem", operation
        assert self.kept is not None
        with self.kept.open("a") as file:
            for requests in told["RequestItems"].values():
                for request in requests:
                    file.write(json.dumps(request["PutRequest"]["Item"]) + "\n")

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def sink(kept: Path | None = None) -> Iterator[str]:
    """The address of a sink that runs meanwhile."""
    command = [sys.executable, "-m", "bench.sink", *([str(kept)] if kept else [])]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.terminate()


def main(arguments: list[str]) -> None:
    _Handler.kept = Path(arguments[0]) if arguments else None
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
