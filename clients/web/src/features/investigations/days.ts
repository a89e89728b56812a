// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

import { endOf } from "../../core/model/days";

/** A range of days, both included, as moments: its end is the midnight after the last one. */
export function spanOf(first: string, last: string): { since_ms: number; until_ms: number } {
  return { since_ms: Date.parse(first + "T00:00"), until_ms: Date.parse(endOf(last)) };
}

/** The last moment of a range whose end is not in it. */
export function lastOf(until: string): string {
  return new Date(new Date(until).getTime() - 1).toISOString();
}
