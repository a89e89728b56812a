// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import { dayOf, endOf, endsDay, lastDay } from "../../src/core/model/days";
import { i18n } from "../../src/state/i18n.svelte";

test("a day ends at the midnight after it, on the days on which the clocks change too", () => {
  for (const day of ["2026-12-31", "2027-02-28", "2027-03-28", "2027-10-31", "2028-02-29"]) {
    const end = new Date(endOf(day));
    expect([end.getHours(), end.getMinutes(), end.getSeconds()]).toEqual([0, 0, 0]);
    expect(end.getTime()).toBeGreaterThan(new Date(day + "T23:59:59").getTime());
    expect(lastDay(endOf(day))).toBe(day);
    expect(endsDay(endOf(day))).toBe(true);
  }
});

test("the last day is said as a date, with the time only if it ends in the middle of a day", () => {
  expect(i18n.lastDay(endOf("2026-12-31"))).toBe("31.12.2026");
  expect(i18n.lastDay(new Date("2026-12-31T15:30").toISOString())).toBe("31.12.2026, 15:30");
  expect(i18n.moment(new Date().toISOString())).toMatch(/^\d\d\.\d\d\.\d{4}, \d\d:\d\d$/); // within sentences
  expect(endsDay(new Date("2026-12-31T15:30").toISOString())).toBe(false);
});

test("a moment is of the day that it has here", () => {
  expect(dayOf(new Date("2026-03-01T00:00"))).toBe("2026-03-01");
  expect(dayOf(new Date("2026-03-01T23:59"))).toBe("2026-03-01");
});
