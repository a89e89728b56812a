# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Whom the rules of rooms mean, asked of the database: of one room, or of one person.

Neither question looks at rooms or people beside those asked about, however many there are.
"""

from typing import Any

from sqlalchemy import text

from fachwerk.kernel.db import Work

COVERED = """
covered (rule_id, department_id) AS (
    SELECT id, department_id FROM room_rule WHERE room_id = :room_id
    UNION
    SELECT room_rule.id, department.id FROM room_rule CROSS JOIN department
    WHERE room_rule.room_id = :room_id AND room_rule.department_id = ''
    UNION
    SELECT covered.rule_id, department.id FROM covered
    JOIN room_rule ON room_rule.id = covered.rule_id AND room_rule.below
    JOIN department ON department.parent_id = covered.department_id
)"""
"""The departments that each rule of a room is about, of the whole house all. UNION drops doubles: even a ring ends."""

FITS = """(
    (NOT room_rule.leading OR place.role IN ('lead', 'deputy'))
    AND (room_rule.attribute = '' OR EXISTS (
        SELECT 1 FROM person_attribute AS has
        WHERE has.person_id = place.person_id
        AND has.name = room_rule.attribute AND has.value_key = room_rule.value_key
    ))
)"""
"""Whether what somebody is in a department, and has, is what a rule asks for."""

MEANT = f"""
WITH RECURSIVE {COVERED},
meant (person_id) AS (
    SELECT DISTINCT place.person_id FROM covered
    JOIN room_rule ON room_rule.id = covered.rule_id
    JOIN department_member AS place ON place.department_id = covered.department_id
    WHERE {FITS}
)"""  # noqa: S608 -- put together from constants

COMING = text(f"""{MEANT}
SELECT person_id FROM meant WHERE NOT EXISTS (
    SELECT 1 FROM member
    WHERE member.room_id = :room_id AND member.person_id = meant.person_id AND member.membership = 'joined'
) ORDER BY person_id""")  # noqa: S608 -- as above
"""Those whom the rules of a room mean and who are not in it."""

GOING = text(f"""{MEANT}
SELECT person_id FROM member
WHERE room_id = :room_id AND by_rule AND person_id NOT IN (SELECT person_id FROM meant) ORDER BY person_id""")  # noqa: S608 -- as above
"""Those who are in a room by a rule that does not mean them any more."""

ROOMS = text(f"""
WITH RECURSIVE above (person_id, department_id, role, own) AS (
    SELECT person_id, department_id, role, 1 FROM department_member WHERE person_id = :person_id
    UNION
    SELECT person_id, '', role, 1 FROM department_member WHERE person_id = :person_id
    UNION
    SELECT above.person_id, department.parent_id, above.role, 0 FROM above
    JOIN department ON department.id = above.department_id
    WHERE department.parent_id IS NOT NULL
)
SELECT DISTINCT room_rule.room_id FROM above AS place
JOIN room_rule ON room_rule.department_id = place.department_id
WHERE (place.own = 1 OR room_rule.below) AND {FITS} ORDER BY room_rule.room_id""")  # noqa: S608 -- as above
"""The rooms whose rules mean somebody."""

DEPARTMENTS = text(f"WITH RECURSIVE {COVERED} SELECT DISTINCT department_id FROM covered ORDER BY department_id")  # noqa: S608
"""The departments that the rules of a room are about."""

BELOW = text("""
WITH RECURSIVE above (id) AS (
    SELECT id FROM department WHERE id IN (:one, :other)
    UNION
    SELECT department.parent_id FROM above JOIN department ON department.id = above.id
    WHERE department.parent_id IS NOT NULL
)
SELECT DISTINCT room_id FROM room_rule WHERE below AND department_id IN (SELECT id FROM above) ORDER BY room_id""")
"""The rooms with a rule about all that is below one of two departments."""


async def coming(work: Work, room_id: str) -> list[str]:
    """Whom the rules of a room bring in now."""
    return await _asked(work, COMING, room_id=room_id)


async def going(work: Work, room_id: str) -> list[str]:
    """Whom the rules of a room no longer keep in."""
    return await _asked(work, GOING, room_id=room_id)


async def rooms_of(work: Work, person_id: str) -> list[str]:
    """The rooms whose rules mean somebody."""
    return await _asked(work, ROOMS, person_id=person_id)


async def covered(work: Work, room_id: str) -> list[str]:
    """The departments that the rules of a room are about, those below included where a rule says so."""
    return await _asked(work, DEPARTMENTS, room_id=room_id)


async def rooms_about(work: Work, one: str | None, other: str | None) -> list[str]:
    """The rooms whose rules are about what is below one of two departments, or of those above these."""
    return await _asked(work, BELOW, one=one, other=other)


async def _asked(work: Work, question: Any, **of: str | None) -> list[str]:
    await work.db.flush()
    return list((await (await work.db.connection()).execute(question, of)).scalars())
