# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The answer as clients see it."""

from fachwerk.kernel.wire import Wire


class Kept(Wire):
    """How many records of one kind there are; `kind` is the name of their file in the export."""

    kind: str
    count: int


class OwnData(Wire):
    """Every kind that is kept, also those of which there is nothing."""

    items: list[Kept]
