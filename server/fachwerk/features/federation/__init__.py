# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Federation: rooms that are shared with other ministries, and the bridge that carries what is said in them."""

from .authentication import authenticator
from .module import MODULE
from .settings import FederationSettings

__all__ = ["MODULE", "FederationSettings", "authenticator"]
