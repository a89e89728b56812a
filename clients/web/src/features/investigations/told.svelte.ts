// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Event, InvestigationNotices } from "../../core/api/wire";

/** Of how many investigations this person was told, and which they have not confirmed. Mirrors the server's sync.py. */
class Told {
  all = $state(0);
  waiting = $state.raw<string[]>([]);

  /** A server of the release before knows nothing of it. */
  arrived(notices: InvestigationNotices | undefined): void {
    this.all = notices?.told ?? 0;
    this.waiting = notices?.waiting ?? [];
  }

  mine(event: Event): void {
    if (event.kind === "investigation.told") {
      this.all += 1;
      this.waiting = [...this.waiting, event.investigation_id];
    } else if (event.kind === "investigation.confirmed") {
      this.waiting = this.waiting.filter((one) => one !== event.investigation_id);
    }
  }
}

export const told = new Told();
