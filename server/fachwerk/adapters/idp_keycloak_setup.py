# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Making a Keycloak realm what this installation needs, and nothing beyond that.

Every part is compared first and written only where it differs, so a second run changes nothing. What
else is in the realm (people, other clients, other groups) is left alone.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keycloak import KeycloakAdmin
from keycloak.exceptions import KeycloakGetError

from fachwerk.core.identity import GroupWanted

from .idp_keycloak_groups import set_groups

NOT_FOUND = 404
EVENTS_KEPT_S = 7 * 86_400
"""How long a new realm keeps what its administrators did, for those details name people."""
READING = ("view-users", "query-users", "query-groups", "view-events")
"""What the service account may do in the realm: read people, groups, events."""
CHANGING = ("manage-users", "view-users", "query-users", "query-groups")
"""What the other one may do: make, change and remove people and groups."""

CLAIM = "fachwerk_attributes"
"""What an ID token says about attributes, as an object."""
ATTRIBUTE: dict[str, Any] = {"multivalued": True, "permissions": {"view": ["admin", "user"], "edit": ["admin"]}}

NEW_REALM: dict[str, Any] = {
    "enabled": True,
    "sslRequired": "external",
    "registrationAllowed": False,
    "bruteForceProtected": True,
    "internationalizationEnabled": True,
    "supportedLocales": ["de", "en"],
    "defaultLocale": "de",
    "attributes": {"adminEventsExpiration": str(EVENTS_KEPT_S)},
}
REALM: dict[str, Any] = {"adminEventsEnabled": True, "adminEventsDetailsEnabled": True}
"""Without these events nobody tells us of somebody who was disabled."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an installation needs. origin: its own, without a path. roles: name and meaning. groups: parents first.

    org_client_id, org_client_secret: of the client that changes people and groups; None for no such client.
    attributes: names of those that are taken over about people.
    """

    origin: str
    client_id: str
    client_secret: str
    admin_client_id: str
    admin_client_secret: str
    roles: Mapping[str, str]
    groups: Sequence[GroupWanted]
    org_client_id: str = ""
    org_client_secret: str | None = None
    attributes: Sequence[str] = ()


class SetupRefused(Exception):
    """The realm cannot be made what is wanted. The text is a sentence for the operator."""


def set_up(admin: KeycloakAdmin, wanted: Wanted) -> list[str]:
    """Make or correct everything. Returns what was changed, a phrase each. Raises SetupRefused or KeycloakError."""
    slashed = [group.name for group in wanted.groups if "/" in group.name]
    if slashed:
        raise SetupRefused("a department's short name must not contain a slash: " + ", ".join(slashed))
    did = _realm(admin)
    did += _client(admin, login_client(wanted))
    did += _client(admin, _machine(wanted.admin_client_id, "list of people", wanted.admin_client_secret))
    did += _rights(admin, wanted.admin_client_id, READING)
    if wanted.org_client_secret is not None:
        did += _client(admin, _machine(wanted.org_client_id, "organisation", wanted.org_client_secret))
        did += _rights(admin, wanted.org_client_id, CHANGING)
    did += _roles(admin, wanted.roles)
    did += _attributes(admin, wanted.attributes)
    return did + set_groups(admin, wanted.groups)


def login_client(wanted: Wanted) -> dict[str, Any]:
    """The client that people sign in to: confidential, code flow with PKCE only, told of every logout."""
    return {
        "clientId": wanted.client_id,
        "name": "Fachwerk",
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "clientAuthenticatorType": "client-secret",
        "secret": wanted.client_secret,
        "standardFlowEnabled": True,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": False,
        "frontchannelLogout": False,
        "fullScopeAllowed": True,
        "rootUrl": wanted.origin,
        "redirectUris": [wanted.origin + "/auth/callback"],
        "webOrigins": [],
        "attributes": {
            "pkce.code.challenge.method": "S256",
            "backchannel.logout.url": wanted.origin + "/auth/backchannel-logout",
            "backchannel.logout.session.required": "true",
            "post.logout.redirect.uris": wanted.origin + "/",
            # the access token is not used: it need not name anybody
            "client.use.lightweight.access.token.enabled": "true",
        },
        "protocolMappers": [
            _mapper("departments", "oidc-group-membership-mapper", {"claim.name": "groups", "full.path": "true"}),
            _mapper(
                "roles",
                "oidc-usermodel-realm-role-mapper",
                {"claim.name": "roles", "jsonType.label": "String", "multivalued": "true"},
            ),
            *(_claim(name) for name in wanted.attributes),
        ],
    }


def _machine(client_id: str, what_for: str, client_secret: str) -> dict[str, Any]:
    """A client that is a service account and nothing else."""
    return {
        "clientId": client_id,
        "name": f"Fachwerk: {what_for}",
        "enabled": True,
        "protocol": "openid-connect",
        "publicClient": False,
        "clientAuthenticatorType": "client-secret",
        "secret": client_secret,
        "standardFlowEnabled": False,
        "implicitFlowEnabled": False,
        "directAccessGrantsEnabled": False,
        "serviceAccountsEnabled": True,
        "redirectUris": [],
        "webOrigins": [],
        "attributes": {},
        "protocolMappers": [],
    }


def _mapper(name: str, kind: str, config: dict[str, str]) -> dict[str, Any]:
    claims = {"id.token.claim": "true", "access.token.claim": "false", "userinfo.token.claim": "false"}
    return {"name": name, "protocol": "openid-connect", "protocolMapper": kind, "config": config | claims}


def _claim(attribute: str) -> dict[str, Any]:
    """An attribute in the one claim that has all of them; the dot makes an object of it."""
    said = {"claim.name": f"{CLAIM}.{attribute}", "jsonType.label": "String", "multivalued": "true"}
    return _mapper(f"attribute {attribute}", "oidc-usermodel-attribute-mapper", {"user.attribute": attribute} | said)


def _realm(admin: KeycloakAdmin) -> list[str]:
    name = admin.connection.realm_name or ""
    try:
        found = admin.get_realm(name)
    except KeycloakGetError as error:
        if error.response_code != NOT_FOUND:
            raise
        admin.create_realm({"realm": name, **NEW_REALM, **REALM})
        admin.connection.get_token()  # the old one may do nothing in a realm that did not exist when it was given
        return [f"made the realm {name}"]
    if not (wrong := sorted(_wrong(found, REALM))):
        return []
    admin.update_realm(name, REALM)
    return [f"corrected the realm {name}: " + ", ".join(wrong)]


def _client(admin: KeycloakAdmin, wanted: dict[str, Any]) -> list[str]:
    name = wanted["clientId"]
    known = admin.get_client_id(name)
    if known is None:
        admin.create_client(wanted)
        return [f"made the client {name}"]
    mappers = wanted["protocolMappers"]
    plain = {key: value for key, value in wanted.items() if key != "protocolMappers"}
    found = admin.get_client(known)
    did = []
    if wrong := sorted(_wrong(found, plain)):
        merged = plain | {"attributes": found.get("attributes", {}) | wanted["attributes"]}
        admin.update_client(known, merged)
        did.append(f"corrected the client {name}: " + ", ".join(wrong))
    has = {mapper["name"]: mapper for mapper in found.get("protocolMappers", [])}
    for mapper in mappers:
        there = has.get(mapper["name"])
        if there is None:
            admin.add_mapper_to_client(known, mapper)
        elif set(_wrong(there, mapper)):
            admin.update_client_mapper(known, there["id"], there | mapper)
        else:
            continue
        did.append(f"corrected the claim of {name}: {mapper['config']['claim.name']}")
    return did


def _rights(admin: KeycloakAdmin, client_id: str, rights: Sequence[str]) -> list[str]:
    client, realm = admin.get_client_id(client_id), admin.get_client_id("realm-management")
    if client is None or realm is None:
        raise SetupRefused("the realm has no client realm-management, without which no service account can read it")
    account = admin.get_client_service_account_user(client)["id"]
    has = {role["name"] for role in admin.get_client_roles_of_user(account, realm)}
    missing = [name for name in rights if name not in has]
    if missing:
        admin.assign_client_role(account, realm, [admin.get_client_role(realm, name) for name in missing])
    return [f"gave {client_id} the right {name}" for name in missing]


def _roles(admin: KeycloakAdmin, wanted: Mapping[str, str]) -> list[str]:
    has = {role["name"] for role in admin.get_realm_roles()}
    missing = [name for name in wanted if name not in has]
    for name in missing:
        admin.create_realm_role({"name": name, "description": wanted[name]})
    return [f"made the role {name}" for name in missing]


def _attributes(admin: KeycloakAdmin, names: Sequence[str]) -> list[str]:
    """Let the realm know these attributes. Who could write their own would decide which rooms they are in."""
    if not names:
        return []
    profile, did = admin.get_realm_users_profile(), []
    there = {one["name"]: one for one in profile["attributes"]}
    for name in names:
        if name not in there:
            there[name] = {"name": name, "displayName": name, **ATTRIBUTE}
            did.append(f"made the attribute {name}")
        elif wrong := sorted(_wrong(there[name], ATTRIBUTE)):
            there[name] |= ATTRIBUTE
            did.append(f"corrected the attribute {name}: " + ", ".join(wrong))
    if did:
        admin.update_realm_users_profile(profile | {"attributes": list(there.values())})
    return did


def _wrong(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    """Names of what is other than wanted. What is there beyond that does not matter, nor the order of lists."""
    for name, value in wanted.items():
        there = found.get(name)
        if isinstance(value, Mapping):
            yield from (f"{name}.{inner}" for inner in _wrong(there or {}, value))
        elif isinstance(value, list):
            if sorted(there or []) != sorted(value):
                yield name
        elif there != value:
            yield name
