// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import permissions from "../../../../docs/reference/permissions.md?raw";
import type { Unit } from "../../src/core/api/wire";
import { asked } from "../../src/features/admin/rest";
import { NEEDS, SECTIONS, texts } from "../../src/features/admin/texts";
import { branches, givenOf, groundOf, placesOf, rolesOf } from "../../src/features/admin/words";

/** The table of rules as the server wrote it: action, grounds, answer to a stranger. */
const RULES = permissions.split("\n").flatMap((line) => {
  const [, action, grounds, stranger] = /^\| `(.+?)` \| (.+?) \| (\d+) \|$/.exec(line) ?? [];
  return action && grounds && stranger ? [{ action, grounds: grounds.split(" or "), stranger }] : [];
});

describe.each([texts.de, texts.en])("the rights", (t) => {
  test("every action has words", () => {
    expect(RULES.length).toBeGreaterThan(30);
    expect(RULES.filter(({ action }) => !t.actions[action])).toEqual([]);
  });

  test("no words are left of actions that are gone", () => {
    expect(Object.keys(t.actions).toSorted()).toEqual(RULES.map(({ action }) => action).toSorted());
  });

  test("every ground and every answer has words", () => {
    const grounds = new Set(RULES.flatMap((rule) => rule.grounds));
    const parts = (ground: string) => ground.replace("role ", "").split(/\/| in /);
    for (const ground of grounds) {
      const words = groundOf(ground, t);
      expect(words).not.toBe(ground);
      if (!ground.startsWith("role ")) continue;
      for (const part of parts(ground)) expect(t.room_roles[part] ?? t.kinds[part]).toBeDefined();
    }
    expect(RULES.filter(({ stranger }) => !t.answers[stranger])).toEqual([]);
  });
});

test("a ground is said as people say it", () => {
  const t = texts.de;
  expect(groundOf("role owner/moderator in group", t)).toBe("im Gruppenraum: Leitung, Moderation");
  expect(groundOf("role invited", t)).toBe("im Raum: Eingeladen");
  expect(groundOf("installation role fachwerk-auditor", t)).toBe("Revision");
  expect(groundOf("something new", t)).toBe("something new");
});

test("departments become a tree; one whose parent is not there stands at the top", () => {
  const unit = (id: string, parent_id: string | null): Unit => ({
    id,
    parent_id,
    name: id,
    short: id,
    people: 0,
    leads: [],
    deputies: [],
    admins: [],
  });
  const tree = branches([
    unit("h", null),
    unit("a", "h"),
    unit("a1", "a"),
    unit("b", "h"),
    unit("x", "gone"),
  ]);
  const ids = (parts: typeof tree): unknown[] => parts.map((one) => [one.unit.id, ids(one.parts)]);
  expect(ids(tree)).toEqual([
    [
      "h",
      [
        ["a", [["a1", []]]],
        ["b", []],
      ],
    ],
    ["x", []],
  ]);
});

test("what is empty is not asked for", () => {
  expect(asked({ q: "", department: "" }, null)).toBe("");
  expect(asked({ q: "a b", department: "" }, "7")).toBe("?q=a+b&cursor=7");
});

test("what somebody is in a department stands beside it", () => {
  const departments = (["member", "deputy", "lead"] as const).map((role) => ({ short: role, role }));
  const person = { id: "p", name: "P", active: true, roles: [], departments, administers: [], sessions: 0 };
  expect(placesOf(person, texts.de)).toEqual(["member", "deputy (Vertretung)", "lead (Leitung)"]);
});

test("what somebody administers stands with what they are in the house", () => {
  const roles = ["fachwerk-auditor"];
  const person = {
    id: "p",
    name: "P",
    active: true,
    roles,
    departments: [],
    administers: [],
    sessions: null,
  };
  expect(rolesOf(person, texts.de)).toEqual(["Revision"]);
  expect(rolesOf({ ...person, administers: ["A", "B 1"] }, texts.de)).toEqual([
    "Revision",
    "verwaltet A und B 1",
  ]);
});

test("what is given until a day says the last day", () => {
  const until = new Date(2027, 3, 1).toISOString();
  expect(givenOf({ name: "Ada", until: null }, texts.de)).toBe("Ada");
  expect(givenOf({ name: "Ada", until }, texts.de)).toBe("Ada (bis 31.03.2027)");
});

test("every part of the page needs an action that there is", () => {
  const actions = new Set(RULES.map(({ action }) => action));
  expect(SECTIONS.filter((section) => !actions.has(NEEDS[section]))).toEqual([]);
});

test("whoever administers a department has all parts but those of the whole house", () => {
  const theirs = new Set(
    RULES.filter(({ grounds }) => grounds.includes("department_admin")).map(({ action }) => action),
  );
  expect(SECTIONS.filter((section) => !theirs.has(NEEDS[section]))).toEqual(["overview", "plans"]);
});
