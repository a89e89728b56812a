# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What every rendering of the chart obeys, and for each rule a change that it must notice.

Sources: Kubernetes' Pod Security Standard "restricted"; BSI IT-Grundschutz APP.4.4 and SYS.1.6; openDesk's baseline
for deployments; and what we learned. A rule gives the names of those that break it.
"""

from tests.deploy import object_rules, pod_rules

RULES = [*pod_rules.RULES, *object_rules.RULES]
