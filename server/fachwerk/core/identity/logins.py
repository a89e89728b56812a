# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""A login on its way to the provider and back: made once, used once, by the browser that began it."""

import re

from sqlalchemy import text
from sqlmodel import col, delete

from fachwerk.kernel.db import Work
from fachwerk.kernel.errors import FieldError, Invalid

from .model import LoginState
from .service import hashed, new_token

LOGIN_MS = 600_000
"""How long somebody may take at the provider."""
RETURN_MAX_CHARS = 512
INSERT_SPENT = text("INSERT INTO spent_token (id, until_ms) VALUES (:id, :until) ON CONFLICT (id) DO NOTHING")
_LOCAL_PATH = re.compile(r"/(?:[!-.0-\[\]-~][!-\[\]-~]*)?")


def local_path(path: str) -> str:
    r"""A path of this site, for a redirect. Raises Invalid.

    Browsers take `//host`, `/\host` and the same with a tab or line break inside for other hosts (WHATWG
    URL, section 4.4), so nothing but printable ASCII without backslashes passes, and no second slash.
    """
    if len(path) > RETURN_MAX_CHARS or not _LOCAL_PATH.fullmatch(path):
        raise Invalid(errors=(FieldError(pointer="/return", detail="Not a path of this site."),))
    return path


def begin(
    work: Work, browser: str, return_path: str, *, provider: str = "", acr: str | None = None
) -> tuple[str, LoginState]:
    """Remember a login of this browser. Returns (state, what is to be sent along)."""
    state = new_token()
    login = LoginState(
        id=hashed(state),
        browser_hash=hashed(browser),
        provider=provider,
        acr=acr,
        nonce=new_token(),
        verifier=new_token(),
        return_path=return_path,
        expires_ms=work.now_ms + LOGIN_MS,
    )
    work.db.add(login)
    return state, login


async def take(work: Work, state: str, browser: str) -> LoginState | None:
    """The login with this state, forgotten from now on. None if unknown, another browser's, used or too old."""
    mine = (col(LoginState.id) == hashed(state)) & (col(LoginState.browser_hash) == hashed(browser))
    found = (await work.db.exec(delete(LoginState).where(mine).returning(LoginState))).scalars().first()
    return found if found is not None and found.expires_ms > work.now_ms else None


async def spend(work: Work, issuer: str, jti: str, keep_ms: int) -> bool:
    """Whether this token is seen for the first time; later calls say False for `keep_ms`."""
    connection = await work.db.connection()
    row = {"id": hashed(f"{issuer} {jti}"), "until": work.now_ms + keep_ms}
    return (await connection.execute(INSERT_SPENT, row)).rowcount == 1
