// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Call } from "../api/wire";
import { slice } from "./slice";

export interface Calls {
  call: Call | null;
}

/** The call that runs in a room, and who is inside. */
export const calls = slice<Calls>({
  name: "calls",
  empty: { call: null },
  apply(state, { e }) {
    if (e.kind === "call.started") return { call: e.call };
    const { call } = state;
    if (!call || !("call_id" in e) || e.call_id !== call.id) return state;
    const others = (person: string) => call.person_ids.filter((one) => one !== person);
    switch (e.kind) {
      case "call.joined":
        return { call: { ...call, person_ids: [...others(e.person_id), e.person_id] } };
      case "call.left":
        return { call: { ...call, person_ids: others(e.person_id) } };
      case "call.ended":
        return { call: null };
    }
  },
});
