# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What every installation has. Order: messages > files > rooms > sync > policies > directory > identity."""
