// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Event, EventFrame, MessagePage, RoomRow, RoomState } from "../api/wire";
import { calls } from "./calls";
import { members } from "./members";
import { applyChange, messages, newest, prepend } from "./messages";
import { applyReaction, reactions } from "./reactions";
import type { Happened, Slice } from "./slice";

/** Messages kept per room for the next start. */
const CACHED = 60;
/** Recent events kept to lay them over a page that was fetched meanwhile. */
const RECENT_MAX = 500;

/** A room as of `seq`: what the server said, and every event since. Never changed in place. */
export interface RoomView {
  id: string;
  seq: number;
  allowed: string[];
  allowed_own: string[];
  slices: Record<string, unknown>;
  /** The last events, for pages of history that were read before them. */
  recent: Happened[];
}

/** May I do this here? With `mine`, also what only an author may. */
export function may(view: RoomView, action: string, mine = false): boolean {
  return view.allowed.includes(action) || (mine && view.allowed_own.includes(action));
}

/** Turns snapshots and events into views, with the slices of all modules. */
export class RoomModel {
  readonly #slices: Slice[];
  readonly #me: string;

  constructor(me: string, more: Slice[] = []) {
    this.#me = me;
    this.#slices = [messages, members, reactions, calls, ...more];
  }

  view(state: RoomState): RoomView {
    return {
      id: state.room.id,
      seq: state.seq,
      allowed: state.allowed,
      allowed_own: state.allowed_own,
      slices: state.slices,
      recent: [],
    };
  }

  /** The view after the next event. Call it in order, once per event. */
  apply(view: RoomView, frame: EventFrame & { s: number }): RoomView {
    const happened: Happened = { s: frame.s, e: frame.e, me: this.#me };
    const slices: Record<string, unknown> = { ...view.slices };
    for (const slice of this.#slices) {
      slices[slice.name] = slice.apply(slices[slice.name] ?? slice.empty, happened);
    }
    return { ...view, seq: frame.s, slices, recent: [...view.recent, happened].slice(-RECENT_MAX) };
  }

  applyMine(view: RoomView, event: Event): RoomView {
    const slices: Record<string, unknown> = { ...view.slices };
    for (const slice of this.#slices) {
      const old = slices[slice.name] ?? slice.empty;
      if (slice.applyMine) slices[slice.name] = slice.applyMine(old, event);
    }
    return { ...view, slices };
  }

  /** Older messages in front. The page may be older than events already seen, so these are laid over it. */
  withHistory(view: RoomView, page: MessagePage): RoomView {
    const fresh = overlay(page, view.recent);
    return {
      ...view,
      slices: {
        ...view.slices,
        messages: prepend(messages.of(view), fresh),
        reactions: { ...fresh.reactions, ...reactions.of(view) },
      },
    };
  }

  /** Reactions of a thread's page join those of the room. */
  withReactions(view: RoomView, page: MessagePage): RoomView {
    return {
      ...view,
      slices: { ...view.slices, reactions: { ...reactions.of(view), ...page.reactions } },
    };
  }

  /** What is worth keeping for the next start. */
  forCache(view: RoomView): RoomView {
    const kept = newest(messages.of(view), CACHED);
    const ids = new Set(kept.items.map((message) => message.id));
    const theirs = Object.entries(reactions.of(view)).filter(([id]) => ids.has(id));
    return {
      ...view,
      recent: [],
      slices: { ...view.slices, messages: kept, reactions: Object.fromEntries(theirs) },
    };
  }
}

/** A fetched page with the events that may have happened after it was read. */
export function overlay(page: MessagePage, recent: Happened[]): MessagePage {
  const items = recent.reduce(applyChange, page.items);
  const ids = new Set(items.map((message) => message.id));
  const ours = recent.filter(({ e }) => "message_id" in e && ids.has(e.message_id));
  return { ...page, items, reactions: ours.reduce(applyReaction, page.reactions) };
}

/** Posts I have not read. */
export function unread(row: RoomRow): number {
  return Math.max(0, row.posts - row.read_posts);
}
