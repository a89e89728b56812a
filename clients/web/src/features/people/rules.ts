// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Rest } from "../../core/api/rest";
import type { Department, OfferedAttributes, RoomRule, RoomRules, RulesPreview } from "../../core/api/wire";
import type { Words } from "./texts";

const asked = ({ department_id, below, leading, attribute }: RoomRule) => ({
  department_id,
  below,
  leading,
  attribute: attribute && { name: attribute.name, value: attribute.value },
});

/** Whom rooms take in by themselves. Raises Refusal. */
export function ruleCalls({ http }: Rest) {
  const path = (room: string) => `/rooms/${encodeURIComponent(room)}/rules`;
  return {
    departments: async () => (await http.get<{ items: Department[] }>("/departments")).items,
    attributes: (room: string) => http.get<OfferedAttributes>(path(room) + "/attributes"),
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
    one.department_id === other.department_id &&
    one.below === other.below &&
    one.leading === other.leading &&
    one.attribute?.name === other.attribute?.name &&
    one.attribute?.value === other.attribute?.value
  );
}

/** A rule as a sentence: "Alle aus Abteilung II und allen Einheiten darunter, Beruf: Ärztin". */
export function inWords(rule: RoomRule, t: Words): string {
  const { attribute } = rule;
  const where = rule.department_id === null ? t.the_house : (rule.department ?? t.ended);
  const whom = (rule.leading ? t.leading_of : t.all_of)(where) + (rule.below ? t.and_below : "");
  return attribute ? `${whom}, ${t.called(attribute)}: ${attribute.value}` : whom;
}

/** How many people come and go, in words; told in steps where it would be about single ones. */
export function movesInWords({ coming, going, step }: RulesPreview, t: Words): string {
  return step === 1 ? t.moves(coming, going) : t.moves_about(coming, going, step);
}

/** How many these may be at most. */
export const mostOf = ({ coming, going, step }: RulesPreview): number => coming + going + 2 * (step - 1);
