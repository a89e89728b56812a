// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Message, RoomPeer, Sharing } from "../../core/api/wire";
import { slice } from "../../core/model/slice";

/** With which ministries a room is or was shared. */
export const federation = slice<Sharing>({
  name: "federation",
  empty: { origin: null, peers: [] },
  apply(state, { e }) {
    if (e.kind === "federation.opened") return put(state, e.peer);
    if (e.kind !== "federation.closed" && e.kind !== "federation.status") return state;
    const peer = state.peers.find((one) => one.server === e.server);
    if (!peer) return state;
    if (e.kind === "federation.closed") return put(state, { ...peer, state: "closed" });
    const { state: now, reason, reachable, delivered_seq } = e;
    return put(state, { ...peer, state: now, reason, reachable, delivered_seq });
  },
});

function put(state: Sharing, peer: RoomPeer): Sharing {
  const others = state.peers.filter((one) => one.server !== peer.server);
  const peers = [...others, peer].toSorted((a, b) => (a.server < b.server ? -1 : 1));
  return { ...state, peers };
}

/** Does anything cross to this ministry now? */
export function isLive(peer: RoomPeer): boolean {
  return peer.state === "opening" || peer.state === "open";
}

/** Where one message has arrived and where it has not yet. */
export interface Delivery {
  arrived: RoomPeer[];
  underway: RoomPeer[];
}

/**
 * The ministries that are to get a message. Not those it came from, and not what was written before the opening.
 * organisation: of an external author, the name of their ministry.
 */
export function deliveryOf(sharing: Sharing, message: Message, organisation: string | null): Delivery {
  const to = sharing.peers.filter(
    (peer) => isLive(peer) && peer.opened_seq < message.seq && peer.name !== organisation,
  );
  return {
    arrived: to.filter((peer) => message.seq <= peer.delivered_seq),
    underway: to.filter((peer) => message.seq > peer.delivered_seq),
  };
}
