"""Function workers report, log, fail and die as they do on AWS.

Unmended: every exception is a ``Runtime.HandlerError`` and costs the worker its life, a handler
that prints nothing waits 50 ms for a log line, a killed worker has no error type of its own, and
functions can import whatever the emulator's environment happens to hold.
"""

import queue
import sys
import time
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from infra.local.cloud.mends.source import redefine, replaced, source_of

# Written to stderr after the handler's own lines and before its answer, so that "all logged" is
# read instead of waited for.
END_OF_LOG = "\x1eend of invocation"
# A worker that was killed writes no end; its pipe closes at once.
LONGEST_WAIT_S = 0.25

_ANSWER = """\
        try:
            result = handler_fn(event, context)
            _real_stdout.write(json.dumps({"status": "ok", "result": result}) + "\\n")
        except Exception as e:
            _real_stdout.write(json.dumps({"status": "error", "error": str(e), \
"trace": traceback.format_exc()}) + "\\n")
        _real_stdout.flush()
"""

_MENDED_ANSWER = f"""\
        try:
            _answer = {{"status": "ok", "result": handler_fn(event, context)}}
        except Exception as e:
            _answer = {{
                "status": "error",
                "raised": True,
                "error": str(e),
                "errorType": type(e).__name__,
                "stackTrace": traceback.format_tb(e.__traceback__)[1:],
                "trace": traceback.format_exc(),
            }}
        try:
            _line = json.dumps(_answer)
        except (TypeError, ValueError) as e:
            _line = json.dumps({{
                "status": "error",
                "raised": True,
                "error": "Unable to marshal response: " + str(e),
                "errorType": "Runtime.MarshalError",
                "stackTrace": [],
            }})
        sys.__stderr__.write({END_OF_LOG!r} + "\\n")
        sys.__stderr__.flush()
        _real_stdout.write(_line + "\\n")
        _real_stdout.flush()
"""

_DIED = 'result_box.append({"status": "error", "error": "Worker process died"})'
_MENDED_DIED = "result_box.append(_roster_exit_error(self, request_id))"
_BROKEN_PIPE = """\
            except Exception as e:
                result_box.append({"status": "error", "error": str(e)})
"""
_MENDED_BROKEN_PIPE = """\
            except OSError:
                result_box.append(_roster_exit_error(self, request_id))
            except Exception as e:
                result_box.append({"status": "error", "error": str(e)})
"""

_ERROR_TYPE = 'error_type = "Runtime.HandlerError"'
_MENDED_ERROR_TYPE = 'error_type = result.get("errorType", "Runtime.HandlerError")'
_ERROR_BODY = """\
                    "errorType": error_type,
                },
"""
_MENDED_ERROR_BODY = """\
                    "errorType": error_type,
                    "requestId": request_id,
                    **({"stackTrace": result["stackTrace"]} if "stackTrace" in result else {}),
                },
"""


def apply() -> None:
    """Mend the worker script and the two functions that speak to it."""
    # The worker is a script kept as text in ministack.
    lambda_runtime._PYTHON_WORKER_SCRIPT = replaced(
        lambda_runtime._PYTHON_WORKER_SCRIPT, (_ANSWER, _MENDED_ANSWER)
    )
    worker = lambda_runtime.Worker
    lambda_runtime._roster_exit_error = _exit_error
    redefine(
        lambda_runtime,
        worker,
        "invoke",
        replaced(
            source_of(worker.invoke),
            (_DIED, _MENDED_DIED),
            (_BROKEN_PIPE, _MENDED_BROKEN_PIPE),
            (
                'if response.get("status") == "error":',
                'if response.get("status") == "error" and not response.get("raised"):',
            ),
        ),
    )
    redefine(
        lambda_svc,
        lambda_svc,
        "_execute_function_warm",
        replaced(
            source_of(lambda_svc._execute_function_warm),
            (_ERROR_TYPE, _MENDED_ERROR_TYPE),
            (_ERROR_BODY, _MENDED_ERROR_BODY),
        ),
    )
    _drain_to_the_end_mark(worker)
    _run_on_the_bare_interpreter(worker)


def _exit_error(worker: Any, request_id: str) -> dict[str, str]:
    """What AWS answers when the runtime ends without an answer."""
    try:
        code = worker._proc.wait(timeout=1)
    except Exception:  # noqa: BLE001  # still dying: how it ended is only for the message
        code = None
    how = "signal: killed" if code is None or code < 0 else f"exit status {code}"
    return {
        "status": "error",
        "error": f"RequestId: {request_id} Error: Runtime exited with error: {how}",
        "errorType": "Runtime.ExitError",
    }


def _drain_to_the_end_mark(worker: Any) -> None:
    wait_for_lines = worker._drain_stderr_bounded

    def drain(self: Any, *args: float, **options: float) -> str:
        if not self.config.get("Runtime", "").startswith("python"):
            return str(wait_for_lines(self, *args, **options))
        lines: list[str] = []
        deadline = time.monotonic() + LONGEST_WAIT_S
        while (left := deadline - time.monotonic()) > 0:
            try:
                line: str = self._stderr_queue.get(timeout=min(left, 0.01))
            except queue.Empty:
                if not self._stderr_thread.is_alive():
                    break
                continue
            if line.endswith(END_OF_LOG):
                # What the handler printed last may lack its line end.
                lines.extend(filter(None, [line.removesuffix(END_OF_LOG)]))
                break
            lines.append(line)
        return "\n".join(lines)

    worker._drain_stderr_bounded = drain


def _run_on_the_bare_interpreter(worker: Any) -> None:
    """Functions see the standard library, their layers and themselves, as on AWS.

    With ministack's own environment on the path, a dependency missing from a layer goes unseen.
    """
    command = [getattr(sys, "_base_executable", sys.executable), "-I", "-S"]
    redefine(
        lambda_runtime,
        worker,
        "_spawn",
        replaced(
            source_of(worker._spawn),
            (
                "[binary, worker_path],",
                f"[*({command!r} if runtime.startswith('python') else [binary]), worker_path],",
            ),
        ),
    )
