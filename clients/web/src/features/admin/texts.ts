// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { DepartmentRole } from "../../core/api/wire";
import type { FeatureTexts } from "../../state/i18n.svelte";

/** The parts of the page, in their order. */
export const SECTIONS = [
  "overview",
  "departments",
  "people",
  "guests",
  "rooms",
  "policies",
  "rights",
  "plans",
] as const;
export type Section = (typeof SECTIONS)[number];
/** What somebody must be allowed, for a part to be theirs. */
export const NEEDS: Record<Section, string> = {
  overview: "admin.read",
  departments: "admin.list",
  people: "admin.list",
  guests: "guest.list",
  rooms: "admin.list",
  policies: "policy.read",
  rights: "admin.list",
  plans: "org.read",
};

interface Texts {
  area: string;
  title: string;
  sections: string;
  section: Record<Section, string>;
  you_administer: (departments: string) => string;
  given_until: (what: string, day: string) => string;
  about: string;
  people_active: string;
  people_disabled: string;
  departments: string;
  rooms: string;
  room_counts: Record<"group" | "department" | "direct", string>;
  sessions: string;
  files: string;
  no_departments: string;
  people_of: (count: number) => string;
  show_people_of: (unit: string, count: number) => string;
  led_by: (names: string) => string;
  nobody_leads: string;
  administered_by: (names: string) => string;
  administrators: string;
  administrators_of: (unit: string) => string;
  administrators_about: string;
  nobody_administers: string;
  appoint: string;
  appoint_whom: string;
  appoint_other: string;
  last_day: string;
  appoint_means: string;
  dismiss: string;
  dismiss_of: (name: string) => string;
  is_appointed: (name: string, unit: string) => string;
  is_dismissed: (name: string, unit: string) => string;
  administers: (shorts: string) => string;
  search: string;
  department: string;
  all_departments: string;
  people: string;
  name: string;
  places: string;
  roles: string;
  state: string;
  place: Record<DepartmentRole, (short: string) => string>;
  deputised_by: (names: string) => string;
  disabled: string;
  enabled: string;
  signed_in: (sessions: number) => string;
  signed_out: string;
  act: string;
  sign_out: string;
  sign_out_of: (name: string) => string;
  sign_out_title: (name: string) => string;
  sign_out_text: string;
  sign_out_self: string;
  is_signed_out: (name: string) => string;
  found: (count: number, more: boolean) => string;
  nobody: string;
  more: string;
  more_loaded: (count: number) => string;
  guests: string;
  guest_of: string;
  sponsor: string;
  guest_until: string;
  guest_waits: string;
  no_guests: string;
  guests_about: string;
  end_guest: string;
  end_guest_of: (name: string) => string;
  end_guest_title: (name: string) => string;
  end_guest_text: string;
  guest_is_ended: (name: string) => string;
  rights_about: string;
  house_roles_title: string;
  rules: string;
  action: string;
  who: string;
  stranger: string;
  answers: Record<string, string>;
  or: string;
  room_roles: Record<string, string>;
  kinds: Record<string, string>;
  any_room: string;
  in_room: (roles: string, room: string) => string;
  house_roles: Record<string, { name: string; means: string }>;
  grounds: Record<string, string>;
  actions: Record<string, string>;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    area: "Verwalten",
    title: "Verwaltung",
    sections: "Bereiche der Verwaltung",
    section: {
      overview: "Übersicht",
      departments: "Organisation",
      people: "Personen",
      guests: "Gäste",
      rooms: "Räume",
      policies: "Richtlinien",
      rights: "Rechte",
      plans: "Pläne",
    },
    you_administer: (departments) =>
      `Sie verwalten ${departments}, mit allem darunter. Anderes steht hier nicht.`,
    given_until: (what, day) => `${what} (bis ${day})`,
    about: "Das Haus in Zahlen. Was Einzelne tun, steht hier nicht.",
    people_active: "Aktive Personen",
    people_disabled: "Gesperrte Personen",
    departments: "Organisationseinheiten",
    rooms: "Räume",
    room_counts: { group: "für Gruppen", department: "für Organisationseinheiten", direct: "zu zweit" },
    sessions: "Laufende Anmeldungen",
    files: "Dateien",
    no_departments: "Es gibt noch keine Organisationseinheiten.",
    people_of: (count) => (count === 1 ? "1 Person" : count + " Personen"),
    show_people_of: (unit, count) => `${unit}: ${count === 1 ? "1 Person" : count + " Personen"} zeigen`,
    led_by: (names) => "Leitung: " + names,
    nobody_leads: "ohne Leitung",
    administered_by: (names) => "Verwaltung: " + names,
    administrators: "Verwaltung",
    administrators_of: (unit) => `${unit}: Verwaltung`,
    administrators_about:
      "Wer eine Organisationseinheit verwaltet, sieht in ihr und allen darunter Personen, Räume von außen und Gäste und setzt engere Richtlinien. Mitlesen und andere ernennen kann sie oder er nicht.",
    nobody_administers: "Niemand ist eigens dafür ernannt.",
    appoint: "Ernennen",
    appoint_whom: "Wer die Einheit verwalten soll",
    appoint_other: "Andere Person",
    last_day: "Letzter Tag (freiwillig)",
    appoint_means: "Ohne Tag gilt es, bis Sie es beenden.",
    dismiss: "Beenden",
    dismiss_of: (name) => `Verwaltung durch ${name} beenden`,
    is_appointed: (name, unit) => `${name} verwaltet jetzt ${unit}`,
    is_dismissed: (name, unit) => `${name} verwaltet ${unit} nicht mehr`,
    administers: (shorts) => "verwaltet " + shorts,
    search: "Name",
    department: "Organisationseinheit",
    all_departments: "Alle",
    people: "Personen",
    name: "Name",
    places: "Organisationseinheit",
    roles: "Rollen im Haus",
    state: "Stand",
    place: {
      member: (short) => short,
      deputy: (short) => short + " (Vertretung)",
      lead: (short) => short + " (Leitung)",
    },
    deputised_by: (names) => "Vertretung: " + names,
    disabled: "gesperrt",
    enabled: "aktiv",
    signed_in: (sessions) => (sessions === 1 ? "1 Anmeldung" : sessions + " Anmeldungen"),
    signed_out: "nicht angemeldet",
    act: "Handlung",
    sign_out: "Überall abmelden",
    sign_out_of: (name) => name + " überall abmelden",
    sign_out_title: (name) => name + " überall abmelden?",
    sign_out_text:
      "Alle Anmeldungen dieser Person enden sofort, auf allen Geräten. Sie kann sich wieder anmelden; wer nicht mehr hineinsoll, wird im Anmeldedienst gesperrt. Das Abmelden steht im Protokoll.",
    sign_out_self: "Das sind Sie selbst: Auch diese Anmeldung endet.",
    is_signed_out: (name) => name + " ist überall abgemeldet",
    found: (count, more) => (more ? "Die ersten " + count : count === 1 ? "1 Person" : count + " Personen"),
    nobody: "Niemand gefunden.",
    more: "Weitere laden",
    more_loaded: (count) => (count === 1 ? "1 weitere Person" : count + " weitere Personen"),
    guests: "Gäste",
    guest_of: "Kommt von",
    sponsor: "Eingeladen von",
    guest_until: "Bis",
    guest_waits: "noch nicht da gewesen",
    no_guests: "Es gibt zurzeit keine Gäste.",
    guests_about: "Wer von außen in einen Raum eingeladen ist. Einladen können nur, die einen Raum leiten.",
    end_guest: "Beenden",
    end_guest_of: (name) => "Gastzugang von " + name + " beenden",
    end_guest_title: (name) => "Gastzugang von " + name + " beenden?",
    end_guest_text:
      "Der Zugang endet sofort, auf allen Geräten. Was der Gast geschrieben hat, bleibt im Raum.",
    guest_is_ended: (name) => "Der Gastzugang von " + name + " ist beendet",
    rights_about:
      "Die Tabelle, nach der der Server entscheidet. Wer verwaltet, liest dadurch keinen einzigen Raum mit.",
    house_roles_title: "Rollen im ganzen Haus",
    rules: "Wer darf was",
    action: "Was",
    who: "Wer darf es",
    stranger: "Andere erfahren",
    answers: { "403": "dass es ihnen nicht erlaubt ist", "404": "nicht einmal, dass es das gibt" },
    or: "oder",
    room_roles: {
      owner: "Leitung",
      moderator: "Moderation",
      member: "Mitglied",
      reader: "Nur lesen",
      invited: "Eingeladen",
    },
    kinds: { group: "Gruppenraum", department: "Raum einer Organisationseinheit", direct: "Raum zu zweit" },
    any_room: "Raum",
    in_room: (roles, room) => `im ${room}: ${roles}`,
    house_roles: {
      "fachwerk-admin": { name: "Verwaltung", means: "darf das ganze Haus verwalten" },
      "fachwerk-auditor": { name: "Revision", means: "darf das Protokoll des ganzen Hauses lesen" },
      "fachwerk-investigator": {
        name: "Ermittlung",
        means: "darf bei einem konkreten Verdacht Einsicht in Nachrichten einer Person beantragen",
      },
      "fachwerk-guardian": {
        name: "Datenschutz und Personalrat",
        means: "genehmigt eine solche Einsicht oder lehnt sie ab",
      },
    },
    grounds: {
      investigator: "Ermittlung, nie gegen sich selbst",
      asker: "wer von der Ermittlung die Einsicht beantragt hat",
      second_person: "Datenschutz und Personalrat, außer wer sie beantragt hat oder betroffen ist",
      concerned: "wen die Einsicht betrifft",
      sponsor: "wer den Gast eingeladen hat",
      department_admin: "wer die Organisationseinheit verwaltet oder eine darüber",
      author: "wem es gehört oder wer es gemacht hat",
      same_department: "wer zur Organisationseinheit des Raums gehört",
      signed_in: "alle Angemeldeten",
      bridge: "die Brücke zu anderen Ministerien",
      scim: "das Identitätssystem (SCIM)",
    },
    actions: {
      "directory.read": "Personen und Organisationseinheiten suchen",
      "guest.end": "einen Gastzugang beenden",
      "guest.extend": "einen Gastzugang verlängern",
      "guest.invite": "einen Gast einladen",
      "guest.list": "die Gäste in der Verwaltung sehen",
      "guest.renew": "einem Gast einen neuen Link machen",
      "investigation.ask": "Einsicht in Nachrichten einer Person beantragen",
      "investigation.confirm": "bestätigen, über eine Einsicht informiert zu sein",
      "investigation.decide": "über eine Einsicht entscheiden",
      "investigation.end": "eine Einsicht beenden",
      "investigation.list": "die Liste der Einsichten sehen",
      "investigation.read": "bei einer Einsicht lesen, was die Person geschrieben hat",
      "room.browse": "offene Räume suchen",
      "admin.appoint": "jemanden eine Organisationseinheit verwalten lassen",
      "admin.list": "Organisationseinheiten, Personen und Räume in der Verwaltung sehen",
      "admin.read": "Zahlen und Öffnungen des ganzen Hauses sehen",
      "admin.end_sessions": "eine Person überall abmelden",
      "admin.hand_over_room": "einem Raum ohne Leitung eine Leitung geben",
      "admin.label_room": "einen Raum von außen enger kennzeichnen",
      "admin.open_department": "eine Organisationseinheit für eine andere öffnen",
      "audit.read": "das Protokoll lesen und herunterladen",
      "call.end": "ein Treffen für alle beenden",
      "call.join": "an einem Treffen teilnehmen",
      "call.kick": "jemanden aus einem Treffen entfernen",
      "call.mute": "jemanden in einem Treffen stummschalten",
      "call.start": "ein Treffen beginnen",
      "federation.bridge": "geteilte Räume mit anderen Ministerien abgleichen",
      "federation.peers": "sehen, mit welchen Ministerien geteilt werden kann",
      "file.read": "Dateien eines Raums lesen",
      "file.upload": "Dateien in einen Raum hochladen",
      "member.remove": "jemanden aus einem Raum entfernen",
      "member.set_end": "Mitgliedschaften in einem Raum befristen",
      "member.set_role": "Rollen in einem Raum ändern",
      "message.delete": "eine Nachricht löschen",
      "message.edit": "eine Nachricht bearbeiten",
      "message.post": "Nachrichten schreiben",
      "message.react": "auf Nachrichten reagieren",
      "message.read": "Nachrichten lesen",
      "org.apply": "Pläne für Organisation und Personen umsetzen lassen",
      "org.plan": "Pläne für Organisation und Personen machen lassen",
      "org.read": "sehen, welche Pläne umgesetzt wurden",
      "policy.read": "die Richtlinien der Organisationseinheiten sehen",
      "policy.set": "Richtlinien der Organisationseinheiten ändern",
      "poll.close": "eine Umfrage schließen",
      "poll.open": "eine Umfrage stellen",
      "poll.vote": "an einer Umfrage teilnehmen",
      "room.create": "einen Raum anlegen",
      "room.invite": "in einen Raum einladen",
      "room.join": "einem Raum beitreten",
      "room.label": "einen Raum kennzeichnen",
      "room.leave": "einen Raum verlassen",
      "room.open_to_peer": "einen Raum mit einem Ministerium teilen",
      "room.read": "einen Raum öffnen",
      "room.rule_house": "in Regeln eigener Räume nach Merkmalen aller Personen im Haus fragen",
      "room.set_rules": "festlegen, wer nach Regel in einem Raum ist",
      "room.rename": "Name und Thema eines Raums ändern",
      "scim.read": "sehen, was über SCIM gemeldet ist",
      "scim.write": "Personen und ihre Plätze über SCIM melden",
      "session.end": "eine Anmeldung beenden",
    },
  },
  en: {
    area: "Admin",
    title: "Administration",
    sections: "Parts of the administration",
    section: {
      overview: "Overview",
      departments: "Departments",
      people: "People",
      guests: "Guests",
      rooms: "Rooms",
      policies: "Policies",
      rights: "Rights",
      plans: "Plans",
    },
    you_administer: (departments) =>
      `You administer ${departments}, with all below. Nothing else is shown here.`,
    given_until: (what, day) => `${what} (until ${day})`,
    about: "The house in numbers. What a person does is not among them.",
    people_active: "Active people",
    people_disabled: "Disabled people",
    departments: "Departments",
    rooms: "Rooms",
    room_counts: { group: "of groups", department: "of departments", direct: "of two" },
    sessions: "Sessions alive",
    files: "Files",
    no_departments: "There are no departments yet.",
    people_of: (count) => (count === 1 ? "1 person" : count + " people"),
    show_people_of: (unit, count) => `${unit}: show ${count === 1 ? "1 person" : count + " people"}`,
    led_by: (names) => "Led by " + names,
    nobody_leads: "nobody leads it",
    administered_by: (names) => "Administered by " + names,
    administrators: "Administrators",
    administrators_of: (unit) => `${unit}: Administrators`,
    administrators_about:
      "Whoever administers a department sees, in it and in all below, people, rooms from outside and guests, and sets narrower policies. They cannot read along, and appoint nobody.",
    nobody_administers: "Nobody is appointed for it.",
    appoint: "Appoint",
    appoint_whom: "Who shall administer it",
    appoint_other: "Somebody else",
    last_day: "Last day (optional)",
    appoint_means: "Without a day it lasts until you end it.",
    dismiss: "End",
    dismiss_of: (name) => `End the administration by ${name}`,
    is_appointed: (name, unit) => `${name} administers ${unit} now`,
    is_dismissed: (name, unit) => `${name} no longer administers ${unit}`,
    administers: (shorts) => "administers " + shorts,
    search: "Name",
    department: "Department",
    all_departments: "All",
    people: "People",
    name: "Name",
    places: "Department",
    roles: "Roles in the house",
    state: "State",
    place: {
      member: (short) => short,
      deputy: (short) => short + " (deputy)",
      lead: (short) => short + " (lead)",
    },
    deputised_by: (names) => "deputy: " + names,
    disabled: "disabled",
    enabled: "active",
    signed_in: (sessions) => (sessions === 1 ? "1 session" : sessions + " sessions"),
    signed_out: "not signed in",
    act: "Act",
    sign_out: "Sign out everywhere",
    sign_out_of: (name) => "Sign " + name + " out everywhere",
    sign_out_title: (name) => "Sign " + name + " out everywhere?",
    sign_out_text:
      "All sessions of this person end at once, on all devices. They can sign in again; who shall not come in any more is disabled in the sign-in service. Signing out is in the audit trail.",
    sign_out_self: "This is yourself: this session ends too.",
    is_signed_out: (name) => name + " is signed out everywhere",
    found: (count, more) => (more ? "The first " + count : count === 1 ? "1 person" : count + " people"),
    nobody: "Nobody found.",
    more: "Load more",
    more_loaded: (count) => (count === 1 ? "1 more person" : count + " more people"),
    guests: "Guests",
    guest_of: "Comes from",
    sponsor: "Invited by",
    guest_until: "Until",
    guest_waits: "has not been here yet",
    no_guests: "There are no guests at present.",
    guests_about: "Who is invited into a room from outside. Only those who lead a room can invite.",
    end_guest: "End",
    end_guest_of: (name) => "End the access of " + name,
    end_guest_title: (name) => "End the access of " + name + "?",
    end_guest_text: "The access ends at once, on all devices. What the guest wrote stays in the room.",
    guest_is_ended: (name) => "The access of " + name + " has ended",
    rights_about:
      "The table by which the server decides. Administering the house opens not a single room for reading.",
    house_roles_title: "Roles in the whole house",
    rules: "Who may do what",
    action: "What",
    who: "Who may do it",
    stranger: "Others learn",
    answers: { "403": "that they may not", "404": "not even that it exists" },
    or: "or",
    room_roles: {
      owner: "owner",
      moderator: "moderator",
      member: "member",
      reader: "reader",
      invited: "invited",
    },
    kinds: { group: "group room", department: "room of a department", direct: "room of two" },
    any_room: "room",
    in_room: (roles, room) => `in the ${room}: ${roles}`,
    house_roles: {
      "fachwerk-admin": { name: "administration", means: "may administer the whole house" },
      "fachwerk-auditor": { name: "audit", means: "may read the audit trail of the whole house" },
      "fachwerk-investigator": {
        name: "investigation",
        means: "may ask to read a person's messages if there is a concrete suspicion",
      },
      "fachwerk-guardian": {
        name: "data protection and staff council",
        means: "approves such an investigation or refuses it",
      },
    },
    grounds: {
      investigator: "investigation, never of themselves",
      asker: "who of the investigation asked for it",
      second_person: "data protection and staff council, but who asked or is concerned",
      concerned: "whom the investigation concerns",
      sponsor: "who invited the guest",
      department_admin: "whoever administers the department, or one above it",
      author: "whose it is or who made it",
      same_department: "who belongs to the department of the room",
      signed_in: "everybody signed in",
      bridge: "the bridge to other ministries",
      scim: "the identity system (SCIM)",
    },
    actions: {
      "directory.read": "look for people and departments",
      "guest.end": "end a guest's access",
      "guest.extend": "extend a guest's access",
      "guest.invite": "invite a guest",
      "guest.list": "see the guests in the administration",
      "guest.renew": "make a guest a new link",
      "investigation.ask": "ask to read a person's messages",
      "investigation.confirm": "confirm having been told of an investigation",
      "investigation.decide": "decide on an investigation",
      "investigation.end": "end an investigation",
      "investigation.list": "see the list of investigations",
      "investigation.read": "read in an investigation what the person wrote",
      "room.browse": "look for open rooms",
      "admin.appoint": "let somebody administer a department",
      "admin.list": "see departments, people and rooms in the administration",
      "admin.read": "see numbers and openings of the whole house",
      "admin.end_sessions": "sign a person out everywhere",
      "admin.hand_over_room": "find an owner for a room that has none",
      "admin.label_room": "label a room more narrowly from outside",
      "admin.open_department": "open a department to another one",
      "audit.read": "read and download the audit trail",
      "call.end": "end a meeting for all",
      "call.join": "join a meeting",
      "call.kick": "remove somebody from a meeting",
      "call.mute": "mute somebody in a meeting",
      "call.start": "start a meeting",
      "federation.bridge": "carry shared rooms to other ministries",
      "federation.peers": "see with which ministries can be shared",
      "file.read": "read files of a room",
      "file.upload": "upload files into a room",
      "member.remove": "remove somebody from a room",
      "member.set_end": "let memberships of a room end by themselves",
      "member.set_role": "change roles in a room",
      "message.delete": "delete a message",
      "message.edit": "edit a message",
      "message.post": "write messages",
      "message.react": "react to messages",
      "message.read": "read messages",
      "org.apply": "have plans for departments and people carried out",
      "org.plan": "have plans for departments and people made",
      "org.read": "see which plans were carried out",
      "policy.read": "see the policies of departments",
      "policy.set": "change the policies of departments",
      "poll.close": "close a poll",
      "poll.open": "open a poll",
      "poll.vote": "vote in a poll",
      "room.create": "make a room",
      "room.invite": "invite to a room",
      "room.join": "join a room",
      "room.label": "label a room",
      "room.leave": "leave a room",
      "room.open_to_peer": "share a room with a ministry",
      "room.read": "open a room",
      "room.rule_house": "ask for attributes of anybody in the house by rules of their own rooms",
      "room.set_rules": "say who is in a room by rule",
      "room.rename": "change name and topic of a room",
      "scim.read": "see what was told over SCIM",
      "scim.write": "tell of people and their places over SCIM",
      "session.end": "end a session",
    },
  },
};
