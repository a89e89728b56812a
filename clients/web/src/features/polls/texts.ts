// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  ask: string;
  poll: string;
  question: string;
  option: (number: number) => string;
  remove_option: (number: number) => string;
  add_option: string;
  start: string;
  close: string;
  closed: string;
  voters: (count: number) => string;
  votes: (count: number) => string;
  mine: string;
  hint: string;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    ask: "Umfrage anlegen",
    poll: "Umfrage",
    question: "Frage",
    option: (number) => "Antwort " + number,
    remove_option: (number) => `Antwort ${number} entfernen`,
    add_option: "Antwort hinzufügen",
    start: "Umfrage starten",
    close: "Umfrage beenden",
    closed: "beendet",
    voters: (count) => (count === 1 ? "1 Person hat abgestimmt" : count + " Personen haben abgestimmt"),
    votes: (count) => (count === 1 ? "1 Stimme" : count + " Stimmen"),
    mine: "Ihre Stimme",
    hint: "Jede Person hat eine Stimme und kann sie ändern, bis die Umfrage beendet ist.",
  },
  en: {
    ask: "Create a poll",
    poll: "Poll",
    question: "Question",
    option: (number) => "Option " + number,
    remove_option: (number) => `Remove option ${number}`,
    add_option: "Add an option",
    start: "Start the poll",
    close: "Close the poll",
    closed: "closed",
    voters: (count) => (count === 1 ? "1 person has voted" : count + " people have voted"),
    votes: (count) => (count === 1 ? "1 vote" : count + " votes"),
    mine: "Your vote",
    hint: "Everyone has one vote and can change it until the poll is closed.",
  },
};
