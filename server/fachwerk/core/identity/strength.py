# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""For what a person must have signed in more strongly than for the rest."""

from collections.abc import Collection
from fnmatch import fnmatchcase

from .settings import IdentitySettings


def strengths(settings: IdentitySettings, known: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The acr that suffice, the weakest first, for every known action and label that the settings speak of.

    Where two entries speak of the same, both have to be met. Raises SystemExit for one that speaks of nothing:
    whoever mistypes it must not believe that it protects.
    """
    found: dict[str, tuple[str, ...]] = {}
    for pattern, acr in settings.step_up.items():
        meant = [name for name in known if fnmatchcase(name, pattern)]
        if not meant:
            raise SystemExit(f"FACHWERK_IDENTITY__STEP_UP: there is no action and no label {pattern!r}")
        enough = settings.as_strong_as(acr)
        for name in meant:
            found[name] = tuple(one for one in enough if one in found.get(name, enough))
            if not found[name]:
                raise SystemExit(f"FACHWERK_IDENTITY__STEP_UP: no sign-in can meet all that is said of {name!r}")
    return found
