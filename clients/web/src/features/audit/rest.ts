// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { ActPage } from "../../core/api/wire";

/** Which acts; what is empty leaves all. since, until: calendar days here, both included. */
export interface Filters {
  actor: string;
  action: string;
  subject: string;
  since: string;
  until: string;
}

export const NO_FILTERS: Filters = { actor: "", action: "", subject: "", since: "", until: "" };

/** Acts in one page of the list. */
const PAGE = 50;
/** As the server has it: entries in one answer of an export. */
export const EXPORT_MAX = 5_000;

/** The query string for these filters. before: the page behind the one whose `next` this is. */
export function asked(filters: Filters, before?: string | null): string {
  const { since, until, ...rest } = filters;
  const pairs = Object.entries({
    ...rest,
    since: since && new Date(since + "T00:00").toISOString(),
    until: until && dayAfter(until).toISOString(),
    before: before ?? "",
    limit: String(PAGE),
  }).filter(([, value]) => value !== "");
  return "?" + new URLSearchParams(pairs).toString();
}

/** Midnight at the end of this day; a day is not always 24 hours long. */
function dayAfter(day: string): Date {
  const at = new Date(day + "T00:00");
  at.setDate(at.getDate() + 1);
  return at;
}

/** The calls of this feature. Raises Refusal. */
export const auditCalls = ({ http }: Rest) => ({
  page: (filters: Filters, before?: string | null) => http.get<ActPage>("/audit" + asked(filters, before)),

  /** The whole trail as JSON lines, in parts. */
  async export(): Promise<string[]> {
    const parts: string[] = [];
    for (let since = 0; ;) {
      const part = await http.text("/audit/export?since=" + String(since));
      const lines = part.trimEnd().split("\n");
      parts.push(part);
      if (lines.length < EXPORT_MAX) return parts;
      since = (JSON.parse(lines.at(-1) ?? "") as { number: number }).number;
    }
  },
});
