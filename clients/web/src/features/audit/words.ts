// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Act } from "../../core/api/wire";
import { i18n } from "../../state/i18n.svelte";
import type { texts } from "./texts";

type Words = (typeof texts)["de"];
type Names = Record<string, string>;

const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** An id as people can compare it: its end, for ids of the same minute begin alike. */
function short(id: string): string {
  return ID.test(id) ? "…" + id.slice(-8) : id;
}

/** Who did it: a person by name, or who acts without being one. */
export function nameOf(id: string, names: Names, t: Words): string {
  const others: Names = { operator: t.operator, seed: t.seed };
  return names[id] ?? others[id] ?? short(id);
}

/** What it was done to. action: says what kind of thing it is; empty if that is not known. */
export function thingOf(id: string, action: string, names: Names, t: Words): string {
  if (names[id]) return names[id];
  if (id === "audit") return t.whole_trail;
  if (id === "everywhere") return t.whole_house;
  const kind = t.things[action.split(".")[0] ?? ""];
  return kind ? kind + " " + short(id) : short(id);
}

/** A value in words: a moment, a name, an act, roles and the like; or as it is. */
function said(value: string, names: Names, t: Words): string {
  if (MOMENT.test(value)) return i18n.when(value);
  const words = value.split(" ").map((word) => t.values[word]);
  return names[value] ?? t.actions[value] ?? (words.includes(undefined) ? short(value) : words.join(", "));
}

/** The rest of an act, a part each. */
export function detailsOf(act: Act, names: Names, t: Words): string[] {
  return Object.entries(act.detail)
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `${t.details[name] ?? name}: ${said(value, names, t)}`);
}
