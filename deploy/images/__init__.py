# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""Container images, built without a container engine, without root, and the same for everybody.

An image is three layers: a minimum of Debian, the wheels that uv.lock names, and what this repository holds. There is
no shell in it, no package manager, and nothing that must be written to. `python -m deploy.images` builds them.
"""
