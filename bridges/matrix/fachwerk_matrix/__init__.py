# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The bridge between one ministry's Fachwerk and the others', over Matrix.

A process of its own: an application service of the ministry's homeserver and a client of Fachwerk's public API.
It imports nothing of the server; the two share what `docs/operations/federation.md` describes.
"""
