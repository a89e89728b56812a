// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

import { dayOf } from "../../core/model/days";

const DAY_MS = 86_400_000;
/** What a request may take on its way, milliseconds: the last moment allowed here must still be so there. */
const SLACK_MS = 60_000;

/** The days that can be chosen, and the usual one. */
export function choices(now_ms: number, days: { default_days: number; max_days: number }) {
  return {
    first: dayOf(new Date(now_ms)),
    usual: dayOf(new Date(now_ms + Math.min(days.default_days, days.max_days) * DAY_MS)),
    last: dayOf(new Date(now_ms + days.max_days * DAY_MS)),
  };
}

/** The end of a day, and no later than allowed; milliseconds since the epoch. */
export function endOf(day: string, now_ms: number, max_days: number): number {
  const end_ms = new Date(day + "T23:59:59").getTime();
  return Math.min(end_ms, now_ms + max_days * DAY_MS - SLACK_MS);
}
