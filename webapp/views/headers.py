"""The headers that every answer carries."""

from flask import Flask, request
from werkzeug import Response

from webapp.views.statics import KEEP_FOR_A_YEAR

OWN = "'self'"
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        *(f"{kind}-src {OWN}" for kind in ("style", "img", "script", "connect", "media", "font", "manifest")),
        f"form-action {OWN}",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
FEATURES = (
    "accelerometer", "autoplay", "camera", "display-capture", "encrypted-media", "fullscreen", "gamepad",
    "geolocation", "gyroscope", "hid", "identity-credentials-get",
    "idle-detection", "magnetometer", "microphone", "midi", "otp-credentials", "payment", "picture-in-picture",
    "publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock", "serial", "storage-access",
    "usb", "xr-spatial-tracking",
)  # fmt: skip

HEADERS: dict[str, str] = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    # "no-referrer" would make browsers send forms without the referrer that the token check needs over https
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": ", ".join(f"{feature}=()" for feature in FEATURES),
    "X-Robots-Tag": "noindex, noarchive",
}
POLICY, SANDBOXED = "Content-Security-Policy", "sandbox; default-src 'none'; "
"""What a file that is a page may say for itself, since it may do less than any page of ours."""
SCANNING = {200, 422}
HSTS = "max-age=31536000"


def register(app: Flask) -> None:
    """Put the headers on every answer, error pages included."""

    @app.after_request
    def _headers(response: Response) -> Response:
        own = response.headers.get(POLICY, "")
        response.headers.update(HEADERS)
        if own.startswith(SANDBOXED):
            response.headers[POLICY] = own
        if request.blueprint == "tick" and response.status_code in SCANNING:
            may = HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")
            response.headers["Permissions-Policy"] = may
        if app.config["SESSION_COOKIE_SECURE"]:
            response.headers["Strict-Transport-Security"] = HSTS
        if response.headers.get("Cache-Control") != KEEP_FOR_A_YEAR:
            response.headers["Cache-Control"] = "no-store"
        return response
