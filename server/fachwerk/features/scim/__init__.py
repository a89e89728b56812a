# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""People and who belongs to which department, pushed by a system of the house (SCIM 2.0, RFC 7643 and 7644)."""

from .authentication import authenticator
from .ending import release
from .module import MODULE
from .settings import ScimSettings
from .storage import Endpoint

__all__ = ["MODULE", "Endpoint", "ScimSettings", "authenticator", "release"]
