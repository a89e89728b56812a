# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is counted of guests; nobody is named."""

from prometheus_client import Counter

INVITED = Counter("fachwerk_guests_invited", "Guests whom somebody invited")
ACCEPTED = Counter("fachwerk_guests_accepted", "Guests who came in for the first time")
ENDED = Counter("fachwerk_guests_ended", "Guests who are none any more", ["why"])
WRONG = Counter("fachwerk_guest_links_wrong", "Links of guests that were followed and are none")
