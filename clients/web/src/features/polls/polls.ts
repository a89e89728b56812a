// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Poll } from "../../core/api/wire";
import { slice } from "../../core/model/slice";

/** Polls of a room by id. */
export type Polls = Record<string, Poll>;

export const polls = slice<Polls>({
  name: "polls",
  empty: {},
  apply(state, { e }) {
    if (e.kind === "poll.opened") return { ...state, [e.poll.id]: e.poll };
    if (e.kind !== "poll.voted" && e.kind !== "poll.closed") return state;
    const poll = state[e.poll_id];
    if (!poll) return state;
    const next: Poll =
      e.kind === "poll.closed" ? { ...poll, closed: true } : { ...poll, counts: e.counts, voters: e.voters };
    return { ...state, [poll.id]: next };
  },
  applyMine(state, event) {
    if (event.kind !== "poll.mine") return state;
    const poll = state[event.poll_id];
    return poll ? { ...state, [poll.id]: { ...poll, mine: event.option } } : state;
  },
});
