// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, it } from "vitest";
import { completeMessage } from "../../src/core/api/complete";
import type { Event, RoomPeer } from "../../src/core/api/wire";
import { deliveryOf, federation } from "../../src/features/federation/federation";

const peer = (server: string, more: Partial<RoomPeer> = {}): RoomPeer => ({
  server,
  name: "Ministerium " + server,
  contact: "eva@" + server,
  state: "open",
  reason: "",
  reachable: true,
  opened_seq: 10,
  delivered_seq: 20,
  ...more,
});
const message = (seq: number) =>
  completeMessage({ id: "m", room_id: "r", sender_id: "p", client_id: "c", at: "", text: "x", seq });
const after = (events: Event[]) =>
  events.reduce((state, e) => federation.apply(state, { s: 1, e, me: "p" }), federation.empty);

describe("sharing", () => {
  it("keeps one entry per ministry, in order, whatever happens to it", () => {
    const state = after([
      { kind: "federation.opened", peer: peer("c") },
      { kind: "federation.opened", peer: peer("b", { state: "opening" }) },
      {
        kind: "federation.status",
        server: "b",
        state: "open",
        reason: "",
        reachable: false,
        delivered_seq: 30,
      },
      { kind: "federation.closed", server: "c" },
    ]);
    expect(state.peers.map((one) => [one.server, one.state, one.reachable, one.delivered_seq])).toEqual([
      ["b", "open", false, 30],
      ["c", "closed", true, 20],
    ]);
  });

  it("leaves what it does not know as it is", () => {
    const before = after([{ kind: "federation.opened", peer: peer("b") }]);
    expect(federation.apply(before, { s: 2, e: { kind: "federation.closed", server: "x" }, me: "p" })).toBe(
      before,
    );
  });
});

describe("delivery", () => {
  const sharing = {
    origin: null,
    peers: [peer("b"), peer("c", { delivered_seq: 15 }), peer("d", { state: "closed" })],
  };
  const servers = (seq: number, from: string | null = null) => {
    const { arrived, underway } = deliveryOf(sharing, message(seq), from);
    return [arrived.map((one) => one.server), underway.map((one) => one.server)];
  };

  it("knows for each open ministry whether a message is there", () => {
    expect(servers(15)).toEqual([["b", "c"], []]);
    expect(servers(16)).toEqual([["b"], ["c"]]);
    expect(servers(21)).toEqual([[], ["b", "c"]]);
  });

  it("says nothing of what was written before the opening, or there", () => {
    expect(servers(10)).toEqual([[], []]);
    expect(servers(16, "Ministerium b")).toEqual([[], ["c"]]);
  });
});
