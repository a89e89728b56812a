# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Tables of people, their sessions and the logins under way."""

from sqlalchemy import JSON, BigInteger, Index, String, UniqueConstraint, text
from sqlmodel import Field, SQLModel

EXTERNAL = "matrix"
"""Issuer of people of other ministries; their subject is a Matrix user id. No provider can have this name."""
SERVICE = "service"
"""Issuer of our own machines, which are nobody's colleague."""
GUEST = "guest"
"""Issuer of guests, whom somebody of ours invited; nobody signs them in but the link that they were given."""


BYTEWISE = String().with_variant(String(collation="C"), "postgresql")
"""Text that is ordered by its bytes on either store, so that a range of an index is the same on both."""


_CAN_BE_ASKED = text("refresh_token IS NOT NULL")


class Person(SQLModel, table=True):
    """Somebody known here. Their key is (issuer, subject), never an e-mail address: those change hands.

    name_key: the name as `names.fold` spells it, for searching. roles: of the whole installation.
    organisation: of an external, the ministry as it is called here; of a guest, whatever the sponsor wrote; None
    for our own people.
    active: whether they may come in, which they may if nobody says otherwise. enabled: the provider's word on
    that. barred: the word of the system that pushes people to us. pushed: whether it tells of this person; name
    and e-mail address are then what it says.
    """

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("issuer", "subject", name="person_of_issuer"),
        Index("ix_person_by_name", "name_key", "id"),
    )
    id: str = Field(primary_key=True)
    issuer: str
    subject: str
    name: str
    name_key: str = Field(sa_type=BYTEWISE)
    email: str | None = None
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    active: bool = True
    enabled: bool = True
    barred: bool = False
    pushed: bool = False
    organisation: str | None = None

    @property
    def is_external(self) -> bool:
        """Somebody of another ministry: in rooms that were opened to it, and nowhere else."""
        return self.issuer == EXTERNAL

    @property
    def is_guest(self) -> bool:
        """Somebody whom one of ours invited: in the rooms that they were invited to, and nowhere else."""
        return self.issuer == GUEST


class Session(SQLModel, table=True):
    """One sign-in of one browser.

    token_hash: SHA-256 of the cookie's value, as hex; the value itself is nowhere. idp_sid: the provider's
    name for its own session. id_token: sent back at logout, so that the provider need not ask whether
    it is meant. refresh_token: the provider is asked with it whether the sign-in still holds; of no use without
    our client's secret (RFC 6749, section 10.4). asked_ms: when that was done last. acr: how strong the sign-in
    was, in the provider's word. browser, system: their makes in one word each, for the person to tell their
    sessions apart; None if unknown. used_ms: kept to the minute. idle_ms: how long the session may lie unused.
    """

    __tablename__ = "session"
    __table_args__ = (
        Index("ix_session_asked_ms", "asked_ms", sqlite_where=_CAN_BE_ASKED, postgresql_where=_CAN_BE_ASKED),
    )
    id: str = Field(primary_key=True)
    token_hash: str = Field(unique=True)
    person_id: str = Field(foreign_key="person.id", index=True)
    idp_sid: str | None = Field(default=None, index=True)
    id_token: str | None = None
    refresh_token: str | None = None
    asked_ms: int = Field(default=0, sa_type=BigInteger)
    acr: str | None = None
    browser: str | None = None
    system: str | None = None
    created_ms: int = Field(sa_type=BigInteger)
    used_ms: int = Field(sa_type=BigInteger)
    expires_ms: int = Field(sa_type=BigInteger, index=True)
    idle_ms: int = Field(sa_type=BigInteger)


class LoginState(SQLModel, table=True):
    """A login that left for the provider. id: SHA-256 of its state; browser_hash: of the cookie it is bound to.

    provider: the name of a further one, "" for the house's own. acr: how strong it has to be, None for no matter.
    """

    __tablename__ = "login_state"
    id: str = Field(primary_key=True)
    browser_hash: str
    provider: str = ""
    acr: str | None = None
    nonce: str
    verifier: str
    return_path: str
    expires_ms: int = Field(sa_type=BigInteger, index=True)


class SpentToken(SQLModel, table=True):
    """A logout token that was obeyed and must not be again. id: SHA-256 of issuer and `jti`."""

    __tablename__ = "spent_token"
    id: str = Field(primary_key=True)
    until_ms: int = Field(sa_type=BigInteger, index=True)
