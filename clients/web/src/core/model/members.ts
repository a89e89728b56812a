// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Member } from "../api/wire";
import { slice } from "./slice";

export interface Members {
  members: Member[];
}

/** until: left out by the server where there is no end. */
function placeOf(e: Pick<Member, "person_id" | "role" | "until">): Omit<Member, "membership"> {
  return { person_id: e.person_id, role: e.role, until: e.until ?? null };
}

/** The server's module is called "rooms"; what it keeps of a room are its people. */
export const members = slice<Members>({
  name: "rooms",
  empty: { members: [] },
  apply(state, { e }) {
    const others = (person: string) => state.members.filter((member) => member.person_id !== person);
    switch (e.kind) {
      case "member.joined":
        return {
          members: [
            ...others(e.person_id),
            { ...placeOf(e), membership: "joined", by_rule: e.by_rule ?? false },
          ],
        };
      case "member.invited":
        return {
          members: [...others(e.person_id), { ...placeOf(e), membership: "invited" }],
        };
      case "member.role_changed":
        return {
          members: state.members.map((member) =>
            member.person_id === e.person_id ? { ...member, role: e.role, by_rule: false } : member,
          ),
        };
      case "member.end_changed":
        return {
          members: state.members.map((member) =>
            member.person_id === e.person_id ? { ...member, until: e.until } : member,
          ),
        };
      case "member.left":
      case "member.removed":
        return { members: others(e.person_id) };
      default:
        return state;
    }
  },
});
