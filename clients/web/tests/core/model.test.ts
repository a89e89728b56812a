// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import { completeFrame, completePage } from "../../src/core/api/complete";
import type { Event, Message, RoomRow, RoomState } from "../../src/core/api/wire";
import { members } from "../../src/core/model/members";
import { messages } from "../../src/core/model/messages";
import { reactions } from "../../src/core/model/reactions";
import { may, RoomModel, unread, type RoomView } from "../../src/core/model/room";
import { applyBump, applyEvent, applyUser, roomList } from "../../src/core/model/roomlist";
import { polls } from "../../src/features/polls/polls";

const at = "2026-11-24T22:30:00.000Z";
const message = (seq: number, more: Partial<Message> = {}): Message => ({
  id: "m" + seq,
  room_id: "r",
  seq,
  sender_id: "bea",
  client_id: "c" + seq,
  at,
  text: "Text " + seq,
  root_id: null,
  files: [],
  edited_at: null,
  deleted: false,
  thread: null,
  ...more,
});
const row = (more: Partial<RoomRow> = {}): RoomRow => ({
  id: "r",
  kind: "group",
  name: "Raum",
  topic: "",
  open: false,
  label: "open",
  announces: false,
  role: "member",
  membership: "joined",
  department_id: null,
  other_id: null,
  invited_by: null,
  seq: 10,
  posts: 4,
  read_seq: 10,
  read_posts: 4,
  ...more,
});
const model = new RoomModel("ada", [polls]);
const view = (items: Message[], more = false): RoomView =>
  model.view({
    room: row(),
    seq: items.at(-1)?.seq ?? 0,
    allowed: ["message.post"],
    allowed_own: ["message.edit"],
    slices: { messages: { items, more }, rooms: { members: [] }, reactions: {}, calls: { call: null } },
  } satisfies RoomState);
const after = (start: RoomView, ...events: Event[]) =>
  events.reduce((one, e) => model.apply(one, { a: "room:r", s: one.seq + 1, e }), start);
const posted = (one: Message): Event => ({ kind: "message.posted", message: one });

test("a message that arrives twice is there once", () => {
  const end = after(view([message(1)]), posted(message(2)), posted(message(2)));
  expect(messages.of(end).items.map((one) => one.id)).toEqual(["m1", "m2"]);
});

test("replies count in the summary of their root, and unread only for who takes part", () => {
  const mine = message(1, { sender_id: "ada" });
  const theirs = message(2);
  const end = after(
    view([mine, theirs]),
    posted(message(3, { root_id: "m1" })),
    posted(message(4, { root_id: "m2" })),
    posted(message(5, { root_id: "m1", sender_id: "cem" })),
  );
  const [first, second] = messages.of(end).items;
  expect(first?.thread).toEqual({
    replies: 2,
    last_at: at,
    people: ["cem", "bea"],
    following: true,
    unread: 2,
  });
  expect(second?.thread).toMatchObject({ replies: 1, following: false, unread: 0 });
});

test("my own reply reads the thread, and a deleted last reply ends its summary", () => {
  const end = after(view([message(1)]), posted(message(2, { root_id: "m1", sender_id: "ada" })));
  expect(messages.of(end).items[0]?.thread).toMatchObject({ following: true, unread: 0 });
  const none = after(end, { kind: "message.deleted", message_id: "m2", root_id: "m1", by: "ada", at });
  expect(messages.of(none).items[0]?.thread).toBeNull();
});

test("an edit that is older than what is shown changes nothing", () => {
  const edited = message(1, { text: "neu", edited_at: "2026-11-24T23:00:00.000Z" });
  const end = after(view([edited]), { kind: "message.edited", message_id: "m1", text: "alt", at });
  expect(messages.of(end).items[0]?.text).toBe("neu");
});

test("deleting leaves a trace and takes text, files and reactions", () => {
  const end = after(
    view([message(1)]),
    { kind: "reaction.added", message_id: "m1", emoji: "👍", person_id: "ada" },
    { kind: "message.deleted", message_id: "m1", by: "bea", at },
  );
  expect(messages.of(end).items[0]).toMatchObject({ text: "", files: [], deleted: true });
  expect(reactions.of(end)).toEqual({});
});

test("reactions may be applied twice, and an emoji without people is gone", () => {
  const add: Event = { kind: "reaction.added", message_id: "m1", emoji: "👍", person_id: "ada" };
  const end = after(view([message(1)]), add, add);
  expect(reactions.of(end)["m1"]).toEqual([{ emoji: "👍", person_ids: ["ada"] }]);
  expect(reactions.of(after(end, { ...add, kind: "reaction.removed" }))["m1"]).toEqual([]);
});

test("a page of history is laid under what happened since it was read", () => {
  const now = after(
    view([message(5)], true),
    { kind: "message.edited", message_id: "m3", text: "geändert", at },
    { kind: "reaction.added", message_id: "m3", emoji: "👍", person_id: "cem" },
  );
  const page = completePage({ items: [message(2), message(3), message(5)], more: false });
  const end = model.withHistory(now, page);
  expect(messages.of(end).items.map((one) => one.id)).toEqual(["m2", "m3", "m5"]);
  expect(messages.of(end).items[1]?.text).toBe("geändert");
  expect(messages.of(end).more).toBe(false);
  expect(reactions.of(end)["m3"]).toEqual([{ emoji: "👍", person_ids: ["cem"] }]);
});

test("a label closes the door in the list, too", () => {
  const list = roomList([row({ open: true })]);
  const e: Event = { kind: "room.labelled", label: "confidential", open: false };
  const end = applyEvent(list, { a: "room:r", s: 11, e }, "ada");
  expect(end.get("r")).toMatchObject({ label: "confidential", open: false, seq: 11 });
});

test("the cache keeps the newest messages and knows that older ones exist", () => {
  const kept = model.forCache(view(Array.from({ length: 200 }, (_, index) => message(index + 1))));
  expect(messages.of(kept).items).toHaveLength(60);
  expect(messages.of(kept).more).toBe(true);
  expect(messages.of(kept).items.at(-1)?.id).toBe("m200");
});

test("what is mine to do counts for what I wrote only", () => {
  const one = view([]);
  expect([may(one, "message.post"), may(one, "message.edit"), may(one, "message.edit", true)]).toEqual([
    true,
    false,
    true,
  ]);
});

test("a message without its defaults is whole after the door, with the frame's sequence", () => {
  const bare = { id: "m9", room_id: "r", sender_id: "bea", client_id: "c9", at, text: "Text 9" };
  const frame = completeFrame({ a: "room:r", s: 9, e: { kind: "message.posted", message: bare as Message } });
  expect(frame).toMatchObject({ e: { message: message(9) } });
});

test("polls open, count, remember my vote and close", () => {
  const poll = {
    id: "p",
    room_id: "r",
    seq: 1,
    sender_id: "bea",
    at,
    question: "?",
    options: ["a", "b"],
    counts: [0, 0],
    voters: 0,
    mine: null,
    closed: false,
  };
  const open = after(
    view([]),
    { kind: "poll.opened", poll },
    { kind: "poll.voted", poll_id: "p", counts: [1, 0], voters: 1 },
  );
  const voted = model.applyMine(open, { kind: "poll.mine", poll_id: "p", room_id: "r", option: 0 });
  expect(polls.of(after(voted, { kind: "poll.closed", poll_id: "p" }))["p"]).toEqual({
    ...poll,
    counts: [1, 0],
    voters: 1,
    mine: 0,
    closed: true,
  });
});

test("unread is posts without read posts, and never negative", () => {
  expect(unread(row({ posts: 9 }))).toBe(5);
  expect(unread(row({ posts: 3 }))).toBe(0);
});

test("bumps and events move a room forward only", () => {
  const list = roomList([row()]);
  const bumped = applyBump(list, { t: "bump", a: "room:r", s: 12, n: 6 });
  expect(unread(bumped.get("r") ?? row())).toBe(2);
  expect(applyBump(bumped, { t: "bump", a: "room:r", s: 11, n: 5 }).get("r")?.posts).toBe(6);
  const own = applyEvent(
    bumped,
    { a: "room:r", s: 13, n: 7, e: posted(message(13, { sender_id: "ada" })) },
    "ada",
  );
  expect(own.get("r")).toMatchObject({ read_seq: 13, read_posts: 7 });
  const reply = applyEvent(
    own,
    { a: "room:r", s: 14, n: 7, e: posted(message(14, { root_id: "m1" })) },
    "ada",
  );
  expect(unread(reply.get("r") ?? row())).toBe(0);
});

test("my marker on another device moves mine, but never back", () => {
  const list = applyUser(roomList([row({ posts: 9 })]), {
    kind: "read",
    room_id: "r",
    read_seq: 12,
    read_posts: 9,
  });
  expect(unread(list.get("r") ?? row())).toBe(0);
  expect(
    applyUser(list, { kind: "read", room_id: "r", read_seq: 3, read_posts: 2 }).get("r")?.read_posts,
  ).toBe(9);
});

test("the end of a place is set, moved and lifted where the members are", () => {
  const until = "2026-12-31T23:00:00.000Z";
  const ended = (start: RoomView, ...events: Event[]) =>
    members.of(after(start, ...events)).members.map((one) => [one.person_id, one.membership, one.until]);
  const invited: Event = { kind: "member.invited", person_id: "cem", role: "member", by: "ada", until };
  const joined: Event = { kind: "member.joined", person_id: "cem", role: "member", until };
  const lifted: Event = { kind: "member.end_changed", person_id: "cem", until: null };
  expect(ended(view([]), invited)).toEqual([["cem", "invited", until]]);
  expect(ended(view([]), invited, joined)).toEqual([["cem", "joined", until]]);
  expect(ended(view([]), invited, joined, lifted)).toEqual([["cem", "joined", null]]);
  expect(ended(view([]), { kind: "member.joined", person_id: "cem", role: "member" })).toEqual([
    ["cem", "joined", null],
  ]);
  expect(ended(view([]), { ...lifted, until }), "somebody who is not there").toEqual([]);
});

test("who is in by a rule is marked, and by hand once they are given a role", () => {
  const joined: Event = { kind: "member.joined", person_id: "cem", role: "member", by_rule: true };
  const how = (...events: Event[]) =>
    members.of(after(view([]), ...events)).members.map((one) => one.by_rule);
  expect(how(joined)).toEqual([true]);
  expect(how(joined, { kind: "member.role_changed", person_id: "cem", role: "owner" })).toEqual([false]);
  expect(how({ kind: "member.joined", person_id: "cem", role: "member" })).toEqual([false]);
});
