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
  hand: string;
  confirm: (count: number) => string;
  save: string;
  by_rule: string;
  you_by_rule: string;
}

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
    hand: "Wer von Hand eingeladen wurde, bleibt. Ändert sich später, wer dazugehört, ändern sich die Mitglieder mit.",
    confirm: (count) => `Ja, ${people(count)} sind gemeint`,
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
    hand: "Whoever was invited by hand stays. When it changes who belongs there, the members change along.",
    confirm: (count) => `Yes, ${persons(count)} are meant`,
    save: "Apply",
    by_rule: "by rule",
    you_by_rule: "A rule keeps you in this room.",
  },
};
