// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { RoomGuests } from "../../core/api/wire";
import { slice } from "../../core/model/slice";

/** Who is in a room, or invited to it, as a guest. */
export const guests = slice<RoomGuests>({
  name: "guests",
  empty: { items: [] },
  apply(state, { e }) {
    if (e.kind !== "guest.shown" && e.kind !== "guest.gone") return state;
    const id = e.kind === "guest.shown" ? e.guest.person_id : e.person_id;
    const others = state.items.filter((one) => one.person_id !== id);
    if (e.kind === "guest.gone") return others.length === state.items.length ? state : { items: others };
    return { items: [...others, e.guest].toSorted((a, b) => (a.person_id < b.person_id ? -1 : 1)) };
  },
});
