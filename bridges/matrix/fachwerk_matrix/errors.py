# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""How a step can fail: for now, or for good."""


class Later(Exception):
    """Something that we need is away, or not there yet: the same step may succeed later."""


class Refused(Exception):
    """The other side will not take this, now or later. code: its own word for the reason.

    detail: its sentence, which may name rooms and people and is only for a developer's log.
    """

    def __init__(self, code: str, status: int = 0, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.status, self.detail = code, status, detail
