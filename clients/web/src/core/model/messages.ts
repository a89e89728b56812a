// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Message, MessagePage, Thread } from "../api/wire";
import { slice, type Happened } from "./slice";

/** Faces shown beside a thread's summary. */
const FACES = 3;

/** Top-level messages, ascending, without holes; `more` says that older ones exist. */
export interface Messages {
  items: Message[];
  more: boolean;
}

/** The part of a list an event changes, for the room's list and for a thread's. */
function change(items: Message[], id: string, how: (message: Message) => Message): Message[] {
  const at = items.findIndex((message) => message.id === id);
  const old = items[at];
  return old ? items.with(at, how(old)) : items;
}

/** Add at the end, or replace what has the same id: the answer to a send and its event are one message. */
function put(items: Message[], message: Message): Message[] {
  const at = items.findLastIndex((one) => one.id === message.id);
  if (at >= 0) return items.with(at, message);
  const before = items.findLastIndex((one) => one.seq < message.seq);
  return items.toSpliced(before + 1, 0, message);
}

/** Edits and deletions; both may be applied twice without harm. */
export function applyChange(items: Message[], { e }: Happened): Message[] {
  if (e.kind === "message.edited") {
    return change(items, e.message_id, (old) =>
      old.edited_at !== null && old.edited_at > e.at ? old : { ...old, text: e.text, edited_at: e.at },
    );
  }
  if (e.kind === "message.deleted") {
    return change(items, e.message_id, (old) => ({ ...old, text: "", files: [], deleted: true }));
  }
  return items;
}

/** The replies of one thread after an event. */
export function applyReply(items: Message[], root_id: string, happened: Happened): Message[] {
  const { e } = happened;
  if (e.kind === "message.posted" && e.message.root_id === root_id) return put(items, e.message);
  return applyChange(items, happened);
}

/** The summary under the root after one more reply, as the server computes it. */
function withReply(root: Message, reply: Message, me: string): Message {
  const old: Thread | null = root.thread;
  const others = (old?.people ?? []).filter((one) => one !== reply.sender_id);
  const mine = reply.sender_id === me;
  const following = mine || root.sender_id === me || (old?.following ?? false);
  return {
    ...root,
    thread: {
      replies: (old?.replies ?? 0) + 1,
      last_at: reply.at,
      people: [reply.sender_id, ...others].slice(0, FACES),
      following,
      unread: mine || !following ? 0 : (old?.unread ?? 0) + 1,
    },
  };
}

/** One reply less; without any the summary is gone. */
function withoutReply(root: Message): Message {
  const replies = (root.thread?.replies ?? 0) - 1;
  return { ...root, thread: root.thread && replies > 0 ? { ...root.thread, replies } : null };
}

/** Older messages in front of the known ones; an overlap is taken from the newer knowledge. */
export function prepend(state: Messages, page: MessagePage): Messages {
  const first = state.items[0]?.seq ?? Infinity;
  const items = page.items.filter((message) => message.seq < first).concat(state.items);
  return { items, more: page.more };
}

/** The newest `count`, as they are kept for the next start. */
export function newest(state: Messages, count: number): Messages {
  if (state.items.length <= count) return state;
  return { items: state.items.slice(-count), more: true };
}

export const messages = slice<Messages>({
  name: "messages",
  empty: { items: [], more: false },
  apply(state, happened) {
    const { e, me } = happened;
    if (e.kind === "message.posted") {
      const { message } = e;
      const items =
        message.root_id === null
          ? put(state.items, message)
          : change(state.items, message.root_id, (root) => withReply(root, message, me));
      return items === state.items ? state : { ...state, items };
    }
    let items = applyChange(state.items, happened);
    if (e.kind === "message.deleted" && e.root_id) items = change(items, e.root_id, withoutReply);
    return items === state.items ? state : { ...state, items };
  },
  applyMine(state, event) {
    if (event.kind !== "thread.read") return state;
    const items = change(state.items, event.message_id, (root) =>
      root.thread ? { ...root, thread: { ...root.thread, unread: 0 } } : root,
    );
    return { ...state, items };
  },
});
