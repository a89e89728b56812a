// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import type { Event, PolicyRuling } from "../../src/core/api/wire";
import { dayOf } from "../../src/core/model/days";
import { guestLimit } from "../../src/core/model/policies";
import { choices, endOf } from "../../src/features/guests/dates";
import { guests } from "../../src/features/guests/guests";
import { texts } from "../../src/features/guests/texts";

const guest = (person_id: string, more: { accepted?: boolean; ends_at?: string } = {}) => ({
  person_id,
  sponsor_id: "s",
  ends_at: "2026-12-30T10:00:00.000Z",
  accepted: false,
  ...more,
});
const after = (events: Event[]) =>
  events.reduce((state, e) => guests.apply(state, { s: 1, e, me: "p" }), guests.empty);

describe("the guests of a room", () => {
  test("one entry each, in order, as it was said last", () => {
    const state = after([
      { kind: "guest.shown", guest: guest("b") },
      { kind: "guest.shown", guest: guest("a") },
      { kind: "guest.shown", guest: guest("b", { accepted: true }) },
    ]);
    expect(state.items.map((one) => [one.person_id, one.accepted])).toEqual([
      ["a", false],
      ["b", true],
    ]);
  });

  test("who has ended is gone, and nobody else's view is made anew by it", () => {
    const state = after([{ kind: "guest.shown", guest: guest("a") }]);
    expect(guests.apply(state, { s: 2, e: { kind: "guest.gone", person_id: "a" }, me: "p" }).items).toEqual(
      [],
    );
    expect(guests.apply(state, { s: 2, e: { kind: "guest.gone", person_id: "x" }, me: "p" })).toBe(state);
  });
});

describe("the last day", () => {
  const now_ms = new Date(2026, 10, 30, 18, 0).getTime();
  const terms = { default_days: 30, max_days: 180 };

  test("lies between today and the longest that is allowed", () => {
    expect(choices(now_ms, terms)).toEqual({ first: "2026-11-30", usual: "2026-12-30", last: "2027-05-29" });
    expect(choices(now_ms, { default_days: 30, max_days: 7 }).usual).toBe("2026-12-07");
  });

  test("counts to its end, and never further than allowed", () => {
    expect(new Date(endOf("2026-12-24", now_ms, 180)).getHours()).toBe(23);
    expect(dayOf(new Date(endOf("2026-12-24", now_ms, 180)))).toBe("2026-12-24");
    const last_ms = endOf("2027-05-29", now_ms, 180);
    expect(last_ms).toBeLessThan(now_ms + 180 * 86_400_000);
    expect(dayOf(new Date(last_ms))).toBe("2027-05-29");
  });
});

test("what keeps guests out: the policy itself, then the label that rooms have at least", () => {
  const ruling = (policy: string, value: string): PolicyRuling => ({ policy, value, department: null });
  const label = ruling("least_label", "internal");
  const none = ruling("guests", "forbidden");
  expect(guestLimit([ruling("guests", "allowed"), ruling("least_label", "open")])).toBeNull();
  expect(guestLimit([label, none])).toBe(none);
  expect(guestLimit([label, ruling("guests", "allowed")])).toBe(label);
});

test("both languages know the same refusals and reasons", () => {
  const known = (t: typeof texts.de) => [Object.keys(t.entry.refused), Object.keys(t.over.why)];
  expect(known(texts.en)).toEqual(known(texts.de));
});
