# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Who may do what: one table, filled by the modules, read by everything else.

A rule names an action (`noun.verb`) and the grounds on which it is allowed. A ground is a pure
predicate over (actor, thing); the table is data, so it can be printed for auditors, tested
exhaustively and sent to clients as their list of allowed actions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from .errors import Forbidden, NotFound, StepUpNeeded


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks. roles: of the whole installation. departments: ids of those the person belongs to.

    administers: ids of the departments that were given to the person to administer, with all that lies below these.
    acr: how strongly they signed in, in the provider's word. only: all that this actor can ever do, whatever the
    rules allow; None for people with a session.
    cost: how much one of its requests counts against the limit of a person.
    """

    id: str
    session_id: str = ""
    acr: str | None = None
    roles: frozenset[str] = frozenset()
    departments: frozenset[str] = frozenset()
    administers: frozenset[str] = frozenset()
    only: frozenset[str] | None = None
    cost: float = 1.0


@dataclass(frozen=True, slots=True)
class Facts:
    """What rules may know of a thing, from the view of one actor.

    role: the actor's role where the thing is kept (a room), None for no member. author_id: who made
    it. about_id: whom it is about. departments: those it is open to. within: the department that it belongs to and
    all above that; looked up for actors who administer some. kind: what sort of container it is in. label: of that
    container.
    """

    role: str | None = None
    author_id: str | None = None
    about_id: str | None = None
    departments: frozenset[str] = field(default=frozenset())
    within: frozenset[str] = field(default=frozenset())
    kind: str = ""
    label: str = ""


NOWHERE = Facts()
LABEL = "label:"
"""Before a label, where actions and labels are named alike."""


class Ground(Protocol):
    """A reason to allow. Its name is what the printed table shows."""

    __name__: str

    def __call__(self, actor: Actor, facts: Facts, /) -> bool:
        """Whether this actor has this reason for this thing."""
        ...


@dataclass(frozen=True, slots=True)
class Rule:
    """An action and the grounds of which any one suffices.

    hide: who has no place where the thing is kept is refused as 404, so that existence does not leak.
    """

    action: str
    any_of: tuple[Ground, ...]
    hide: bool = False


class Policy:
    """The table of all rules of an installation.

    strong: how strongly a person must have signed in for an action, or for whatever lies under a label
    (`label:NAME`), as the values of acr that suffice, the weakest first. Machines have no session and are not asked.
    """

    def __init__(self, rules: Iterable[Rule], strong: Mapping[str, Sequence[str]] | None = None) -> None:
        self._strong = dict(strong or {})
        self._rules: dict[str, Rule] = {}
        for rule in rules:
            if rule.action in self._rules:
                msg = f"two rules for {rule.action}"
                raise ValueError(msg)
            self._rules[rule.action] = rule

    def allows(self, actor: Actor, action: str, facts: Facts) -> bool:
        """Decide, however strongly they signed in. An action without a rule is a bug (KeyError), never a yes."""
        rule = self._rules[action]
        if actor.only is not None and action not in actor.only:
            return False
        return any(ground(actor, facts) for ground in rule.any_of)

    def require(self, actor: Actor, action: str, facts: Facts) -> None:
        """Raise Forbidden, NotFound where the rule hides, or StepUpNeeded for what a stronger sign-in would allow."""
        if not self.allows(actor, action, facts):
            if self._rules[action].hide and facts.role is None:
                raise NotFound
            raise Forbidden(action=action)
        self.require_strength(actor, action, facts)

    def reach(self, actor: Actor, action: str) -> frozenset[str] | None:
        """How far a list goes for this actor: only what belongs to these departments and all below; None for all.

        Raises as `require` for whom there is nothing in it.
        """
        theirs = Facts(within=actor.administers)
        self.require(actor, action, theirs)
        return actor.administers if self.is_delegated(actor, action, theirs) else None

    def is_delegated(self, actor: Actor, action: str, facts: Facts) -> bool:
        """Whether what they may do (the caller has asked) is allowed for no reason but a department of theirs."""
        if not actor.administers:
            return False
        return not self.allows(replace(actor, administers=frozenset()), action, facts)

    def require_strength(self, actor: Actor, action: str, facts: Facts = NOWHERE) -> None:
        """Raise StepUpNeeded unless the actor signed in strongly enough for this."""
        if (lacking := self._lacks(actor, action, facts)) is not None:
            raise StepUpNeeded(acr=lacking)

    def strong_labels(self) -> frozenset[str]:
        """Labels that not every sign-in suffices for."""
        return frozenset(what.removeprefix(LABEL) for what in self._strong if what.startswith(LABEL))

    def shut_labels(self, actor: Actor) -> frozenset[str]:
        """Labels that this actor's sign-in does not suffice for."""
        return frozenset(
            label for label in self.strong_labels() if self._lacks(actor, "", Facts(label=label)) is not None
        )

    def allowed(self, actor: Actor, facts: Facts) -> list[str]:
        """Every action that these facts allow, in order of name; for the client's buttons.

        Those that need a stronger sign-in are among them: it is asked for when they are used.
        """
        return [action for action in sorted(self._rules) if self.allows(actor, action, facts)]

    def table(self) -> list[tuple[str, str, str]]:
        """(action, grounds, answer to a stranger) per rule, in order of name; for auditors."""
        return [
            (r.action, " or ".join(g.__name__ for g in r.any_of), "404" if r.hide else "403")
            for _, r in sorted(self._rules.items())
        ]

    def _lacks(self, actor: Actor, action: str, facts: Facts) -> str | None:
        """The weakest sign-in that would suffice, if the actor's does not."""
        if not self._strong or not actor.session_id:
            return None
        for what in (action, LABEL + facts.label):
            if (enough := self._strong.get(what)) and actor.acr not in enough:
                return enough[0]
        return None


def room_role(*roles: str, kind: str | None = None) -> Ground:
    """The actor has one of these roles where the thing is kept (and that is of this kind, if given)."""
    wanted = frozenset(roles)

    def ground(actor: Actor, facts: Facts, /) -> bool:  # noqa: ARG001 -- the shape of a ground
        return facts.role in wanted and (kind is None or facts.kind == kind)

    ground.__name__ = "role " + "/".join(roles) + (f" in {kind}" if kind else "")
    return ground


def installation_role(role: str) -> Ground:
    """The actor has this role in the whole installation."""

    def ground(actor: Actor, facts: Facts, /) -> bool:  # noqa: ARG001 -- the shape of a ground
        return role in actor.roles

    ground.__name__ = f"installation role {role}"
    return ground


def author(actor: Actor, facts: Facts, /) -> bool:
    """The actor made the thing and still has a place where it is kept."""
    return facts.author_id == actor.id and facts.role is not None


def same_department(actor: Actor, facts: Facts, /) -> bool:
    """The thing is open to one of the actor's departments."""
    return bool(facts.departments & actor.departments)


def department_admin(actor: Actor, facts: Facts, /) -> bool:
    """The thing belongs to a department that the actor administers, or to one below it."""
    return bool(facts.within & actor.administers)


def signed_in(actor: Actor, facts: Facts, /) -> bool:  # noqa: ARG001 -- the shape of a ground
    """Anybody with a session."""
    return bool(actor.id)
