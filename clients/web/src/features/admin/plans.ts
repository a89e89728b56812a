// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Draft, PlanSummary, Sentence, StepCount, StepLine, StepSide } from "../../core/api/wire";
import { i18n, type FeatureTexts } from "../../state/i18n.svelte";

type About = Record<string, string | undefined>;
type Words = Record<Sentence["name"], (about: About) => string>;
export type StepKind = StepLine["kind"];
export type StepVerb = StepLine["verb"];
type Role = NonNullable<StepSide["role"]>;

export const KINDS: readonly StepKind[] = [
  "department",
  "room",
  "announcements",
  "account",
  "place",
  "repair",
  "group",
];
export const VERBS: readonly StepVerb[] = ["add", "change", "remove", "repair"];
/** In front of a step, as on the command line. */
export const SIGNS: Record<StepVerb, string> = { add: "+", change: "~", remove: "−", repair: "~" };

interface Texts {
  about: string;
  only_by_command: string;
  upload: string;
  upload_about: string;
  file: string;
  choose: string;
  complete: string;
  complete_about: string;
  look: string;
  too_big: (bytes: string) => string;
  faults: (total: number) => string;
  more_faults: (count: number) => string;
  line: (line: string) => string;
  drafts: string;
  draft: (source: string) => string;
  planning: string;
  refused: string;
  by: (name: string, at: string) => string;
  until: string;
  is_complete: string;
  nothing_to_do: string;
  too_much: string;
  apply: string;
  apply_title: (steps: string) => string;
  apply_text: string;
  apply_removals: (count: number) => string;
  type_number: (count: number) => string;
  is_begun: (number: number) => string;
  drop: string;
  drop_of: (source: string) => string;
  is_dropped: string;
  force: string;
  history: string;
  none: string;
  plan: (number: number) => string;
  source: (source: string) => string;
  undoes: (number: number) => string;
  begun: (at: string, by: string | null) => string;
  planned_by: (name: string) => string;
  steps: (count: number) => string;
  done: string;
  running: (done: number, steps: number) => string;
  waits: (left: number) => string;
  stands: (left: number) => string;
  ended_early: (left: number) => string;
  progress: (number: number) => string;
  resume: string;
  resume_of: (number: number) => string;
  undo: string;
  undo_of: (number: number) => string;
  is_asked: string;
  older: string;
  steps_of: (what: string) => string;
  search: string;
  kind: string;
  verb: string;
  all: string;
  kinds: Record<StepKind, string>;
  verbs: Record<StepVerb, string>;
  count: (kind: string, verb: string | null, count: number) => string;
  no_steps: string;
  more: string;
  more_loaded: (count: number) => string;
  not_done: string;
  roles: Record<Role, string>;
  /** How a step reads. place: who and where. */
  step: {
    department: {
      add: (key: string, name: string, parent: string | null) => string;
      remove: (key: string) => string;
      named: (key: string, before: string, after: string) => string;
      moved: (key: string, before: string | null, after: string | null) => string;
    };
    room: Record<"add" | "remove", (key: string) => string>;
    announcements: Record<"add" | "remove", (key: string) => string>;
    account: {
      add: (login: string, who: string) => string;
      gone: (login: string) => string;
      closed: (login: string) => string;
      opened: (login: string) => string;
      changed: (login: string, before: string, after: string) => string;
      attributes: (login: string, names: string) => string;
    };
    place: {
      add: (login: string, key: string, role: Role) => string;
      change: (login: string, key: string, before: Role, after: Role) => string;
      remove: (login: string, key: string) => string;
    };
    repair: (login: string, key: string) => string;
    group: (key: string) => string;
  };
  sentences: Words;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    about:
      "Organisation und Personen ändern sich nach einem Plan: erst ansehen, dann umsetzen. Jeder lässt sich zurücknehmen.",
    only_by_command:
      "Pläne werden in diesem Haus auf dem Server gemacht und umgesetzt (fachwerk org). Hier stehen sie zum Nachlesen.",
    upload: "Neuer Plan",
    upload_about:
      "Eine Tabelle (CSV) mit den Spalten kind, key, name, given_name, parent, email und lead. Hochladen ändert noch nichts.",
    file: "Datei",
    choose: "Bitte wählen Sie erst eine Datei.",
    complete: "Die Datei ist vollständig",
    complete_about: "Wer und was darin nicht steht, wird gesperrt und endet.",
    look: "Plan ansehen",
    too_big: (bytes) => `Die Datei ist größer als ${bytes}. Größere werden auf dem Server umgesetzt.`,
    faults: (total) =>
      (total === 1 ? "Die Datei hat 1 Fehler" : `Die Datei hat ${total} Fehler`) + ". Nichts wurde geändert.",
    more_faults: (count) => `und ${count} weitere`,
    line: (line) => "Zeile " + line,
    drafts: "Zum Ansehen",
    draft: (source) => "Plan aus " + source,
    planning: "Der Plan wird gemacht. Das dauert bis zu einigen Minuten.",
    refused: "Daraus wird kein Plan:",
    by: (name, at) => `von ${name}, ${at}`,
    until: "wird nach einem Tag vergessen",
    is_complete: "vollständig",
    nothing_to_do: "Es ist alles schon so. Nichts zu tun.",
    too_much: "Das nimmt viel weg:",
    apply: "Umsetzen",
    apply_title: (steps) => `${steps} umsetzen?`,
    apply_text: "Die Schritte werden der Reihe nach umgesetzt. Wer Zugang verliert, verliert ihn sofort.",
    apply_removals: (count) =>
      count === 1 ? "1 Schritt nimmt etwas weg." : `${count} Schritte nehmen etwas weg.`,
    type_number: (count) => `Zur Bestätigung die Zahl ${count} eingeben`,
    is_begun: (number) => `Plan ${number} wird umgesetzt`,
    drop: "Verwerfen",
    drop_of: (source) => `Plan aus ${source} verwerfen`,
    is_dropped: "Der Plan ist verworfen",
    force: "Trotzdem zurücknehmen",
    history: "Verlauf",
    none: "Es wurde noch kein Plan umgesetzt.",
    plan: (number) => "Plan " + number,
    source: (source) => "aus " + source,
    undoes: (number) => "nimmt Plan " + number + " zurück",
    begun: (at, by) => `begonnen: ${at}, ${by ?? "auf dem Server"}`,
    planned_by: (name) => "geplant von " + name,
    steps: (count) => (count === 1 ? "1 Schritt" : count + " Schritte"),
    done: "fertig",
    running: (done, steps) => `läuft: ${done} von ${steps}`,
    waits: (left) => `wartet: ${left} noch zu tun`,
    stands: (left) => `steht still: ${left} noch zu tun`,
    ended_early: (left) => `abgebrochen: ${left} nicht getan`,
    progress: (number) => "Fortschritt von Plan " + number,
    resume: "Weiter",
    resume_of: (number) => `Plan ${number} weiterführen`,
    undo: "Zurücknehmen",
    undo_of: (number) => `Plan ${number} zurücknehmen`,
    is_asked: "Der Plan dafür wird gemacht",
    older: "Ältere",
    steps_of: (what) => "Schritte: " + what,
    search: "Suchen",
    kind: "Was",
    verb: "Wie",
    all: "Alles",
    kinds: {
      department: "Organisationseinheit",
      room: "Raum",
      announcements: "Ankündigungsraum",
      account: "Konto",
      place: "Zugehörigkeit",
      repair: "Abgleich",
      group: "Gruppe",
    },
    verbs: { add: "neu", change: "geändert", remove: "entfernt", repair: "angeglichen" },
    count: (kind, verb, count) => `${kind}${verb === null ? "" : " " + verb}: ${count}`,
    no_steps: "Kein Schritt gefunden.",
    more: "Weitere laden",
    more_loaded: (count) => (count === 1 ? "1 weiterer Schritt" : count + " weitere Schritte"),
    not_done: "offen",
    roles: { member: "Mitglied", deputy: "Vertretung", lead: "Leitung" },
    step: {
      department: {
        add: (key, name, parent) =>
          `Organisationseinheit ${key} (${name}) entsteht` + (parent === null ? "" : ` in ${parent}`),
        remove: (key) => `Organisationseinheit ${key} endet`,
        named: (key, before, after) => `Organisationseinheit ${key}: „${before}“ heißt „${after}“`,
        moved: (key, before, after) =>
          `Organisationseinheit ${key}: von ${before ?? "ganz oben"} nach ${after ?? "ganz oben"}`,
      },
      room: {
        add: (key) => `Raum von ${key} entsteht`,
        remove: (key) => `Raum von ${key} endet`,
      },
      announcements: {
        add: (key) => `Ankündigungsraum von ${key} entsteht`,
        remove: (key) => `Ankündigungsraum von ${key} endet`,
      },
      account: {
        add: (login, who) => `Konto ${login} (${who}) entsteht`,
        gone: (login) => `Konto ${login} wird gelöscht`,
        closed: (login) => `Konto ${login} wird gesperrt`,
        opened: (login) => `Konto ${login} wird entsperrt`,
        changed: (login, before, after) => `Konto ${login}: „${before}“ wird „${after}“`,
        attributes: (login, names) => `Konto ${login}: andere Werte für ${names}`,
      },
      place: {
        add: (login, key, role) =>
          `${login} kommt zu ${key}` + { member: "", deputy: " als Vertretung", lead: " als Leitung" }[role],
        change: (login, key, before, after) =>
          `${login} in ${key}: ${texts.de.roles[after]} statt ${texts.de.roles[before]}`,
        remove: (login, key) => `${login} verlässt ${key}`,
      },
      repair: (login, key) => `${login} in ${key}: Haus und Anmeldedienst werden angeglichen`,
      group: (key) => `Gruppe von ${key} im Anmeldedienst wird berichtigt`,
    },
    sentences: {
      address_ring: (a) =>
        `Diese tauschen ihre Adressen, das braucht zwei Dateien nacheinander: ${a["logins"]}`,
      address_taken: (a) => `Die Adresse ${a["email"]} von ${a["login"]} gehört dem Konto ${a["owner"]}`,
      address_twice: (a) => `Die Adresse ${a["email"]} gehört ${a["login"]}`,
      bad_attribute: (a) =>
        `${a["column"]} hat mehr als ${a["most"]} Werte oder einen mit mehr als ${a["limit"]} Zeichen`,
      bad_cell: (a) => `${a["column"]} hat unsichtbare Zeichen oder mehr als ${a["limit"]}`,
      bad_email: (a) => `„${a["value"]}“ ist keine E-Mail-Adresse`,
      bad_kind: (a) => `kind ist „${a["value"]}“ statt department oder person`,
      bad_lead: (a) => `lead ist „${a["value"]}“ statt x, v oder nichts`,
      bad_login: (a) => `„${a["value"]}“ ist kein Anmeldename: kleine Buchstaben, Ziffern und . _ @ + -`,
      changed: (a) => `Seitdem geändert: ${texts.de.kinds[a["kind"] as StepKind]} ${a["target"]}`,
      column_missing: (a) => `Die Spalte ${a["column"]} fehlt`,
      column_twice: (a) => `Die Spalte ${a["column"]} gibt es zweimal`,
      column_unknown: (a) => `Unbekannte Spalte „${a["column"]}“`,
      department_twice: (a) => `Die Organisationseinheit ${a["key"]} stand schon in ${where(a["where"])}`,
      disabled: (a) => `${a["login"]} ist im Anmeldedienst gesperrt und bleibt es`,
      empty_cell: (a) => `${a["column"]} ist leer`,
      empty_file: () => "Außer den Spaltennamen steht nichts darin",
      encoding_mixed: () => "Das ist nicht UTF-8, obwohl andere Zeilen es sind; bitte als UTF-8 speichern",
      encoding_unknown: () => "Das ist weder UTF-8 noch Windows-1252; bitte als UTF-8 speichern",
      encoding_utf16: () => "Das ist UTF-16; bitte als UTF-8 speichern",
      lead_nowhere: () => "lead ohne Organisationseinheit",
      left_alone_departments: (a) =>
        `Organisationseinheiten, die nicht genannt sind und bleiben, wie sie sind: ${a["count"]}`,
      left_alone_people: (a) => `Personen, die nicht genannt sind und bleiben, wie sie sind: ${a["count"]}`,
      left_out: (a) => `${a["login"]} kann sich nicht anmelden und fehlt`,
      no_department: (a) => `Es gibt keine Organisationseinheit ${a["key"]}`,
      no_plan: (a) => `Es gibt keinen Plan ${a["number"]}`,
      no_table: (a) => `Ab hier ist das keine Tabelle mehr (${a["error"]})`,
      not_text: () => "Eine Angabe ist kein Text",
      other_attribute: (a) => `${a["login"]} hat ein anderes ${a["column"]} als in ${where(a["where"])}`,
      other_issuer: (a) => `Plan ${a["number"]} galt den Personen von ${a["issuer"]}`,
      other_person: (a) =>
        `${a["login"]} hat einen anderen Namen oder eine andere Adresse als in ${where(a["where"])}`,
      place_twice: (a) => `${a["login"]} kam schon einmal zu ${a["key"]}`,
      refused: (a) => `Der Anmeldedienst lehnt ab oder antwortet nicht (${a["text"]})`,
      removes_attributes: (a) => `${a["lost"]} von ${a["total"]} Merkmalen, mehr als ${a["percent"]} %`,
      removes_departments: (a) =>
        `${a["lost"]} von ${a["total"]} Organisationseinheiten, mehr als ${a["percent"]} %`,
      removes_memberships: (a) =>
        `${a["lost"]} von ${a["total"]} Zugehörigkeiten, mehr als ${a["percent"]} %`,
      removes_people: (a) => `${a["lost"]} von ${a["total"]} Personen, mehr als ${a["percent"]} %`,
      ring: (a) => `Diese Organisationseinheiten gehören im Kreis zueinander: ${a["keys"]}`,
      slash: (a) => `Das Kurzzeichen ${a["key"]} hat einen Schrägstrich`,
      too_large: (a) => `Die Datei ist größer als ${a["limit"]} Byte`,
      too_long: (a) => `In dieser Zeile stehen mehr als ${a["limit"]} Zeichen`,
      too_many_lines: (a) => `Es sind mehr als ${a["limit"]} Zeilen`,
      unfinished: (a) => `Plan ${a["number"]} ist noch nicht fertig`,
      wrong_columns: (a) => `${a["count"]} Spalten statt ${a["wanted"]}`,
    },
  },
  en: {
    about:
      "Departments and people change by a plan: first look at it, then have it carried out. Each can be taken back.",
    only_by_command:
      "In this house, plans are made and carried out on the server (fachwerk org). They can be looked up here.",
    upload: "New plan",
    upload_about:
      "A table (CSV) with the columns kind, key, name, given_name, parent, email and lead. Uploading changes nothing yet.",
    file: "File",
    choose: "Please choose a file first.",
    complete: "The file is complete",
    complete_about: "Who and what is not in it is closed out and ends.",
    look: "Look at the plan",
    too_big: (bytes) => `The file is larger than ${bytes}. Larger ones are carried out on the server.`,
    faults: (total) =>
      (total === 1 ? "The file has 1 fault" : `The file has ${total} faults`) + ". Nothing was changed.",
    more_faults: (count) => `and ${count} more`,
    line: (line) => "line " + line,
    drafts: "To look at",
    draft: (source) => "Plan from " + source,
    planning: "The plan is being made. This can take some minutes.",
    refused: "No plan comes of it:",
    by: (name, at) => `by ${name}, ${at}`,
    until: "is forgotten after a day",
    is_complete: "complete",
    nothing_to_do: "All of it is so already. Nothing to do.",
    too_much: "This takes a lot away:",
    apply: "Carry out",
    apply_title: (steps) => `Carry out ${steps}?`,
    apply_text: "The steps are carried out one after the other. Whoever loses access loses it at once.",
    apply_removals: (count) =>
      count === 1 ? "1 step takes something away." : `${count} steps take something away.`,
    type_number: (count) => `Type the number ${count} to confirm`,
    is_begun: (number) => `Plan ${number} is being carried out`,
    drop: "Discard",
    drop_of: (source) => `Discard the plan from ${source}`,
    is_dropped: "The plan is discarded",
    force: "Take back nevertheless",
    history: "History",
    none: "No plan was carried out yet.",
    plan: (number) => "Plan " + number,
    source: (source) => "from " + source,
    undoes: (number) => "takes back plan " + number,
    begun: (at, by) => `begun: ${at}, ${by ?? "on the server"}`,
    planned_by: (name) => "planned by " + name,
    steps: (count) => (count === 1 ? "1 step" : count + " steps"),
    done: "finished",
    running: (done, steps) => `running: ${done} of ${steps}`,
    waits: (left) => `waits: ${left} still to do`,
    stands: (left) => `stands still: ${left} still to do`,
    ended_early: (left) => `broken off: ${left} not done`,
    progress: (number) => "Progress of plan " + number,
    resume: "Go on",
    resume_of: (number) => `Go on with plan ${number}`,
    undo: "Take back",
    undo_of: (number) => `Take back plan ${number}`,
    is_asked: "The plan for it is being made",
    older: "Older ones",
    steps_of: (what) => "Steps: " + what,
    search: "Search",
    kind: "What",
    verb: "How",
    all: "Everything",
    kinds: {
      department: "Department",
      room: "Room",
      announcements: "Room of announcements",
      account: "Account",
      place: "Membership",
      repair: "Correction",
      group: "Group",
    },
    verbs: { add: "new", change: "changed", remove: "removed", repair: "corrected" },
    count: (kind, verb, count) => `${kind}${verb === null ? "" : " " + verb}: ${count}`,
    no_steps: "No step found.",
    more: "Load more",
    more_loaded: (count) => (count === 1 ? "1 more step" : count + " more steps"),
    not_done: "to do",
    roles: { member: "member", deputy: "deputy", lead: "lead" },
    step: {
      department: {
        add: (key, name, parent) =>
          `Department ${key} (${name}) is made` + (parent === null ? "" : ` in ${parent}`),
        remove: (key) => `Department ${key} ends`,
        named: (key, before, after) => `Department ${key}: “${before}” is called “${after}”`,
        moved: (key, before, after) =>
          `Department ${key}: from ${before ?? "the top"} to ${after ?? "the top"}`,
      },
      room: { add: (key) => `Room of ${key} is made`, remove: (key) => `Room of ${key} ends` },
      announcements: {
        add: (key) => `Room of announcements of ${key} is made`,
        remove: (key) => `Room of announcements of ${key} ends`,
      },
      account: {
        add: (login, who) => `Account ${login} (${who}) is made`,
        gone: (login) => `Account ${login} is deleted`,
        closed: (login) => `Account ${login} is disabled`,
        opened: (login) => `Account ${login} is enabled`,
        changed: (login, before, after) => `Account ${login}: “${before}” becomes “${after}”`,
        attributes: (login, names) => `Account ${login}: other values for ${names}`,
      },
      place: {
        add: (login, key, role) =>
          `${login} joins ${key}` + { member: "", deputy: " as its deputy", lead: " as its lead" }[role],
        change: (login, key, before, after) =>
          `${login} in ${key}: ${texts.en.roles[after]} instead of ${texts.en.roles[before]}`,
        remove: (login, key) => `${login} leaves ${key}`,
      },
      repair: (login, key) => `${login} in ${key}: house and sign-in service are made to agree`,
      group: (key) => `Group of ${key} in the sign-in service is corrected`,
    },
    sentences: {
      address_ring: (a) =>
        `These exchange their addresses, which takes two files, one after the other: ${a["logins"]}`,
      address_taken: (a) => `The address ${a["email"]} of ${a["login"]} is that of the account ${a["owner"]}`,
      address_twice: (a) => `The address ${a["email"]} is that of ${a["login"]}`,
      bad_attribute: (a) =>
        `${a["column"]} has more than ${a["most"]} values, or one of more than ${a["limit"]} signs`,
      bad_cell: (a) => `${a["column"]} has signs that cannot be seen, or more than ${a["limit"]}`,
      bad_email: (a) => `“${a["value"]}” is no e-mail address`,
      bad_kind: (a) => `kind is “${a["value"]}” instead of department or person`,
      bad_lead: (a) => `lead is “${a["value"]}” instead of x, v or nothing`,
      bad_login: (a) => `“${a["value"]}” is no sign-in name: small letters, digits and . _ @ + -`,
      changed: (a) => `Has changed since: ${texts.en.kinds[a["kind"] as StepKind]} ${a["target"]}`,
      column_missing: (a) => `The column ${a["column"]} is missing`,
      column_twice: (a) => `The column ${a["column"]} is there twice`,
      column_unknown: (a) => `Unknown column “${a["column"]}”`,
      department_twice: (a) => `The department ${a["key"]} was in ${where(a["where"])} already`,
      disabled: (a) => `${a["login"]} is disabled in the sign-in service and stays so`,
      empty_cell: (a) => `${a["column"]} is empty`,
      empty_file: () => "There is nothing but the column names",
      encoding_mixed: () => "This is not UTF-8, though other lines are; please save it as UTF-8",
      encoding_unknown: () => "This is neither UTF-8 nor Windows-1252; please save it as UTF-8",
      encoding_utf16: () => "This is UTF-16; please save it as UTF-8",
      lead_nowhere: () => "lead without a department",
      left_alone_departments: (a) => `Departments that are not named and stay as they are: ${a["count"]}`,
      left_alone_people: (a) => `People who are not named and stay as they are: ${a["count"]}`,
      left_out: (a) => `${a["login"]} cannot sign in and is left out`,
      no_department: (a) => `There is no department ${a["key"]}`,
      no_plan: (a) => `There is no plan ${a["number"]}`,
      no_table: (a) => `From here on this is no table any more (${a["error"]})`,
      not_text: () => "A value is no text",
      other_attribute: (a) => `${a["login"]} has another ${a["column"]} than in ${where(a["where"])}`,
      other_issuer: (a) => `Plan ${a["number"]} was for the people of ${a["issuer"]}`,
      other_person: (a) => `${a["login"]} has another name or address than in ${where(a["where"])}`,
      place_twice: (a) => `${a["login"]} was put into ${a["key"]} before`,
      refused: (a) => `The sign-in service refuses or does not answer (${a["text"]})`,
      removes_attributes: (a) => `${a["lost"]} of ${a["total"]} attributes, more than ${a["percent"]} %`,
      removes_departments: (a) => `${a["lost"]} of ${a["total"]} departments, more than ${a["percent"]} %`,
      removes_memberships: (a) => `${a["lost"]} of ${a["total"]} memberships, more than ${a["percent"]} %`,
      removes_people: (a) => `${a["lost"]} of ${a["total"]} people, more than ${a["percent"]} %`,
      ring: (a) => `These departments belong to each other in a ring: ${a["keys"]}`,
      slash: (a) => `The short name ${a["key"]} has a slash`,
      too_large: (a) => `The file is larger than ${a["limit"]} bytes`,
      too_long: (a) => `There are more than ${a["limit"]} signs in this line`,
      too_many_lines: (a) => `There are more than ${a["limit"]} lines`,
      unfinished: (a) => `Plan ${a["number"]} is not finished`,
      wrong_columns: (a) => `${a["count"]} columns instead of ${a["wanted"]}`,
    },
  },
};

/** Where in a file something stands. */
export function where(place: string | undefined): string {
  const line = /^line (\d+)$/.exec(place ?? "")?.[1];
  return line === undefined ? (place ?? "") : i18n.of(texts).line(line);
}

/** What the server says of a file or a plan. */
export function said({ name, about }: Sentence): string {
  return i18n.of(texts).sentences[name](about);
}

/** A step in words. */
export function stepWords({ kind, target, before, after, attributes }: StepLine, t: Texts): string {
  switch (kind) {
    case "department":
      return departmentWords(target, before, after, t);
    case "room":
    case "announcements":
      return t.step[kind][after === null ? "remove" : "add"](target);
    case "account":
      return accountWords(target, before, after, attributes, t);
    case "group":
      return t.step.group(target);
    default: {
      const [login, key] = halves(target);
      if (kind === "repair") return t.step.repair(login, key);
      if (!after?.role) return t.step.place.remove(login, key);
      if (before?.role) return t.step.place.change(login, key, before.role, after.role);
      return t.step.place.add(login, key, after.role);
    }
  }
}

function departmentWords(key: string, before: StepSide | null, after: StepSide | null, t: Texts): string {
  const words = t.step.department;
  if (after === null) return words.remove(key);
  if (before === null) return words.add(key, after.name ?? "", after.parent ?? null);
  return [
    ...(before.name === after.name ? [] : [words.named(key, before.name ?? "", after.name ?? "")]),
    ...(before.parent === after.parent
      ? []
      : [words.moved(key, before.parent ?? null, after.parent ?? null)]),
  ].join("; ");
}

function accountWords(
  login: string,
  before: StepSide | null,
  after: StepSide | null,
  attributes: string[],
  t: Texts,
): string {
  const words = t.step.account;
  if (after === null) return words.gone(login);
  if (before === null) return words.add(login, whoOf(after));
  const parts = whoOf(before) === whoOf(after) ? [] : [words.changed(login, whoOf(before), whoOf(after))];
  if (before.enabled !== after.enabled) parts.push((after.enabled ? words.opened : words.closed)(login));
  if (attributes.length > 0) parts.push(words.attributes(login, attributes.join(", ")));
  return parts.join("; ");
}

function whoOf({ name, email }: StepSide): string {
  return [name, email].filter(Boolean).join(", ");
}

/** A place is named by its login and its short name, which may have blanks itself. */
function halves(target: string): [string, string] {
  const at = target.indexOf(" ");
  return [target.slice(0, at), target.slice(at + 1)];
}

/** Sorts of steps, those of the same thing together. */
export function countWords(counts: readonly StepCount[], t: Texts): string[] {
  const place = ({ kind, verb }: StepCount) =>
    KINDS.indexOf(kind) * VERBS.length + (verb ? VERBS.indexOf(verb) : 0);
  return counts
    .toSorted((one, other) => place(one) - place(other))
    .map(({ kind, verb, steps }) => t.count(t.kinds[kind], verb && t.verbs[verb], steps));
}

/** Whether something happens to it by itself, so that it is worth looking again soon. */
export const moves = (one: Draft | PlanSummary): boolean =>
  "state" in one ? one.state === "planning" : one.ended_at === null && one.failure.length === 0;

/** Where a plan stands. */
export function standOf(plan: PlanSummary, t: Texts): string {
  if (plan.ended_at !== null) return plan.left > 0 ? t.ended_early(plan.left) : t.done;
  if (plan.failure.length > 0) return t.stands(plan.left);
  return plan.running ? t.running(plan.steps - plan.left, plan.steps) : t.waits(plan.left);
}
