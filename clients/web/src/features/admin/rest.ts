// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type {
  DepartmentOpening,
  GuestPage,
  Overview,
  Plans,
  PlanSteps,
  PolicyPreview,
  PolicyTree,
  Roll,
  Rules,
  Unit,
} from "../../core/api/wire";

/** Whom to list; what is empty leaves all. department: its id. */
export interface Search {
  q: string;
  department: string;
}

/** The query string for a search. cursor: the page behind the one whose `next` this is. */
export function asked(search: Search, cursor: string | null): string {
  const pairs = Object.entries({ ...search, cursor: cursor ?? "" }).filter(([, value]) => value !== "");
  return pairs.length ? "?" + new URLSearchParams(pairs).toString() : "";
}

const policyPath = (place: string, policy: string) =>
  `/policies/${encodeURIComponent(place)}/${encodeURIComponent(policy)}`;

const openingPath = ({ department, to }: DepartmentOpening) =>
  `/admin/departments/${encodeURIComponent(department)}/openings/${encodeURIComponent(to)}`;

/** The calls of this feature. Raises Refusal. */
export const adminCalls = ({ http }: Rest) => ({
  overview: () => http.get<Overview>("/admin/overview"),
  units: async () => (await http.get<{ items: Unit[] }>("/admin/departments")).items,
  openings: async () => (await http.get<{ items: DepartmentOpening[] }>("/admin/openings")).items,
  open: (opening: DepartmentOpening) => http.put<void>(openingPath(opening)),
  shut: (opening: DepartmentOpening) => http.delete<void>(openingPath(opening)),
  people: (search: Search, cursor: string | null) => http.get<Roll>("/admin/people" + asked(search, cursor)),
  signOut: (person: string) => http.delete<void>(`/admin/people/${encodeURIComponent(person)}/sessions`),
  guests: (cursor: string | null) =>
    http.get<GuestPage>("/guests" + (cursor === null ? "" : "?cursor=" + encodeURIComponent(cursor))),
  endGuest: (person: string) => http.delete<void>("/guests/" + encodeURIComponent(person)),
  rules: () => http.get<Rules>("/admin/rules"),
  policies: () => http.get<PolicyTree>("/policies"),
  /** What setting a value would do; null takes it back. */
  policyPreview: (place: string, policy: string, value: string | null) =>
    http.get<PolicyPreview>(
      policyPath(place, policy) + "/preview" + (value === null ? "" : "?value=" + encodeURIComponent(value)),
    ),
  setPolicy: (place: string, policy: string, value: string | null) =>
    value === null
      ? http.delete<void>(policyPath(place, policy))
      : http.put<void>(policyPath(place, policy), { value }),
  plans: async () => (await http.get<Plans>("/provisioning/plans")).items,
  plan: (number: number) => http.get<PlanSteps>("/provisioning/plans/" + String(number)),
});

export type AdminCalls = ReturnType<typeof adminCalls>;
