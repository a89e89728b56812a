# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is served: the attributes that are kept, and what the protocol's options are (RFC 7643).

Only what is of use here is declared; what else a system sends is dropped, so that nothing lies about that
nobody needs. Group and User keep their names in /Schemas, so the classes have them.
"""

import re
from typing import Annotated, Any

from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    ExtensibleStringEnum,
    Filter,
    GroupMember,
    GroupMembership,
    Mutability,
    Patch,
    Required,
    Resource,
    Returned,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)

PAGE_MAX = 100
"""Resources in one answer."""
NO_TEXT = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
"""Control characters and halves of characters: in no value that is kept."""
USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"


class Name(ComplexAttribute):
    """The parts of a name (RFC 7643, section 4.1.1)."""

    formatted: str | None = None
    family_name: str | None = None
    given_name: str | None = None


class Email(ComplexAttribute):
    """An address (RFC 7643, section 4.1.2)."""

    class Type(ExtensibleStringEnum):
        """What it is for."""

        work = "work"
        home = "home"
        other = "other"

    value: str | None = None
    type: Type | None = None
    primary: bool | None = None


class User(Resource[Any]):
    """A person. external_id: the provider's own name for them, `sub` of their ID tokens; it never changes."""

    __schema__ = URN(USER)
    external_id: Annotated[
        str | None, Required.true, Mutability.immutable, Uniqueness.server, Returned.default, CaseExact.true
    ] = None
    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    name: Name | None = None
    display_name: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None


class Group(Resource[Any]):
    """A department. display_name: its short name."""

    __schema__ = URN(GROUP)
    display_name: Annotated[str | None, Required.true, Mutability.immutable, Uniqueness.server, CaseExact.true] = None
    members: list[GroupMember] | None = None


CONFIG = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=PAGE_MAX),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=False),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="Bearer token",
            description="A token that both sides were given (RFC 6750).",
            primary=True,
        )
    ],
)
POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""The last two, and truth values as text, are how Microsoft Entra patches."""
PROVIDER = ScimProvider([User, Group], config=CONFIG, policy=POLICY)
