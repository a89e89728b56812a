// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import { dayOf } from "../../src/core/model/days";
import { lastOf, spanOf } from "../../src/features/investigations/days";
import { texts } from "../../src/features/investigations/texts";
import { told } from "../../src/features/investigations/told.svelte";
import { words } from "../../src/features/investigations/words";

describe("a range of days", () => {
  test("has all of its first and of its last day", () => {
    const { since_ms, until_ms } = spanOf("2026-10-24", "2026-10-25");
    expect([since_ms, until_ms - 1, until_ms].map((ms) => dayOf(new Date(ms)))).toEqual([
      "2026-10-24",
      "2026-10-25",
      "2026-10-26",
    ]);
    expect(new Date(until_ms).getHours()).toBe(0);
  });

  test("is told by its last day, not by the midnight after", () => {
    const until = new Date(spanOf("2026-11-30", "2026-11-30").until_ms).toISOString();
    expect(dayOf(new Date(lastOf(until)))).toBe("2026-11-30");
  });
});

describe("what a person was told", () => {
  test("comes on arriving, grows, and waits until it is confirmed", () => {
    told.arrived({ told: 1, waiting: [] });
    told.mine({ kind: "investigation.told", investigation_id: "b" });
    told.mine({ kind: "investigation.told", investigation_id: "c" });
    expect([told.all, told.waiting]).toEqual([3, ["b", "c"]]);
    told.mine({ kind: "investigation.confirmed", investigation_id: "b" });
    told.mine({ kind: "room.gone", room_id: "r", closes: "room:r" });
    expect([told.all, told.waiting]).toEqual([3, ["c"]]);
    told.arrived({ told: 3, waiting: ["c"] });
    expect(told.waiting).toEqual(["c"]);
  });

  test("is nothing for a server that knows nothing of it", () => {
    told.arrived(undefined);
    expect([told.all, told.waiting]).toEqual([0, []]);
  });
});

test("both languages say the same", () => {
  const known = (one: object): string[] =>
    Object.entries(one).flatMap(([name, said]) =>
      typeof said === "object" ? known(said as object).map((inner) => `${name}.${inner}`) : [name],
    );
  expect(known(texts.en)).toEqual(known(texts.de));
  expect(known(words.en)).toEqual(known(words.de));
});
