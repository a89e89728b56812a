// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/** What the server leaves out because it is the default, filled in at the door. */
import type {
  Message,
  MessagePage,
  Reaction,
  RoomState,
  ServerFrame,
  WireMessage,
  WirePage,
  WireState,
} from "./wire";

const DEFAULTS = { seq: 0, root_id: null, files: [], edited_at: null, deleted: false, thread: null };

/** seq: of the frame, where the message itself has none. */
export function completeMessage(message: WireMessage, seq?: number): Message {
  return { ...DEFAULTS, ...(seq === undefined ? {} : { seq }), ...message };
}

export function completePage(page: WirePage): MessagePage {
  return {
    items: page.items.map((message) => completeMessage(message)),
    reactions: (page.extra?.["reactions"] ?? {}) as Record<string, Reaction[]>,
    more: page.more ?? false,
    root: page.root ? completeMessage(page.root) : null,
  };
}

export function completeState({ state, ...rest }: WireState): RoomState {
  const { items, more } = completePage(state.messages);
  return { ...rest, slices: { ...state, messages: { items, more } } };
}

export function completeFrame(frame: ServerFrame): ServerFrame {
  if (frame.t !== undefined || frame.e.kind !== "message.posted") return frame;
  return { ...frame, e: { ...frame.e, message: completeMessage(frame.e.message, frame.s) } };
}
