// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { describe, expect, test } from "vitest";
import openapi from "../../../../docs/reference/openapi.json";
import type { Draft, PlanSummary, StepLine, StepSide } from "../../src/core/api/wire";
import {
  countWords,
  KINDS,
  moves,
  said,
  standOf,
  stepWords,
  texts,
  VERBS,
  where,
} from "../../src/features/admin/plans";

const NOTHING: StepSide = { name: null, parent: null, email: null, enabled: null, role: null };
const { Sentence, StepLine: Line } = openapi.components.schemas;

function step(
  kind: StepLine["kind"],
  target: string,
  before: Partial<StepSide> | null,
  after: Partial<StepSide> | null,
  ...attributes: string[]
) {
  const side = (one: Partial<StepSide> | null) => (one === null ? null : { ...NOTHING, ...one });
  return {
    number: 0,
    kind,
    verb: "add" as const,
    target,
    before: side(before),
    after: side(after),
    done: false,
    attributes,
  };
}

const ADA = { name: "Ada Körner", email: "ada@ministerium.example", enabled: true };

describe("a step reads as people say it", () => {
  test.each([
    [
      step("department", "A 1", null, { name: "Referat A 1", parent: "A" }),
      "Organisationseinheit A 1 (Referat A 1) entsteht in A",
    ],
    [step("department", "A", null, { name: "Abteilung A" }), "Organisationseinheit A (Abteilung A) entsteht"],
    [step("department", "A", { name: "A" }, null), "Organisationseinheit A endet"],
    [
      step("department", "A", { name: "Alt", parent: "B" }, { name: "Neu" }),
      "Organisationseinheit A: „Alt“ heißt „Neu“; Organisationseinheit A: von B nach ganz oben",
    ],
    [step("room", "A", null, {}), "Raum von A entsteht"],
    [step("announcements", "A", {}, null), "Ankündigungsraum von A endet"],
    [step("account", "ada", null, ADA), "Konto ada (Ada Körner, ada@ministerium.example) entsteht"],
    [step("account", "ada", ADA, { ...ADA, enabled: false }), "Konto ada wird gesperrt"],
    [step("account", "ada", { ...ADA, enabled: false }, ADA), "Konto ada wird entsperrt"],
    [step("account", "ada", ADA, null), "Konto ada wird gelöscht"],
    [
      step("account", "ada", ADA, { ...ADA, email: null }),
      "Konto ada: „Ada Körner, ada@ministerium.example“ wird „Ada Körner“",
    ],
    [step("place", "ada A 1", null, { role: "lead" }), "ada kommt zu A 1 als Leitung"],
    [step("account", "ada", ADA, ADA, "beruf", "ort"), "Konto ada: andere Werte für beruf, ort"],
    [
      step("place", "ada A 1", { role: "member" }, { role: "deputy" }),
      "ada in A 1: Vertretung statt Mitglied",
    ],
    [step("place", "ada A 1", { role: "member" }, null), "ada verlässt A 1"],
    [step("repair", "ada A 1", null, null), "ada in A 1: Haus und Anmeldedienst werden angeglichen"],
    [step("group", "A 1", null, null), "Gruppe von A 1 im Anmeldedienst wird berichtigt"],
  ])("%#", (line, words) => {
    expect(stepWords(line, texts.de)).toBe(words);
    expect(stepWords(line, texts.en)).not.toBe(words);
  });
});

test("every kind and verb of the server's has its place", () => {
  expect([...KINDS].toSorted()).toEqual(Line.properties.kind.enum.toSorted());
  expect([...VERBS].toSorted()).toEqual(Line.properties.verb.enum.toSorted());
});

test.each([texts.de, texts.en])("every sentence of the server's has words", (t) => {
  expect(Object.keys(t.sentences).toSorted()).toEqual(Sentence.properties.name.enum.toSorted());
  const about = { kind: "account", where: "line 3" };
  for (const words of Object.values(t.sentences)) expect(words(about)).not.toBe("");
});

test("a line of a file is a line; another place stays what it is", () => {
  expect(where("line 7")).toBe("Zeile 7");
  expect(where("ou=A,dc=example")).toBe("ou=A,dc=example");
  expect(said({ name: "department_twice", about: { key: "A", where: "line 2" } })).toBe(
    "Die Organisationseinheit A stand schon in Zeile 2",
  );
});

test("sorts of steps stand in the order of what they are about", () => {
  const counts = [
    { kind: "place" as const, verb: "remove" as const, steps: 2, left: 2 },
    { kind: "department" as const, verb: "change" as const, steps: 1, left: 0 },
    { kind: "department" as const, verb: "add" as const, steps: 3, left: 0 },
    { kind: "account" as const, verb: null, steps: 4, left: 0 },
  ];
  expect(countWords(counts, texts.de)).toEqual([
    "Organisationseinheit neu: 3",
    "Organisationseinheit geändert: 1",
    "Konto: 4",
    "Zugehörigkeit entfernt: 2",
  ]);
});

describe("where a plan stands", () => {
  const plan: PlanSummary = {
    number: 1,
    source: "haus.csv",
    undoes: null,
    planned_by: null,
    begun_by: null,
    begun_at: "2026-01-01T00:00:00Z",
    ended_at: null,
    running: false,
    steps: 4,
    left: 3,
    failure: [],
  };
  const ended = { ended_at: "2026-01-01T00:00:00Z" };
  const failure = [{ name: "refused" as const, about: { text: "x" } }];

  test.each([
    [plan, "wartet: 3 noch zu tun", true],
    [{ ...plan, running: true }, "läuft: 1 von 4", true],
    [{ ...plan, failure }, "steht still: 3 noch zu tun", false],
    [{ ...plan, ...ended }, "abgebrochen: 3 nicht getan", false],
    [{ ...plan, ...ended, left: 0 }, "fertig", false],
  ])("%#", (one, words, moving) => {
    expect(standOf(one, texts.de)).toBe(words);
    expect(moves(one)).toBe(moving);
  });

  test("a draft is looked at again until there is a plan of it", () => {
    const state = (one: Draft["state"]) => moves({ state: one } as Draft);
    expect([state("planning"), state("planned"), state("refused")]).toEqual([true, false, false]);
  });
});
