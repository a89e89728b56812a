// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Department, RoomRule, RoomRules, RulesPreview } from "../../core/api/wire";
import type { Words } from "./texts";

const asked = ({ department_id, below, leading }: RoomRule) => ({ department_id, below, leading });

/** Whom rooms take in by themselves. Raises Refusal. */
export function ruleCalls({ http }: Rest) {
  const path = (room: string) => `/rooms/${encodeURIComponent(room)}/rules`;
  return {
    departments: async () => (await http.get<{ items: Department[] }>("/departments")).items,
    of: (room: string) => http.get<RoomRules>(path(room)),
    preview: (room: string, rules: RoomRule[]) =>
      http.post<RulesPreview>(path(room) + "/preview", { rules: rules.map(asked) }),
    /** confirmed: though many people come or go. */
    set: (room: string, rules: RoomRule[], confirmed: boolean) =>
      http.put<RoomRules>(path(room), { rules: rules.map(asked), confirmed }),
  };
}

export type RuleCalls = ReturnType<typeof ruleCalls>;

/** Two rules that mean the same people. */
export function same(one: RoomRule, other: RoomRule): boolean {
  return (
    one.department_id === other.department_id && one.below === other.below && one.leading === other.leading
  );
}

/** A rule as a sentence: "Alle aus Abteilung II und allen Einheiten darunter". */
export function inWords(rule: RoomRule, t: Words): string {
  const whom = (rule.leading ? t.leading_of : t.all_of)(rule.department ?? t.ended);
  return rule.below ? whom + t.and_below : whom;
}
