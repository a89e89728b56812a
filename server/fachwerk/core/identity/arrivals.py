# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What a provider's token says about somebody, taken over."""

from fachwerk.kernel.db import Work

from . import service
from .attributes import Attributes, attributes_of
from .events import PersonReported
from .model import Person
from .provider import Provider
from .settings import IdentitySettings
from .tokens import IdToken


async def take_in(work: Work, provider: Provider, token: IdToken, settings: IdentitySettings) -> Person:
    """The person of a token that is believed, as it says they are; made if new. They may still be kept out.

    Roles of the whole installation are given by the house's own provider alone.
    """
    name = token.name or token.preferred_username or token.sub
    roles = token.roles if provider.is_house else ()
    who, changed = await service.upsert(work, provider.namespace, token.sub, name, token.email, roles)
    placed_elsewhere = who.pushed and settings.departments != "provider"
    groups = None if token.groups is None or placed_elsewhere else tuple(token.groups)
    if who.active:
        attributes = dict(_attributes(token, settings)) if provider.is_house else {}
        work.announce(PersonReported(person_id=who.id, groups=groups, changed=changed, attributes=attributes))
    return who


def _attributes(token: IdToken, settings: IdentitySettings) -> Attributes:
    """What a token says about somebody's attributes.

    What it does not name it may not have been told to: where the provider's list is read, that alone says what is
    gone. Where it is not, nobody else would.
    """
    said = token.attributes if isinstance(token.attributes, dict) else {}
    is_all = settings.provider == "oidc" and settings.admin_client_secret_file is None
    return attributes_of(said, [name for name in settings.attribute_names if is_all or name in said])
