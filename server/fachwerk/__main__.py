# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""`python -m fachwerk`."""

from fachwerk.cli import main

main()
