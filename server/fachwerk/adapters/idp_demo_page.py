# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Pages of the demo provider: plain HTML without scripts, usable with the keyboard alone, light and dark."""

from collections.abc import Iterable, Mapping
from html import escape

from starlette.responses import HTMLResponse

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}

STYLE = """\
:root { color-scheme: light dark; --ink: #171a2b; --muted: #4a5068; --page: #fff; --line: #8a90a6;
  --main: #1f43ab; --on-main: #fff; --error: #a3001b; --soft: #e8edfb; }
@media (prefers-color-scheme: dark) { :root { --ink: #eef0f7; --muted: #b6bcd0; --page: #14182a; --line: #7d849c;
  --main: #9db4ff; --on-main: #0d1330; --error: #ff9aa8; --soft: #232a45; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1.5rem;
  background: var(--page); color: var(--ink); font: 1rem/1.5 "Fira Sans", system-ui, sans-serif; }
main { width: 100%; max-width: 26rem; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 0 0 .25rem; }
p { margin: 0 0 1.25rem; color: var(--muted); }
p.error { color: var(--error); font-weight: 600; border-left: .25rem solid; padding-left: .75rem; }
fieldset { border: 0; margin: 0 0 1.25rem; padding: 0; }
legend, .field label { font-weight: 600; padding: 0; margin-bottom: .375rem; display: block; }
.person { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; padding: .375rem .75rem;
  border: 1px solid var(--line); border-radius: .5rem; margin-bottom: .375rem; cursor: pointer; }
.person:has(:checked) { background: var(--soft); border-color: var(--main); }
.person input { accent-color: var(--main); width: 1.125rem; height: 1.125rem; margin: 0; flex: none; }
.person small { display: block; color: var(--muted); }
.field { margin-bottom: 1.25rem; }
.field input { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--line); border-radius: .5rem; }
button { width: 100%; min-height: 2.75rem; border: 0; border-radius: .5rem; font: inherit; font-weight: 600;
  background: var(--main); color: var(--on-main); cursor: pointer; }
:focus-visible, .person:has(:focus-visible) { outline: 3px solid var(--main); outline-offset: 2px; }
"""


def login_page(
    base: str,
    action: str,
    people: Iterable[tuple[str, str, str]],
    csrf: str,
    *,
    chosen: str = "",
    error: str = "",
    status: int = 200,
) -> HTMLResponse:
    """The form. people: (subject, name, a line about them). action: where it is posted, not yet escaped."""
    rows = "".join(
        f'<label class="person"><input type="radio" name="person" value="{escape(subject)}" required'
        f"{' checked' if subject == chosen else ''}><span>{escape(name)}<small>{escape(line)}</small></span></label>"
        for subject, name, line in people
    )
    told = f'<p class="error" role="alert" id="fehler">{escape(error)}</p>' if error else ""
    described = ' aria-describedby="fehler" aria-invalid="true"' if error else ""
    body = (
        f"<h1>Anmeldung zur Vorführung</h1><p>Wählen Sie eine Person. Das Kennwort steht im Terminal.</p>{told}"
        f'<form method="post" action="{escape(action)}">'
        f'<input type="hidden" name="csrf" value="{escape(csrf)}">'
        f"<fieldset><legend>Person</legend>{rows}</fieldset>"
        '<div class="field"><label for="kennwort">Kennwort</label>'
        '<input id="kennwort" name="password" type="password" autocomplete="current-password" required'
        f"{described}></div>"
        "<button>Anmelden</button></form>"
    )
    return _page(base, "Anmeldung", body, status)


def message_page(base: str, title: str, text: str, status: int = 200) -> HTMLResponse:
    """A page that only says something."""
    return _page(base, title, f"<h1>{escape(title)}</h1><p>{escape(text)}</p>", status)


def _page(base: str, title: str, body: str, status: int) -> HTMLResponse:
    headers: Mapping[str, str] = HEADERS
    return HTMLResponse(
        '<!doctype html><html lang="de"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<title>{escape(title)} – Fachwerk-Vorführung</title><link rel="stylesheet" href="{escape(base)}/style.css">'
        f"</head><body><main>{body}</main></body></html>",
        status,
        dict(headers),
    )
