"""Where to go after something was done: a place of ours, whatever was asked for."""

from urllib.parse import urlsplit


def local(back: str | None) -> str:
    """Return where to go afterwards: a place of ours, whatever was asked for."""
    try:
        parts = urlsplit(back or "/")
    except ValueError:  # such as "//[": no address at all
        return "/"
    if parts.scheme or parts.netloc or not parts.path.startswith("/") or parts.path.startswith(("//", "/\\")):
        return "/"
    return parts.path + (f"?{parts.query}" if parts.query else "")
