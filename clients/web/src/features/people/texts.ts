// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

export interface Words {
  rules: string;
  none: string;
  all_of: (department: string) => string;
  leading_of: (department: string) => string;
  and_below: string;
  ended: string;
  add: string;
  add_title: string;
  remove: (rule: string) => string;
  remove_title: string;
  department: string;
  choose: string;
  below: string;
  leading: string;
  there: string;
  looking: string;
  moves: (coming: number, going: number) => string;
  moves_about: (coming: number, going: number, step: number) => string;
  the_house: string;
  whole_house: string;
  called: (attribute: { de: string; en: string }) => string;
  attribute: string;
  any: string;
  value: string;
  value_hint: string;
  hand: string;
  confirm: (count: number) => string;
  confirm_about: (count: number) => string;
  save: string;
  by_rule: string;
  you_by_rule: string;
}

const some = (count: number, step: number) =>
  count === 0 ? `weniger als ${step} Personen` : `mindestens ${count} Personen`;
const few = (count: number, step: number) =>
  count === 0 ? `fewer than ${step} people` : `at least ${count} people`;
const people = (count: number) => (count === 1 ? "1 Person" : `${count} Personen`);
const persons = (count: number) => (count === 1 ? "1 person" : `${count} people`);

export const texts: FeatureTexts<Words> = {
  de: {
    rules: "Mitglieder nach Regel",
    none: "Keine Regel: Herein kommt, wer eingeladen wird.",
    all_of: (department) => `Alle aus ${department}`,
    leading_of: (department) => `Leitung und Vertretung von ${department}`,
    and_below: " und allen Einheiten darunter",
    ended: "einer früheren Organisationseinheit",
    add: "Regel hinzufügen",
    add_title: "Wer soll von selbst Mitglied sein?",
    remove: (rule) => `Regel aufheben: ${rule}`,
    remove_title: "Regel aufheben?",
    department: "Organisationseinheit",
    choose: "Bitte wählen",
    below: "auch alle Einheiten darunter",
    leading: "nur Leitung und Vertretung",
    there: "Diese Regel gibt es schon.",
    looking: "Wird gezählt …",
    moves: (coming, going) =>
      `${people(coming)} ${coming === 1 ? "kommt" : "kommen"} hinzu, ${people(going)} ${going === 1 ? "geht" : "gehen"}.`,
    moves_about: (coming, going, step) =>
      `Hinzu kommen ${some(coming, step)}, es gehen ${some(going, step)}.`,
    the_house: "dem ganzen Haus",
    whole_house: "Das ganze Haus",
    called: ({ de }) => de,
    attribute: "Merkmal",
    any: "ohne Bedingung",
    value: "Wert",
    value_hint:
      "Groß- und Kleinschreibung ist gleich. Wer im Raum ist, sieht, wen die Regel hereinholt: Nehmen Sie nur Merkmale, die alle dort voneinander wissen dürfen.",
    hand: "Wer von Hand eingeladen wurde, bleibt. Ändert sich später, wer dazugehört, ändern sich die Mitglieder mit.",
    confirm: (count) => `Ja, ${people(count)} sind gemeint`,
    confirm_about: (count) => `Ja, bis zu ${count} Personen sind gemeint`,
    save: "Übernehmen",
    by_rule: "nach Regel",
    you_by_rule: "Eine Regel hält Sie in diesem Raum.",
  },
  en: {
    rules: "Members by rule",
    none: "No rule: whoever is invited comes in.",
    all_of: (department) => `Everybody of ${department}`,
    leading_of: (department) => `Lead and deputies of ${department}`,
    and_below: " and all units below",
    ended: "a former unit",
    add: "Add a rule",
    add_title: "Who is to be a member without an invitation?",
    remove: (rule) => `Lift the rule: ${rule}`,
    remove_title: "Lift the rule?",
    department: "Unit",
    choose: "Please choose",
    below: "and all units below",
    leading: "only lead and deputies",
    there: "There is such a rule.",
    looking: "Counting …",
    moves: (coming, going) => `${persons(coming)} would come, ${persons(going)} would go.`,
    moves_about: (coming, going, step) =>
      `There would come ${few(coming, step)}, and ${few(going, step)} would go.`,
    the_house: "the whole house",
    whole_house: "The whole house",
    called: ({ en }) => en,
    attribute: "Attribute",
    any: "no condition",
    value: "Value",
    value_hint:
      "Capital letters make no difference. Who is in the room sees whom the rule brings in: only take attributes that all may know of each other there.",
    hand: "Whoever was invited by hand stays. When it changes who belongs there, the members change along.",
    confirm: (count) => `Yes, ${persons(count)} are meant`,
    confirm_about: (count) => `Yes, up to ${count} people are meant`,
    save: "Apply",
    by_rule: "by rule",
    you_by_rule: "A rule keeps you in this room.",
  },
};
