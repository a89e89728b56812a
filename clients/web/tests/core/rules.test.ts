// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import type { RoomRule } from "../../src/core/api/wire";
import { inWords, same } from "../../src/features/people/rules";
import { texts } from "../../src/features/people/texts";

const rule = (more: Partial<RoomRule> = {}): RoomRule => ({
  department_id: "d",
  department: "Abteilung II",
  below: false,
  leading: false,
  ...more,
});

test("a rule is a sentence", () => {
  const said = (more: Partial<RoomRule>) => inWords(rule(more), texts.de);
  expect(said({})).toBe("Alle aus Abteilung II");
  expect(said({ below: true })).toBe("Alle aus Abteilung II und allen Einheiten darunter");
  expect(said({ leading: true })).toBe("Leitung und Vertretung von Abteilung II");
  expect(said({ department: null })).toBe("Alle aus einer früheren Organisationseinheit");
  expect(inWords(rule({ below: true }), texts.en)).toBe("Everybody of Abteilung II and all units below");
});

test("how many come and go is said with the right verbs", () => {
  expect(texts.de.moves(1, 2)).toBe("1 Person kommt hinzu, 2 Personen gehen.");
  expect(texts.de.moves(0, 1)).toBe("0 Personen kommen hinzu, 1 Person geht.");
});

test("two rules are the same if they mean the same people, whatever the department is called now", () => {
  expect(same(rule(), rule({ department: "Abteilung 2" }))).toBe(true);
  expect(same(rule(), rule({ below: true }))).toBe(false);
});
