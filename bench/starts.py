"""Import of each handler in a fresh process, from what was built, beside a bare Powertools one.

The processes see the standard library and the built folders only. `without bytecode` compiles
everything again, as `sam build` alone would have every cold start do.
"""

import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from bench.report import Table, figure
from infra.local import build
from tests.support.functions import BUILT, functions

_RUNS = 5
_HELLO = """
from aws_lambda_powertools import Logger
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver
app, logger = APIGatewayHttpResolver(), Logger(service="hello")
@app.get("/hello")
def hello():
    return {"message": "hello"}
@logger.inject_lambda_context
def lambda_handler(event, context):
    return app.resolve(event, context)
"""
_IMPORT = """
import sys, importlib, time
sys.path[:0] = sys.argv[3:]
begun = time.process_time()
importlib.import_module(sys.argv[1])
print(time.process_time() - begun)
sys.path.insert(0, sys.argv[2])
from memory import peak_mib
print(peak_mib())
"""


def _import(module: str, folders: Sequence[Path], *, compiled: bool = True) -> tuple[float, float]:
    """(median CPU seconds, peak MiB) of importing a module in a fresh process."""
    # An empty cache elsewhere, that is never written, stands for bytecode that did not ship.
    options = [] if compiled else ["-B", "-X", f"pycache_prefix={tempfile.gettempdir()}/none"]
    here = str(Path(__file__).parent)
    command = [
        sys.executable,
        "-I",
        "-S",
        *options,
        "-c",
        _IMPORT,
        module,
        here,
        *map(str, folders),
    ]
    runs = []
    for _ in range(_RUNS if compiled else 1):
        done = subprocess.run(command, capture_output=True, text=True, check=True, env={})
        runs.append([float(word) for word in done.stdout.split()])
    return statistics.median(r[0] for r in runs), max(r[1] for r in runs)


def table() -> Table:
    """CPU of each import as multiples of hello's, with bytecode as shipped and without."""
    if not build.is_current():
        raise SystemExit("what is built is older than the sources: run `make build`")
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "hello.py").write_text(_HELLO)
        places = [Path(folder), BUILT / "DependenciesLayer" / "python"]
        # Once before, so that hello's own bytecode is there like everybody's.
        _import("hello", places)
        hello, peak = _import("hello", places)
        bare, _ = _import("hello", places, compiled=False)
    rows = [["hello", "1", figure(bare / hello), figure(round(peak))]]
    for function in functions():
        places = [BUILT / function.logical_id, *(BUILT / n / "python" for n in function.layers)]
        module = function.handler.rpartition(".")[0]
        seconds, peak = _import(module, places)
        without, _ = _import(module, places, compiled=False)
        cells = [figure(seconds / hello), figure(without / hello), figure(round(peak))]
        rows.append([function.folder, *cells])
    head = ["handler", "CPU, hello = 1", "without bytecode", "peak MiB"]
    return Table("starts", head, rows)
