# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Filters as provisioning systems use them: attributes that are equal to something, all of them.

The grammar (RFC 7644, section 3.4.2.2) is the library's; values reach the database as parameters only.
"""

from collections.abc import Callable, Mapping
from typing import Any

from scim2_models import InvalidFilterException, ScimFilter
from scim2_models.path import CompareOperator, Comparison, FilterNode, LogicalExpr, LogicalOperator, coerce_value
from sqlalchemy import ColumnElement

from .schema import NO_TEXT

TERMS_MAX = 10
Condition = Callable[[Any], ColumnElement[bool]]


def conditions(asked: ScimFilter[Any] | None, known: Mapping[str, Condition]) -> list[ColumnElement[bool]]:
    """What a filter asks of rows. known: attributes that can be asked for, by their names in the models.

    Raises InvalidFilterException for what is no `eq` of these, joined by `and`.
    """
    if asked is None:
        return []
    terms = _terms(asked.ast)
    if len(terms) > TERMS_MAX:
        raise InvalidFilterException(detail=f"at most {TERMS_MAX} comparisons")
    return [_condition(asked, term, known) for term in terms]


def _terms(node: FilterNode) -> list[FilterNode]:
    if isinstance(node, LogicalExpr) and node.op is LogicalOperator.and_:
        return [term for part in node.terms for term in _terms(part)]
    return [node]


def _condition(asked: ScimFilter[Any], term: FilterNode, known: Mapping[str, Condition]) -> ColumnElement[bool]:
    if isinstance(term, Comparison) and term.op is CompareOperator.eq:
        found = asked.resolve_comparison(term.attr_path)
        condition = known.get(found.field_name) if found and found.sub_field_name in {None, "value"} else None
        if found and condition:
            return condition(_plain(coerce_value(found, term.value, term.op)))
    raise InvalidFilterException(detail=f"only {', '.join(sorted(known))} can be asked for, with eq and and")


def _plain(value: object) -> object:
    """Raises InvalidFilterException for what is never kept, and what no database takes for text."""
    if value is None or (isinstance(value, str) and NO_TEXT.search(value)):
        raise InvalidFilterException(detail="nobody has this value")
    return value
