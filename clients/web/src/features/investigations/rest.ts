// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type {
  Investigation,
  InvestigationList,
  NewInvestigation,
  OwnInvestigation,
  Person,
  ReadPage,
} from "../../core/api/wire";

const one = (id: string) => "/investigations/" + encodeURIComponent(id);
const query = (name: string, value: string | null) =>
  value === null ? "" : `?${name}=${encodeURIComponent(value)}`;

/** The calls of this feature. Raises Refusal. */
export const investigationCalls = ({ http }: Rest) => ({
  list: (cursor: string | null) => http.get<InvestigationList>("/investigations" + query("cursor", cursor)),
  /** Everybody whom it can concern, whoever may see whom. */
  people: async (q: string) =>
    (await http.get<{ items: Person[] }>("/investigations/people" + query("q", q))).items,
  ask: (wanted: NewInvestigation) => http.post<Investigation>("/investigations", wanted),
  decide: (id: string, approve: boolean, sentence: string) =>
    http.post<Investigation>(one(id) + "/decision", { approve, sentence }),
  /** Every answer is a page that is counted. */
  read: (id: string, after: string | null) =>
    http.get<ReadPage>(one(id) + "/messages" + query("after", after)),
  end: (id: string) => http.post<Investigation>(one(id) + "/end"),
  own: async () => (await http.get<{ items: OwnInvestigation[] }>("/me/investigations")).items,
  confirm: (id: string) => http.post<void>(`/me${one(id)}/confirm`),
});

export type InvestigationCalls = ReturnType<typeof investigationCalls>;
