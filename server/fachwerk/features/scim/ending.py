# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is to be done when no system pushes people any more."""

from sqlmodel import delete

from fachwerk.core import identity
from fachwerk.kernel.audit import OPERATOR
from fachwerk.kernel.db import Work

from .model import ScimGroup, ScimUser


async def release(work: Work) -> int:
    """Forget all that was said; what the provider says counts again for everybody. Returns for how many it did not."""
    await work.db.exec(delete(ScimUser))
    await work.db.exec(delete(ScimGroup))
    people = await identity.release(work)
    work.audit(OPERATOR, "scim.release", "scim", people=str(people))
    return people
