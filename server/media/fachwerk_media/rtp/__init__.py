# SPDX-FileCopyrightText: Fachwerk contributors
# SPDX-License-Identifier: EUPL-1.2
"""What is inside RTP and RTCP packets: pure functions on bytes, no sockets and no clock."""
