# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Helm charts, ours and others', before the same admission of a real Kubernetes API server."""
