"""A layer is unpacked once and shared by all workers.

Unmended, every worker unpacks every layer of its function for itself: a burst of 50 cold calls
with 33 MB of layers took 53 s and 2.4 GB.
"""

import hashlib
import io
import os
import shutil
import tempfile
import threading
import zipfile
from pathlib import Path

from ministack.core import lambda_runtime

from infra.local.cloud.mends.source import redefine, replaced_span, source_of

_one_at_a_time = threading.Lock()


def unpacked(layer: bytes) -> str:
    """The folder that holds the layer's content, made on first use."""
    folder = Path(os.environ["TMPDIR"]) / "layers" / hashlib.sha256(layer).hexdigest()
    with _one_at_a_time:
        if not folder.exists():
            folder.parent.mkdir(parents=True, exist_ok=True)
            # Renamed when complete: a start that was interrupted leaves no half layer behind.
            half = Path(tempfile.mkdtemp(dir=folder.parent))
            try:
                with zipfile.ZipFile(io.BytesIO(layer)) as archive:
                    archive.extractall(half)  # ZipFile itself drops ".." and roots
                half.rename(folder)
            except BaseException:
                shutil.rmtree(half, ignore_errors=True)
                raise
    return str(folder)


def apply() -> None:
    """Put the shared folder where a worker unpacks for itself."""
    worker = lambda_runtime.Worker
    lambda_runtime._roster_unpacked_layer = unpacked
    redefine(
        lambda_runtime,
        worker,
        "_spawn",
        replaced_span(
            source_of(worker._spawn),
            'layer_dir = os.path.join(self._tmpdir, f"layer_{len(layers_dirs)}")',
            "layers_dirs.append(layer_dir)",
            "layer_dir = _roster_unpacked_layer(layer_data)\n" + " " * 16,
        ),
    )
