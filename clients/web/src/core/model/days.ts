// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/** Days as people choose them, in their own time zone, and the moments that travel. A day is "2026-12-31". */

const two = (value: number) => String(value).padStart(2, "0");

/** The day of a moment. */
export function dayOf(moment: Date): string {
  const year = String(moment.getFullYear()).padStart(4, "0");
  return `${year}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}

/** When a day is over: the midnight after it. */
export function endOf(day: string): string {
  const end = new Date(day + "T00:00");
  end.setDate(end.getDate() + 1);
  return end.toISOString();
}

/** The last day of what ends at a moment. */
export function lastDay(until: string): string {
  return dayOf(new Date(Date.parse(until) - 1));
}

/** Whether a moment is the end of a whole day. */
export function endsDay(until: string): boolean {
  return endOf(lastDay(until)) === new Date(until).toISOString();
}
