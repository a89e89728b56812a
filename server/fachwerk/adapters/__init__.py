# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Second implementations behind one seam, chosen in `app.py` by the settings."""
