// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import type { ClientFrame, EventFrame, RoomState } from "../../src/core/api/wire";
import { Feed } from "../../src/core/feed";
import { chance } from "./chance";

type Durable = EventFrame & { s: number };
const event = (s: number): Durable => ({
  a: "room:r",
  s,
  n: s,
  e: { kind: "member.left", person_id: "p" + s },
});
const state = (seq: number) => ({ seq }) as RoomState;
const settle = () => new Promise((resume) => setTimeout(resume));

function house(last: number | null) {
  const sent: ClientFrame[] = [];
  const applied: number[] = [];
  let snapshot: () => Promise<RoomState> = () => Promise.reject(new Error("no snapshot expected"));
  const failed: unknown[] = [];
  const feed = new Feed("r", last, {
    send: (frame) => sent.push(frame) > 0,
    snapshot: () => snapshot(),
    replace: (one) => applied.push(-one.seq),
    apply: (frame) => applied.push(frame.s),
    failed: (error) => failed.push(error),
  });
  return { feed, sent, applied, failed, serve: (next: () => Promise<RoomState>) => (snapshot = next) };
}

test("it resumes after the last sequence and drops repetitions", () => {
  const { feed, sent, applied } = house(7);
  feed.ask();
  expect(sent).toEqual([{ t: "sub", a: "room:r", id: "room:r", after: 7 }]);
  feed.subbed(false);
  for (const s of [6, 7, 8, 8, 9]) feed.event(event(s));
  expect(applied).toEqual([8, 9]);
});

test("a hole is asked for once, and nothing is applied out of order", () => {
  const { feed, sent, applied } = house(7);
  feed.event(event(10));
  feed.event(event(11));
  expect(sent).toHaveLength(1);
  expect(sent[0]).toMatchObject({ after: 7 });
  feed.subbed(false);
  for (const s of [8, 9, 10, 11]) feed.event(event(s));
  expect(applied).toEqual([8, 9, 10, 11]);
});

test("after a gap the snapshot replaces everything, and what came meanwhile follows it", async () => {
  const { feed, applied, serve } = house(7);
  let answer: (one: RoomState) => void = () => {};
  serve(() => new Promise((resolve) => (answer = resolve)));
  feed.subbed(true);
  for (const s of [599, 600, 601]) feed.event(event(s));
  expect(applied).toEqual([]);
  answer(state(600));
  await settle();
  expect(applied).toEqual([-600, 601]);
  feed.event(event(602));
  expect(applied).toEqual([-600, 601, 602]);
});

test("a snapshot that cannot be read is told, and the feed can be asked again", async () => {
  const { feed, applied, failed, serve } = house(null);
  serve(() => Promise.reject(new Error("away")));
  feed.subbed(true);
  await settle();
  expect(failed).toHaveLength(1);
  serve(() => Promise.resolve(state(3)));
  feed.subbed(true);
  await settle();
  expect(applied).toEqual([-3]);
});

test("a snapshot that a newer one has overtaken is forgotten", async () => {
  const { feed, applied, serve } = house(null);
  const answers: ((one: RoomState) => void)[] = [];
  serve(() => new Promise((resolve) => answers.push(resolve)));
  void feed.reload();
  void feed.reload();
  answers[1]?.(state(9));
  answers[0]?.(state(5));
  await settle();
  expect(applied).toEqual([-9]);
});

test.each(Array.from({ length: 200 }, (_, seed) => seed))(
  "every event once and in order over a bad line, seed %i",
  (seed) => {
    const random = chance(seed);
    const { feed, sent, applied } = house(0);
    const total = 60;
    // The line loses, repeats and reorders; the server answers every question completely.
    for (let s = 1; s <= total; s++) {
      const way = random();
      if (way < 0.7) feed.event(event(s));
      if (way < 0.15) feed.event(event(Math.max(1, s - 2)));
      if (way > 0.95) feed.cut();
      const asked = sent.pop();
      if (asked?.t === "sub" && random() < 0.8) {
        feed.subbed(false);
        for (let again = (asked.after ?? 0) + 1; again <= s; again++) feed.event(event(again));
      }
    }
    feed.cut();
    feed.ask();
    feed.subbed(false);
    for (let s = (feed.last ?? 0) + 1; s <= total; s++) feed.event(event(s));
    expect(applied).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  },
);
