"""How a file is named to whoever saves it."""

from urllib.parse import quote


def attachment(filename: str) -> str:
    """RFC 6266: the name as it is for those who read UTF-8, and a plain one for the rest."""
    plain = "".join(c if (c.isascii() and c.isalnum()) or c in "._- " else "_" for c in filename)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(filename, safe='')}"
