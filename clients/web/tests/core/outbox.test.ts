// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import "fake-indexeddb/auto";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { ClientFrame } from "../../src/core/api/wire";
import { Outbox } from "../../src/core/outbox";
import { openDatabase, type Database, type Outgoing } from "../../src/core/store/db";

type Sent = ClientFrame & { t: "send" };
let db: Database;
let names = 0;

beforeEach(async () => {
  db = await openDatabase("outbox-" + names++);
});
afterEach(() => {
  vi.useRealTimers();
  db.close();
});

function house() {
  const sent: Sent[] = [];
  let shown: Outgoing[] = [];
  const outbox = new Outbox(db, {
    send: (frame) => sent.push(frame as Sent) > 0,
    changed: (rows) => (shown = rows),
    sent: () => {},
  });
  return { outbox, sent, ids: () => sent.map((frame) => frame.id), shown: () => shown };
}

const draft = (client_id: string, room_id = "r") => ({
  client_id,
  room_id,
  root_id: null,
  text: client_id,
  files: [],
  at: "2026-11-24T22:30:00.000Z",
});
const ack = (id: string) => ({ t: "ack", id, seq: 1, message_id: "m", at: "" }) as const;
const problem = (id: string, retry: boolean) =>
  ({
    t: "problem",
    id,
    retry,
    problem: { type: "urn:x:y", title: "no", status: retry ? 503 : 422 },
  }) as const;
const settle = async () => {
  for (let turn = 0; turn < 20; turn++) await new Promise((resume) => setTimeout(resume));
};

test("one message per room is in flight, in order; rooms do not wait for each other", async () => {
  const { outbox, ids } = house();
  outbox.online();
  await outbox.add(draft("a"));
  await outbox.add(draft("b"));
  await outbox.add(draft("x", "other"));
  expect(ids()).toEqual(["a", "x"]);
  outbox.answered(ack("a"));
  await settle();
  expect(ids()).toEqual(["a", "x", "b"]);
});

test("after a cut the unanswered message goes out again under the same id", async () => {
  const { outbox, ids, shown } = house();
  outbox.online();
  await outbox.add(draft("a"));
  outbox.offline();
  outbox.online();
  expect(ids()).toEqual(["a", "a"]);
  outbox.answered(ack("a"));
  outbox.answered(ack("a"));
  await settle();
  expect(shown()).toEqual([]);
});

test("what was written offline survives a reload and goes out in order", async () => {
  const before = house();
  for (const id of ["a", "b", "c"]) await before.outbox.add(draft(id));
  expect(before.sent).toEqual([]);
  const after = house();
  await after.outbox.load();
  after.outbox.online();
  for (const id of ["a", "b", "c"]) {
    expect(after.ids().at(-1)).toBe(id);
    after.outbox.answered(ack(id));
    await settle();
  }
  expect(await db.count("outbox")).toBe(0);
});

test("a refusal stops that message only, and is kept until the person decides", async () => {
  const { outbox, ids, shown } = house();
  outbox.online();
  await outbox.add(draft("a"));
  await outbox.add(draft("b"));
  outbox.answered(problem("a", false));
  await settle();
  expect(ids()).toEqual(["a", "b"]);
  expect(shown().map((row) => [row.client_id, row.state])).toEqual([
    ["a", "failed"],
    ["b", "sending"],
  ]);
  outbox.answered(ack("b"));
  await settle();
  await outbox.retry("a");
  expect(ids()).toEqual(["a", "b", "a"]);
  await outbox.discard("a");
  expect(await db.count("outbox")).toBe(0);
});

test("a server that is busy is asked later, and the room waits for it", async () => {
  const { outbox, ids } = house();
  outbox.online();
  await outbox.add(draft("a"));
  await outbox.add(draft("b"));
  vi.useFakeTimers();
  outbox.answered(problem("a", true));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(ids()).toEqual(["a"]);
  await vi.advanceTimersByTimeAsync(1_500);
  expect(ids()).toEqual(["a", "a"]);
});

test("an answer that never comes is asked for again", async () => {
  const { outbox, ids } = house();
  outbox.online();
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  const added = outbox.add(draft("a"));
  await vi.advanceTimersByTimeAsync(10);
  await added;
  await vi.advanceTimersByTimeAsync(15_000);
  expect(ids()).toEqual(["a", "a"]);
});

test("the message itself counts as its acknowledgement", async () => {
  const { outbox, shown } = house();
  outbox.online();
  await outbox.add(draft("a"));
  await outbox.arrived("a");
  expect(shown()).toEqual([]);
  expect(outbox.answered(ack("a"))).toBe(false);
});
