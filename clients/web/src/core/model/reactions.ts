// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Reaction } from "../api/wire";
import { slice, type Happened } from "./slice";

/** Reactions by message, in the order in which an emoji was first used. */
export type Reactions = Record<string, Reaction[]>;

function add(list: Reaction[], emoji: string, person: string): Reaction[] {
  const at = list.findIndex((reaction) => reaction.emoji === emoji);
  const old = list[at];
  if (!old) return [...list, { emoji, person_ids: [person] }];
  if (old.person_ids.includes(person)) return list;
  return list.with(at, { emoji, person_ids: [...old.person_ids, person] });
}

function remove(list: Reaction[], emoji: string, person: string): Reaction[] {
  return list
    .map((reaction) =>
      reaction.emoji === emoji
        ? { emoji, person_ids: reaction.person_ids.filter((one) => one !== person) }
        : reaction,
    )
    .filter((reaction) => reaction.person_ids.length > 0);
}

/** Adding what is there and removing what is not change nothing, so events may be applied twice. */
export function applyReaction(state: Reactions, { e }: Happened): Reactions {
  if (e.kind === "message.deleted") {
    const { [e.message_id]: gone, ...rest } = state;
    return gone ? rest : state;
  }
  if (e.kind !== "reaction.added" && e.kind !== "reaction.removed") return state;
  const list = state[e.message_id] ?? [];
  const next = (e.kind === "reaction.added" ? add : remove)(list, e.emoji, e.person_id);
  return next === list ? state : { ...state, [e.message_id]: next };
}

export const reactions = slice<Reactions>({ name: "reactions", empty: {}, apply: applyReaction });
