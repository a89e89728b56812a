// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2

/** A day as an input of type "date" writes it, in the person's own time. */
export function dayOf(at_ms: number): string {
  const at = new Date(at_ms);
  const two = (part: number) => String(part).padStart(2, "0");
  return `${String(at.getFullYear())}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** A range of days, both included, as moments: its end is the midnight after the last one. */
export function spanOf(first: string, last: string): { since_ms: number; until_ms: number } {
  const end = new Date(last + "T00:00");
  end.setDate(end.getDate() + 1); // a day is not always 24 hours long
  return { since_ms: new Date(first + "T00:00").getTime(), until_ms: end.getTime() };
}

/** The last moment of a range whose end is not in it. */
export function lastOf(until: string): string {
  return new Date(new Date(until).getTime() - 1).toISOString();
}
