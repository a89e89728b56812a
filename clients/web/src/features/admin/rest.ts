// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type {
  DepartmentOpening,
  GuestPage,
  Draft,
  DraftDetail,
  Heir,
  Label,
  Overview,
  PlanDetail,
  Plans,
  PlanStanding,
  PlanUpload,
  PolicyPreview,
  PolicyTree,
  Roll,
  RoomPage,
  Rules,
  StepPage,
  Unit,
} from "../../core/api/wire";

/** Whom to list; what is empty leaves all. department: its id. */
export interface Search {
  q: string;
  department: string;
}

/** Which rooms to list; what is empty leaves all. unled, unused: "true" for only those. */
export interface RoomSearch extends Search {
  kind: string;
  unled: string;
  unused: string;
}

/** Which steps to list; what is empty leaves all. q: a part of what they are about. */
export interface StepSearch {
  q: string;
  kind: string;
  verb: string;
}

/** Of a file's name, signs. */
const NAME_MAX = 200;

/** The query string for a search. cursor: the page behind the one whose `next` this is. */
export function asked(search: Search | RoomSearch | StepSearch, cursor: string | number | null): string {
  const pairs = Object.entries({ ...search, cursor: String(cursor ?? "") }).filter(
    ([, value]) => value !== "",
  );
  return pairs.length ? "?" + new URLSearchParams(pairs).toString() : "";
}

const policyPath = (place: string, policy: string) =>
  `/policies/${encodeURIComponent(place)}/${encodeURIComponent(policy)}`;

const draftPath = (draft: string) => "/provisioning/drafts/" + encodeURIComponent(draft);

const planPath = (number: number) => "/provisioning/plans/" + String(number);

const roomPath = (room: string) => "/admin/rooms/" + encodeURIComponent(room);

const openingPath = ({ department, to }: DepartmentOpening) =>
  `/admin/departments/${encodeURIComponent(department)}/openings/${encodeURIComponent(to)}`;

const administratorPath = (department: string, person: string) =>
  `/admin/departments/${encodeURIComponent(department)}/administrators/${encodeURIComponent(person)}`;

/** The calls of this feature. Raises Refusal. */
export const adminCalls = ({ http }: Rest) => ({
  overview: () => http.get<Overview>("/admin/overview"),
  units: async () => (await http.get<{ items: Unit[] }>("/admin/departments")).items,
  openings: async () => (await http.get<{ items: DepartmentOpening[] }>("/admin/openings")).items,
  open: (opening: DepartmentOpening) => http.put<void>(openingPath(opening)),
  shut: (opening: DepartmentOpening) => http.delete<void>(openingPath(opening)),
  /** Let somebody administer a department, until a moment or without end. */
  appoint: (department: string, person: string, until: string | null) =>
    http.put<void>(administratorPath(department, person), { until }),
  dismiss: (department: string, person: string) => http.delete<void>(administratorPath(department, person)),
  people: (search: Search, cursor: string | null) => http.get<Roll>("/admin/people" + asked(search, cursor)),
  signOut: (person: string) => http.delete<void>(`/admin/people/${encodeURIComponent(person)}/sessions`),
  guests: (cursor: string | null) =>
    http.get<GuestPage>("/guests" + (cursor === null ? "" : "?cursor=" + encodeURIComponent(cursor))),
  endGuest: (person: string) => http.delete<void>("/guests/" + encodeURIComponent(person)),
  rooms: (search: RoomSearch, cursor: string | null) =>
    http.get<RoomPage>("/admin/rooms" + asked(search, cursor)),
  /** Who may be made the owner of a room that nobody looks after. */
  heirs: async (room: string, q: string) =>
    (await http.get<{ items: Heir[] }>(roomPath(room) + "/heirs" + asked({ q, department: "" }, null))).items,
  handOver: (room: string, person_id: string) => http.put<void>(roomPath(room) + "/owner", { person_id }),
  narrow: (room: string, label: Label) => http.put<void>(roomPath(room) + "/label", { label }),
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
  planning: () => http.get<PlanStanding>("/provisioning"),
  /** Have a plan made of a table. complete: what it does not name ends or leaves. */
  uploadOrg: (file: File, complete: boolean) =>
    http.upload<PlanUpload>(
      "/provisioning/drafts" +
        "?" +
        new URLSearchParams({ name: file.name.slice(0, NAME_MAX), complete: String(complete) }).toString(),
      file,
    ),
  draft: (draft: string) => http.get<DraftDetail>(draftPath(draft)),
  draftSteps: (draft: string, wanted: StepSearch, cursor: number | null) =>
    http.get<StepPage>(draftPath(draft) + "/steps" + asked(wanted, cursor)),
  dropDraft: (draft: string) => http.delete<void>(draftPath(draft)),
  /** Returns the plan's number. removals: as somebody typed it who means them. */
  applyDraft: async (draft: string, removals: number | null) =>
    (await http.post<{ plan: number }>(draftPath(draft) + "/apply", { removals })).plan,
  plans: (before: number | null) =>
    http.get<Plans>("/provisioning/plans" + (before === null ? "" : "?before=" + String(before))),
  plan: (number: number) => http.get<PlanDetail>(planPath(number)),
  planSteps: (number: number, wanted: StepSearch, cursor: number | null) =>
    http.get<StepPage>(planPath(number) + "/steps" + asked(wanted, cursor)),
  /** Have a plan made that takes another one back. force: also what has changed since. */
  undoPlan: (number: number, force: boolean) => http.post<Draft>(planPath(number) + "/undo", { force }),
  resumePlan: (number: number) => http.post<void>(planPath(number) + "/resume"),
});

export type AdminCalls = ReturnType<typeof adminCalls>;
