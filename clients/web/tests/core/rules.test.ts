// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { expect, test } from "vitest";
import type { RoomRule } from "../../src/core/api/wire";
import { mostOf, inWords, movesInWords, same } from "../../src/features/people/rules";
import { texts } from "../../src/features/people/texts";

const PHYSICIAN = { name: "beruf", de: "Beruf", en: "Profession", value: "Ärztin" };
const rule = (more: Partial<RoomRule> = {}): RoomRule => ({
  department_id: "d",
  department: "Abteilung II",
  below: false,
  leading: false,
  attribute: null,
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

test("a rule says which attribute it asks for, in the reader's language", () => {
  const asks = rule({ below: true, attribute: PHYSICIAN });
  expect(inWords(asks, texts.de)).toBe("Alle aus Abteilung II und allen Einheiten darunter, Beruf: Ärztin");
  expect(inWords(asks, texts.en)).toBe("Everybody of Abteilung II and all units below, Profession: Ärztin");
  const house = rule({ department_id: null, department: null, leading: true, attribute: PHYSICIAN });
  expect(inWords(house, texts.de)).toBe("Leitung und Vertretung von dem ganzen Haus, Beruf: Ärztin");
});

test("what would be about single people is told in steps", () => {
  const told = { coming: 0, going: 10, step: 5 };
  expect(movesInWords(told, texts.de)).toBe(
    "Hinzu kommen weniger als 5 Personen, es gehen mindestens 10 Personen.",
  );
  expect(movesInWords(told, texts.en)).toBe(
    "There would come fewer than 5 people, and at least 10 people would go.",
  );
  expect(mostOf(told)).toBe(18);
  expect(movesInWords({ coming: 1, going: 2, step: 1 }, texts.de)).toBe(texts.de.moves(1, 2));
  expect(mostOf({ coming: 1, going: 2, step: 1 })).toBe(3);
});

test("how many come and go is said with the right verbs", () => {
  expect(texts.de.moves(1, 2)).toBe("1 Person kommt hinzu, 2 Personen gehen.");
  expect(texts.de.moves(0, 1)).toBe("0 Personen kommen hinzu, 1 Person geht.");
});

test("two rules are the same if they mean the same people, whatever the department is called now", () => {
  expect(same(rule(), rule({ department: "Abteilung 2" }))).toBe(true);
  expect(same(rule(), rule({ below: true }))).toBe(false);
  expect(same(rule({ attribute: PHYSICIAN }), rule())).toBe(false);
  expect(same(rule({ attribute: PHYSICIAN }), rule({ attribute: { ...PHYSICIAN, value: "Arzt" } }))).toBe(
    false,
  );
  expect(same(rule({ attribute: PHYSICIAN }), rule({ attribute: { ...PHYSICIAN } }))).toBe(true);
});
