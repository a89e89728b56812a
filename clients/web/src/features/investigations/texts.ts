// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Investigation } from "../../core/api/wire";
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  title: string;
  about: string;
  list: string;
  none: string;
  older: string;
  states: Record<Investigation["state"], string>;
  guest: string;
  reference: string;
  reason: string;
  range: string;
  from_to: (since: string, until: string) => string;
  open_for: string;
  hours: (count: number) => string;
  asked_by: string;
  decided_by: string;
  by_at: (name: string, at: string) => string;
  sentence: string;
  open_until: string;
  ended: string;
  pages: string;
  person_told: string;
  told_later: (at: string) => string;
  ask: string;
  ask_about: string;
  person: string;
  other_person: string;
  first: string;
  last: string;
  at_most: (days: number, hours: number) => string;
  hours_field: string;
  reference_field: string;
  reason_field: string;
  reason_hint: string;
  send: string;
  asked: (name: string) => string;
  decide: string;
  decide_on: (name: string) => string;
  decide_about: (asker: string, hours: string) => string;
  told_after: (days: number) => string;
  sentence_field: string;
  sentence_hint: string;
  approve: string;
  refuse: string;
  approved: (name: string) => string;
  refused: (name: string) => string;
  end: string;
  end_of: (name: string) => string;
  end_title: (name: string) => string;
  end_text: string;
  is_ended: (name: string) => string;
  withdraw: string;
  withdraw_of: (name: string) => string;
  withdraw_title: (name: string) => string;
  withdraw_text: string;
  withdrawn: (name: string) => string;
  read: string;
  read_of: (name: string) => string;
  back: string;
  reading: (name: string) => string;
  reading_about: (at: string) => string;
  messages: string;
  no_messages: string;
  next_page: string;
  last_page: string;
  time_over: string;
  direct: string;
  reply: string;
  edited: string;
  files: string;
  own: {
    title: string;
    lead: string;
    none: string;
    by: string;
    why: string;
    when: string;
    what: string;
    what_text: (since: string, until: string) => string;
    how_much: string;
    pages: (count: number) => string;
    whom: string;
    whom_text: (name: string) => string;
    confirm: string;
    later: string;
    confirmed: string;
  };
}

export const texts: FeatureTexts<Texts> = {
  de: {
    title: "Einsicht in Nachrichten",
    about:
      "Nur bei einem konkreten Verdacht, nur zu zweit, nur auf Zeit. Jeder Schritt steht im Protokoll, und die Person erfährt es danach.",
    list: "Einsichten",
    none: "Es gibt keine Einsichten.",
    older: "Ältere laden",
    states: {
      asked: "wartet auf Entscheidung",
      open: "offen",
      refused: "abgelehnt",
      withdrawn: "zurückgezogen",
      ended: "beendet",
    },
    guest: "Gast",
    reference: "Aktenzeichen",
    reason: "Verdacht",
    range: "Zeitraum",
    from_to: (since, until) => `${since} bis ${until}`,
    open_for: "Dauer",
    hours: (count) => (count === 1 ? "1 Stunde" : count + " Stunden"),
    asked_by: "Beantragt",
    decided_by: "Entschieden",
    by_at: (name, at) => `${name}, ${at}`,
    sentence: "Begründung",
    open_until: "Offen bis",
    ended: "Beendet",
    pages: "Gelesene Seiten",
    person_told: "Person informiert",
    told_later: (at) => `geplant: ${at}`,
    ask: "Einsicht beantragen",
    ask_about:
      "Sie bekommen zu lesen, was diese Person im Zeitraum geschrieben hat, auch in Direktnachrichten, und nichts von anderen. Entscheiden muss eine zweite Person. Was nach dem Antrag geschrieben wird, gehört nicht dazu.",
    person: "Person",
    other_person: "Andere Person",
    first: "Erster Tag",
    last: "Letzter Tag",
    at_most: (days, hours) => `Höchstens ${days} Tage; offen höchstens ${hours} Stunden ab der Genehmigung.`,
    hours_field: "Offen für (Stunden)",
    reference_field: "Aktenzeichen",
    reason_field: "Konkreter Verdacht",
    reason_hint: "Die Person liest diese Begründung, wenn die Einsicht beendet ist.",
    send: "Beantragen",
    asked: (name) => `Einsicht zu ${name} ist beantragt.`,
    decide: "Entscheiden",
    decide_on: (name) => `Über die Einsicht zu ${name} entscheiden`,
    decide_about: (asker, hours) =>
      `${asker} liest nach Ihrer Genehmigung ${hours} lang. Sie selbst lesen nichts und können jederzeit beenden.`,
    told_after: (days) =>
      days === 0
        ? "Die Person wird am Ende sofort informiert, wenn etwas gelesen wurde."
        : `Die Person wird ${days === 1 ? "einen Tag" : days + " Tage"} nach dem Ende informiert, wenn etwas gelesen wurde.`,
    sentence_field: "Begründung der Entscheidung",
    sentence_hint: "Ein Satz. Er bleibt gespeichert.",
    approve: "Genehmigen",
    refuse: "Ablehnen",
    approved: (name) => `Die Einsicht zu ${name} ist genehmigt.`,
    refused: (name) => `Die Einsicht zu ${name} ist abgelehnt.`,
    end: "Beenden",
    end_of: (name) => `Einsicht zu ${name} beenden`,
    end_title: (name) => `Einsicht zu ${name} beenden?`,
    end_text: "Ab sofort wird nichts mehr gelesen. Wurde etwas gelesen, erfährt es die Person.",
    is_ended: (name) => `Die Einsicht zu ${name} ist beendet.`,
    withdraw: "Zurückziehen",
    withdraw_of: (name) => `Antrag zu ${name} zurückziehen`,
    withdraw_title: (name) => `Antrag zu ${name} zurückziehen?`,
    withdraw_text: "Über den Antrag wird dann nicht mehr entschieden. Er bleibt in der Liste.",
    withdrawn: (name) => `Der Antrag zu ${name} ist zurückgezogen.`,
    read: "Lesen",
    read_of: (name) => `Nachrichten von ${name} lesen`,
    back: "Zurück zur Liste",
    reading: (name) => `Nachrichten von ${name}`,
    reading_about: (at) => `Offen bis ${at}. Jede Seite wird gezählt und steht im Protokoll.`,
    messages: "Nachrichten",
    no_messages: "In diesem Zeitraum hat die Person nichts geschrieben.",
    next_page: "Nächste Seite",
    last_page: "Ende des Zeitraums",
    time_over: "Die Zeit für diese Einsicht ist abgelaufen.",
    direct: "Direktnachricht",
    reply: "Antwort in einem Thread",
    edited: "bearbeitet",
    files: "Dateien (nur die Namen)",
    own: {
      title: "Einsicht in Ihre Nachrichten",
      lead: "Wegen eines Verdachts wurde gelesen, was Sie in Fachwerk geschrieben haben. Das sollen Sie wissen.",
      none: "In Ihre Nachrichten wurde keine Einsicht genommen.",
      by: "Wer",
      why: "Warum",
      when: "Wann",
      what: "Was",
      what_text: (since, until) => `Ihre Nachrichten vom ${since} bis zum ${until}`,
      how_much: "Wie viel",
      pages: (count) =>
        count === 1 ? "1 Seite mit bis zu 50 Nachrichten" : `${count} Seiten mit je bis zu 50 Nachrichten`,
      whom: "Fragen an",
      whom_text: (name) => `${name} (hat die Einsicht genehmigt), oder an Ihre Personalvertretung`,
      confirm: "Ich habe das gelesen",
      later: "Später lesen Sie es über Ihr Konto wieder: „Einsicht in meine Nachrichten“.",
      confirmed: "von Ihnen gelesen",
    },
  },
  en: {
    title: "Access to messages",
    about:
      "Only for a concrete suspicion, only by two people, only for a time. Every step is in the audit trail, and the person is told afterwards.",
    list: "Investigations",
    none: "There are no investigations.",
    older: "Load older ones",
    states: {
      asked: "waits for a decision",
      open: "open",
      refused: "refused",
      withdrawn: "taken back",
      ended: "ended",
    },
    guest: "guest",
    reference: "File reference",
    reason: "Suspicion",
    range: "Range",
    from_to: (since, until) => `${since} to ${until}`,
    open_for: "For",
    hours: (count) => (count === 1 ? "1 hour" : count + " hours"),
    asked_by: "Asked for by",
    decided_by: "Decided by",
    by_at: (name, at) => `${name}, ${at}`,
    sentence: "Grounds",
    open_until: "Open until",
    ended: "Ended",
    pages: "Pages read",
    person_told: "Person told",
    told_later: (at) => `planned: ${at}`,
    ask: "Ask for access",
    ask_about:
      "You get to read what this person wrote in the range, direct messages included, and nothing of others. A second person has to decide. What is written after you ask is not part of it.",
    person: "Person",
    other_person: "Another person",
    first: "First day",
    last: "Last day",
    at_most: (days, hours) => `At most ${days} days; open for at most ${hours} hours from the approval on.`,
    hours_field: "Open for (hours)",
    reference_field: "File reference",
    reason_field: "Concrete suspicion",
    reason_hint: "The person reads these grounds once the access has ended.",
    send: "Ask",
    asked: (name) => `Access to messages of ${name} was asked for.`,
    decide: "Decide",
    decide_on: (name) => `Decide on access to messages of ${name}`,
    decide_about: (asker, hours) =>
      `Once you approve, ${asker} can read for ${hours}. You read nothing yourself, and can end it at any time.`,
    told_after: (days) =>
      days === 0
        ? "The person is told at once at the end, if anything was read."
        : `The person is told ${days === 1 ? "a day" : days + " days"} after the end, if anything was read.`,
    sentence_field: "Grounds of the decision",
    sentence_hint: "One sentence. It is kept.",
    approve: "Approve",
    refuse: "Refuse",
    approved: (name) => `Access to messages of ${name} is approved.`,
    refused: (name) => `Access to messages of ${name} is refused.`,
    end: "End",
    end_of: (name) => `End the access to messages of ${name}`,
    end_title: (name) => `End the access to messages of ${name}?`,
    end_text: "From now on nothing is read. If anything was, the person is told.",
    is_ended: (name) => `The access to messages of ${name} has ended.`,
    withdraw: "Take back",
    withdraw_of: (name) => `Take back the question about ${name}`,
    withdraw_title: (name) => `Take back the question about ${name}?`,
    withdraw_text: "It is not decided any more. It stays in the list.",
    withdrawn: (name) => `The question about ${name} is taken back.`,
    read: "Read",
    read_of: (name) => `Read messages of ${name}`,
    back: "Back to the list",
    reading: (name) => `Messages of ${name}`,
    reading_about: (at) => `Open until ${at}. Every page is counted and is in the audit trail.`,
    messages: "Messages",
    no_messages: "The person wrote nothing in this range.",
    next_page: "Next page",
    last_page: "End of the range",
    time_over: "The time for this access is over.",
    direct: "direct message",
    reply: "reply in a thread",
    edited: "edited",
    files: "Files (names only)",
    own: {
      title: "Access to your messages",
      lead: "Because of a suspicion, what you wrote in Fachwerk was read. You are to know that.",
      none: "Nobody had access to your messages.",
      by: "Who",
      why: "Why",
      when: "When",
      what: "What",
      what_text: (since, until) => `Your messages from ${since} to ${until}`,
      how_much: "How much",
      pages: (count) =>
        count === 1 ? "1 page of up to 50 messages" : `${count} pages of up to 50 messages each`,
      whom: "Whom to ask",
      whom_text: (name) => `${name} (who approved it), or your staff council`,
      confirm: "I have read this",
      later: "You can read it again later in your account: “Access to my messages”.",
      confirmed: "read by you",
    },
  },
};
