// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  audit: string;
  title: string;
  about: string;
  download: string;
  downloaded: (entries: string) => string;
  filters: string;
  action: string;
  all_actions: string;
  since: string;
  until: string;
  person: string;
  thing: string;
  drop: (filter: string) => string;
  only_person: (name: string) => string;
  only_thing: (thing: string) => string;
  entries: string;
  none: string;
  older: string;
  more_loaded: (count: number) => string;
  end: string;
  number: string;
  operator: string;
  seed: string;
  whole_trail: string;
  things: Record<string, string>;
  details: Record<string, string>;
  values: Record<string, string>;
  actions: Record<string, string>;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    audit: "Protokoll",
    title: "Protokoll",
    about: "Wer hat was getan. Ohne Inhalte. Auch dieses Lesen wird protokolliert.",
    download: "Herunterladen (JSON Lines)",
    downloaded: (entries) => entries + " Einträge heruntergeladen",
    filters: "Filter",
    action: "Handlung",
    all_actions: "Alle Handlungen",
    since: "Von",
    until: "Bis",
    person: "Person",
    thing: "Gegenstand",
    drop: (filter) => `Filter „${filter}“ entfernen`,
    only_person: (name) => `Nur Handlungen von ${name}`,
    only_thing: (thing) => `Nur Handlungen an: ${thing}`,
    entries: "Einträge",
    none: "Keine Einträge.",
    older: "Ältere laden",
    more_loaded: (count) => `${count} weitere Einträge`,
    end: "Ende des Protokolls",
    number: "Nr.",
    operator: "Betrieb (Kommandozeile)",
    seed: "Ersteinrichtung",
    whole_trail: "das ganze Protokoll",
    things: {
      room: "Raum",
      member: "Raum",
      message: "Nachricht",
      call: "Treffen",
      person: "Konto",
      session: "Sitzung",
      department: "Organisationseinheit",
      audit: "Protokoll",
      org: "Plan",
    },
    details: {
      person: "Person",
      role: "Rolle",
      kind: "Art",
      peer: "Ministerium",
      author: "geschrieben von",
      before: "vorher",
      after: "nachher",
      undoes: "nimmt zurück",
      done: "getan",
      form: "Format",
      since: "ab",
      until: "bis",
      actor: "Person",
      action: "Handlung",
      subject: "Gegenstand",
    },
    values: {
      owner: "Leitung",
      lead: "Leitung",
      moderator: "Moderation",
      member: "Mitglied",
      reader: "Nur lesen",
      group: "Gruppe",
      department: "Organisationseinheit",
      direct: "zu zweit",
      open: "Offen",
      internal: "Intern",
      confidential: "Vertraulich",
      "fachwerk-admin": "Verwaltung",
      "fachwerk-auditor": "Revision",
    },
    actions: {
      "session.begin": "hat sich angemeldet",
      "session.end": "wurde abgemeldet",
      "person.create": "wurde als Person aufgenommen",
      "person.enable": "wurde freigegeben",
      "person.disable": "wurde gesperrt",
      "person.set_roles": "hat andere Rollen im Haus",
      "person.sign_out": "hat eine Person überall abgemeldet",
      "org.apply": "hat begonnen, einen Plan für Organisation und Personen umzusetzen",
      "org.step": "hat einen Schritt eines Plans umgesetzt",
      "org.end": "hat einen Plan fertig umgesetzt",
      "department.join": "gehört zu einer Organisationseinheit",
      "department.leave": "gehört nicht mehr zu einer Organisationseinheit",
      "department.set_role": "hat eine andere Rolle in einer Organisationseinheit",
      "room.create": "hat einen Raum angelegt",
      "room.label": "hat einen Raum gekennzeichnet",
      "room.invite": "hat in einen Raum eingeladen",
      "member.set_role": "hat eine Rolle im Raum geändert",
      "member.remove": "hat aus einem Raum entfernt",
      "message.delete": "hat die Nachricht einer anderen Person gelöscht",
      "call.kick": "hat aus einem Treffen entfernt",
      "room.open_to_peer": "hat einen Raum mit einem Ministerium geteilt",
      "room.close_to_peer": "hat das Teilen mit einem Ministerium beendet",
      "audit.read": "hat das Protokoll gelesen",
      "audit.export": "hat das Protokoll heruntergeladen",
      "own_data.export": "hat die eigenen Daten heruntergeladen",
    },
  },
  en: {
    audit: "Audit",
    title: "Audit trail",
    about: "Who did what. No content. Reading this is noted here too.",
    download: "Download (JSON Lines)",
    downloaded: (entries) => entries + " entries downloaded",
    filters: "Filters",
    action: "Act",
    all_actions: "All acts",
    since: "From",
    until: "To",
    person: "Person",
    thing: "Thing",
    drop: (filter) => `Remove the filter “${filter}”`,
    only_person: (name) => `Only acts of ${name}`,
    only_thing: (thing) => `Only acts on: ${thing}`,
    entries: "Entries",
    none: "No entries.",
    older: "Load older ones",
    more_loaded: (count) => `${count} more entries`,
    end: "End of the trail",
    number: "No.",
    operator: "Operator (command line)",
    seed: "First set-up",
    whole_trail: "the whole trail",
    things: {
      room: "Room",
      member: "Room",
      message: "Message",
      call: "Meeting",
      person: "Account",
      session: "Session",
      department: "Department",
      audit: "Audit trail",
      org: "Plan",
    },
    details: {
      person: "person",
      role: "role",
      kind: "kind",
      peer: "ministry",
      author: "written by",
      before: "before",
      after: "after",
      undoes: "undoes",
      done: "done",
      form: "format",
      since: "from",
      until: "to",
      actor: "person",
      action: "act",
      subject: "thing",
    },
    values: {
      owner: "owner",
      lead: "lead",
      moderator: "moderator",
      member: "member",
      reader: "read only",
      group: "group",
      department: "department",
      direct: "two people",
      open: "open",
      internal: "internal",
      confidential: "confidential",
      "fachwerk-admin": "administration",
      "fachwerk-auditor": "audit",
    },
    actions: {
      "session.begin": "signed in",
      "session.end": "was signed out",
      "person.create": "became known as a person",
      "person.enable": "was enabled",
      "person.disable": "was disabled",
      "person.set_roles": "has other roles in the house",
      "person.sign_out": "signed a person out everywhere",
      "org.apply": "began to carry out a plan for departments and people",
      "org.step": "carried out a step of a plan",
      "org.end": "finished carrying out a plan",
      "department.join": "belongs to a department",
      "department.leave": "no longer belongs to a department",
      "department.set_role": "has another role in a department",
      "room.create": "made a room",
      "room.label": "labelled a room",
      "room.invite": "invited to a room",
      "member.set_role": "changed a role in a room",
      "member.remove": "removed from a room",
      "message.delete": "deleted another person's message",
      "call.kick": "removed from a meeting",
      "room.open_to_peer": "shared a room with a ministry",
      "room.close_to_peer": "ended sharing with a ministry",
      "audit.read": "read the audit trail",
      "audit.export": "downloaded the audit trail",
      "own_data.export": "downloaded their own data",
    },
  },
};
