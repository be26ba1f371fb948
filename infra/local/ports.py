"""Finding out who has a port."""

import socket

from infra.local.home import CannotRunError

# Only an example for the message.
ELSEWHERE = 5566
# Below what systems hand out to connections, which come and go.
_FIRST, _MANY = 20000, 12000


def is_free(port: int) -> bool:
    """Whether this machine would let us listen there."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # As the servers do: a port in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def must_be_free(port: int, what: str) -> None:
    """Refuse, naming the way out, when another program listens on the port."""
    if not is_free(port):
        raise CannotRunError(
            f"port {port} ({what}) is in use by another program: stop it, or choose other ports"
            f" with ROSTER_PORT={ELSEWHERE}"
        )


def free_pair() -> int:
    """A port whose neighbour is free as well; the search begins at a place of its own."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        offset: int = probe.getsockname()[1] % _MANY
    for step in range(_MANY):
        port = _FIRST + (offset + step) % _MANY
        if is_free(port) and is_free(port + 1):
            return port
    raise CannotRunError("no free pair of ports on this machine: close some programs and run again")
