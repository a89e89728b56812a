# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""The files module."""

from fachwerk.kernel.jobs import Outside, Repeat
from fachwerk.kernel.module import Module

from . import jobs
from .personal import PERSONAL
from .routes import ROUTES
from .rules import RULES
from .service import DELETE_BLOB

MODULE = Module(
    name="files",
    routes=ROUTES,
    rules=RULES,
    jobs={DELETE_BLOB: Outside(jobs.delete_blob)},
    repeats={
        "files.expire": Repeat(Outside(jobs.expire), every_s=jobs.EXPIRE_EVERY_S),
        "files.sweep": Repeat(Outside(jobs.sweep), every_s=jobs.SWEEP_EVERY_S),
    },
    personal=PERSONAL,
)
