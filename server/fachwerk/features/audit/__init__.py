# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Reading the audit trail, and taking it elsewhere."""

from .forms import json_line, read_entry, syslog_line
from .module import MODULE
from .service import note_export

__all__ = ["MODULE", "json_line", "note_export", "read_entry", "syslog_line"]
