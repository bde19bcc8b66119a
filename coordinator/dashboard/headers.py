"""Headers of every answer; pure ASGI, because wrapped middleware leaks streams behind Serve."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "worker-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
OF_ALL = {"X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin"}
OF_PAGES = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    **OF_ALL,
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
}
FILES = "/static/"
OF_FILES = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'",
    **OF_ALL,
}
"""Of scripts, workers and styles: less is allowed, and what speaks of pages alone is left out of so many answers."""


class SafeHeaders:
    """Adds them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                is_file = scope["path"].startswith(FILES)
                MutableHeaders(scope=message).update(OF_FILES if is_file else OF_PAGES)
            await send(message)

        await self._app(scope, receive, send_safely if scope["type"] == "http" else send)
