# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What an operator may know of files: how much and how many, never whose."""

from prometheus_client import Counter, Gauge

BYTES_IN = Counter("fachwerk_files_in_bytes", "Bytes of uploads that became durable")
BYTES_OUT = Counter("fachwerk_files_out_bytes", "Bytes of downloads handed to the network")
RECEIVING = Gauge("fachwerk_files_receiving", "Uploads that bring bytes just now")
SENDING = Gauge("fachwerk_files_sending", "Downloads under way")
FINISHED = Counter("fachwerk_files_finished", "Uploads that became files")
DOWNLOADS_ENDED = Counter("fachwerk_files_downloads_ended", "Downloads ended by us before their end", ["reason"])
ORPHANS = Counter("fachwerk_files_orphans_deleted", "Pieces in the store that belonged to nothing")
