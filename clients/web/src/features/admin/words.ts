// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Listed } from "../../core/api/wire";
import { i18n } from "../../state/i18n.svelte";
import type { texts } from "./texts";

type Words = (typeof texts)["de"];

const IN_ROOM = /^role (\S+?)(?: in (\w+))?$/;
const IN_HOUSE = /^installation role (.+)$/;

/** A ground of the policy table in words; one that is new to us as the server names it. */
export function groundOf(ground: string, t: Words): string {
  const [, roles, kind] = IN_ROOM.exec(ground) ?? [];
  if (roles !== undefined) {
    const named = roles.split("/").map((role) => t.room_roles[role] ?? role);
    return t.in_room(named.join(", "), (kind && t.kinds[kind]) ?? t.any_room);
  }
  const role = IN_HOUSE.exec(ground)?.[1];
  if (role !== undefined) return t.house_roles[role]?.name ?? role;
  return t.grounds[ground] ?? ground;
}

interface Placed {
  id: string;
  parent_id: string | null;
}

/** A department and those directly below it. */
export interface Branch<T> {
  unit: T;
  parts: Branch<T>[];
}

/** The tree of a list in which each comes after the one it belongs to. */
export function branches<T extends Placed>(units: readonly T[]): Branch<T>[] {
  const top: Branch<T>[] = [];
  const known = new Map<string, Branch<T>>();
  for (const unit of units) {
    const branch: Branch<T> = { unit, parts: [] };
    known.set(unit.id, branch);
    (known.get(unit.parent_id ?? "")?.parts ?? top).push(branch);
  }
  return top;
}

/** Where somebody belongs, a part each. */
export function placesOf(person: Listed, t: Words): string[] {
  return person.departments.map(({ short, role }) => t.place[role](short));
}

/** What somebody is in the house as a whole, and what they administer of it, a part each. */
export function rolesOf(person: Listed, t: Words): string[] {
  const roles = person.roles.map((role) => t.house_roles[role]?.name ?? role);
  return person.administers.length === 0 ? roles : [...roles, t.administers(i18n.list(person.administers))];
}

/** What is administered, or who administers it, and the last day if there is one. */
export function givenOf({ name, until }: { name: string; until: string | null }, t: Words): string {
  return until === null ? name : t.given_until(name, i18n.lastDay(until));
}
