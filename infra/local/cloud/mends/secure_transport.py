"""A request over the loopback interface counts as one over TLS.

Unmended, a bucket policy that refuses plain HTTP, as every bucket here has, refuses the functions
themselves: the local cloud speaks nothing else.
"""

from ministack import app


def apply() -> None:
    """Answer ``aws:SecureTransport`` with true."""
    pin = app.pin_request_origin

    def mended(source_ip: str, secure_transport: bool) -> None:  # noqa: FBT001  # as ministack calls it
        del secure_transport
        pin(source_ip, True)  # noqa: FBT003

    app.pin_request_origin = mended
