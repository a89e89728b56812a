# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The sill on which every module stands. Imports nothing of ours and names no thing of the domain."""
