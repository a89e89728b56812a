// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  invite: string;
  guests: (count: number) => string;
  invite_about: string;
  name: string;
  organisation: string;
  optional: string;
  email: string;
  email_hint: string;
  until: string;
  make_link: string;
  link: string;
  link_for: (name: string) => string;
  link_once: (until: string) => string;
  copy: string;
  copied: string;
  copy_by_hand: string;
  done: string;
  sponsor: (name: string) => string;
  ends: (at: string) => string;
  waits: string;
  waits_until: (at: string) => string;
  new_link: string;
  new_link_of: (name: string) => string;
  new_link_question: (name: string) => string;
  extend: string;
  extend_of: (name: string) => string;
  end: string;
  end_of: (name: string) => string;
  end_question: (name: string) => string;
  ended: (name: string) => string;
  extended: (name: string, at: string) => string;
  none: string;
  reading: (count: number) => string;
  expected: string;
  you: (sponsor: string, at: string) => string;
  entry: {
    title: string;
    greeting: (name: string) => string;
    invites: (by: string, room: string) => string;
    until: (at: string) => string;
    may: string;
    mays: string[];
    may_not: string;
    may_nots: string[];
    kept: string;
    accept: string;
    entering: string;
    looking: string;
    refused: Record<string, { title: string; help: string }>;
    no_link: { title: string; help: string };
    other: { title: string; help: string };
    to_start: string;
  };
  over: { title: string; why: Record<string, string>; unknown: string; help: string };
  sign_out: { title: string; text: string; button: string };
}

export const texts: FeatureTexts<Texts> = {
  de: {
    invite: "Gast einladen",
    guests: (count) => (count === 1 ? "1 Gast" : count + " Gäste"),
    invite_about:
      "Gäste gehören zu keinem Ministerium. Sie lesen alles in diesem Raum, auch was früher geschrieben wurde, und sehen sonst nichts.",
    name: "Name",
    organisation: "Organisation",
    optional: "freiwillig",
    email: "E-Mail-Adresse",
    email_hint: "Nur zur Anzeige. Fachwerk verschickt nichts: Den Link geben Sie selbst weiter.",
    until: "Gast bis einschließlich",
    make_link: "Link erstellen",
    link: "Einladungslink",
    link_for: (name) => "Link für " + name,
    link_once: (until) =>
      `Dieser Link wird nur jetzt gezeigt. Er gilt einmal, bis ${until}. Wer ihn hat, kommt herein: Geben Sie ihn nur dem Gast.`,
    copy: "Kopieren",
    copied: "Der Link ist kopiert.",
    copy_by_hand: "Der Browser kopiert nicht. Der Link ist markiert; kopieren Sie ihn bitte selbst.",
    done: "Fertig",
    sponsor: (name) => "Eingeladen von " + name,
    ends: (at) => "bis " + at,
    waits: "noch nicht da gewesen",
    waits_until: (at) => `Der Link wartet noch, bis ${at}.`,
    new_link: "Neuer Link",
    new_link_of: (name) => "Neuer Link für " + name,
    new_link_question: (name) =>
      `Neuen Link für ${name} erstellen? Der alte Link und die Anmeldung damit enden sofort.`,
    extend: "Enddatum ändern",
    extend_of: (name) => "Enddatum ändern für " + name,
    end: "Beenden",
    end_of: (name) => "Gastzugang von " + name + " beenden",
    end_question: (name) => `Gastzugang von ${name} beenden? Er endet sofort. Was geschrieben wurde, bleibt.`,
    ended: (name) => `Der Gastzugang von ${name} ist beendet.`,
    extended: (name, at) => `${name} ist Gast bis ${at}.`,
    none: "In diesem Raum sind keine Gäste.",
    reading: (count) =>
      count === 1 ? "In diesem Raum liest ein Gast mit." : `In diesem Raum lesen ${count} Gäste mit.`,
    expected: "In diesem Raum ist ein Gast eingeladen.",
    you: (sponsor, at) => `Sie sind hier Gast von ${sponsor}, bis ${at}.`,
    entry: {
      title: "Einladung",
      greeting: (name) => "Guten Tag, " + name,
      invites: (by, room) => `${by} lädt Sie als Gast in den Raum „${room}“ ein.`,
      until: (at) => `Die Einladung gilt bis ${at}.`,
      may: "Sie können",
      mays: [
        "in diesem Raum lesen, auch was früher geschrieben wurde,",
        "Nachrichten schreiben und auf sie reagieren,",
        "Dateien dieses Raums öffnen und eigene hochladen,",
        "an Umfragen und Treffen dieses Raums teilnehmen.",
      ],
      may_not: "Sie können nicht",
      may_nots: [
        "andere Räume oder das Verzeichnis des Hauses sehen,",
        "Räume anlegen oder jemanden einladen.",
      ],
      kept: "Alle im Raum sehen, dass Sie Gast sind. Die Anmeldung bleibt in diesem Browser; der Link gilt nur einmal.",
      accept: "Einladung annehmen",
      entering: "Sie werden hereingelassen …",
      looking: "Die Einladung wird geöffnet …",
      refused: {
        "guest-link-unknown": {
          title: "Dieser Link ist nicht gültig",
          help: "Vielleicht ist er nicht vollständig, oder er wurde zurückgenommen. Fragen Sie die Person, die Sie eingeladen hat.",
        },
        "guest-link-expired": {
          title: "Dieser Link ist abgelaufen",
          help: "Die Person, die Sie eingeladen hat, kann einen neuen erstellen.",
        },
        "guest-link-used": {
          title: "Dieser Link wurde schon benutzt",
          help: "Er gilt nur einmal. Waren Sie das, öffnen Sie Fachwerk im selben Browser. Sonst bitten Sie um einen neuen Link.",
        },
        "signed-in-already": {
          title: "In diesem Browser ist schon jemand angemeldet",
          help: "Der Link ist für einen Gast. Öffnen Sie ihn in einem anderen Browser oder in einem privaten Fenster; benutzt ist er noch nicht.",
        },
        "policy-forbids": {
          title: "In diesen Raum kommen zurzeit keine Gäste",
          help: "Das wurde nach Ihrer Einladung festgelegt. Fragen Sie die Person, die Sie eingeladen hat.",
        },
        "too-many-requests": {
          title: "Zu viele Versuche",
          help: "Bitte warten Sie ein paar Minuten und öffnen Sie den Link noch einmal.",
        },
      },
      no_link: {
        title: "Hier beginnt eine Einladung",
        help: "Gäste kommen über den Link herein, den sie bekommen haben. Haben Sie ihn schon benutzt, und sind Sie abgemeldet, bitten Sie um einen neuen.",
      },
      other: {
        title: "Die Einladung lässt sich gerade nicht öffnen",
        help: "Bitte öffnen Sie den Link in ein paar Minuten noch einmal. Benutzt ist er noch nicht.",
      },
      to_start: "Zu Fachwerk",
    },
    over: {
      title: "Ihr Gastzugang ist beendet",
      why: {
        expired: "Das Enddatum Ihrer Einladung ist erreicht.",
        ended: "Er wurde von der einladenden Person, der Leitung des Raums oder der Verwaltung beendet.",
        left: "Sie haben den Raum verlassen.",
        removed: "Sie wurden aus dem Raum entfernt.",
        sponsor: "Die Person, die Sie eingeladen hat, ist nicht mehr im Haus.",
      },
      unknown: "Sie wurden abgemeldet. Vielleicht gibt es einen neuen Link für Sie.",
      help: "In diesem Browser ist nichts gespeichert geblieben. Bei Fragen wenden Sie sich an die Person, die Sie eingeladen hat.",
    },
    sign_out: {
      title: "Als Gast abmelden?",
      text: "Herein kommen Sie danach nur mit einem neuen Link, den Ihnen die Person gibt, die Sie eingeladen hat.",
      button: "Abmelden",
    },
  },
  en: {
    invite: "Invite a guest",
    guests: (count) => (count === 1 ? "1 guest" : count + " guests"),
    invite_about:
      "Guests belong to no ministry. They read everything in this room, also what was written earlier, and see nothing else.",
    name: "Name",
    organisation: "Organisation",
    optional: "optional",
    email: "E-mail address",
    email_hint: "Only shown. Fachwerk sends nothing: you pass the link on yourself.",
    until: "Guest up to and including",
    make_link: "Make a link",
    link: "Invitation link",
    link_for: (name) => "Link for " + name,
    link_once: (until) =>
      `This link is shown only now. It works once, until ${until}. Whoever has it comes in: give it to the guest only.`,
    copy: "Copy",
    copied: "The link is copied.",
    copy_by_hand: "The browser does not copy. The link is selected; please copy it yourself.",
    done: "Done",
    sponsor: (name) => "Invited by " + name,
    ends: (at) => "until " + at,
    waits: "has not been here yet",
    waits_until: (at) => `The link still waits, until ${at}.`,
    new_link: "New link",
    new_link_of: (name) => "New link for " + name,
    new_link_question: (name) =>
      `Make a new link for ${name}? The old link and the session by it end at once.`,
    extend: "Change the end",
    extend_of: (name) => "Change the end for " + name,
    end: "End",
    end_of: (name) => "End the access of " + name,
    end_question: (name) => `End the access of ${name}? It ends at once. What was written stays.`,
    ended: (name) => `The access of ${name} has ended.`,
    extended: (name, at) => `${name} is a guest until ${at}.`,
    none: "There are no guests in this room.",
    reading: (count) =>
      count === 1 ? "A guest reads along in this room." : `${count} guests read along in this room.`,
    expected: "A guest is invited to this room.",
    you: (sponsor, at) => `You are a guest of ${sponsor} here, until ${at}.`,
    entry: {
      title: "Invitation",
      greeting: (name) => "Hello " + name,
      invites: (by, room) => `${by} invites you into the room “${room}” as a guest.`,
      until: (at) => `The invitation holds until ${at}.`,
      may: "You can",
      mays: [
        "read in this room, also what was written earlier,",
        "write messages and react to them,",
        "open files of this room and upload your own,",
        "take part in polls and meetings of this room.",
      ],
      may_not: "You cannot",
      may_nots: ["see other rooms or the directory of the house,", "make rooms or invite somebody."],
      kept: "Everybody in the room sees that you are a guest. You stay signed in in this browser; the link works only once.",
      accept: "Accept the invitation",
      entering: "You are being let in …",
      looking: "The invitation is being opened …",
      refused: {
        "guest-link-unknown": {
          title: "This link is not valid",
          help: "Perhaps it is not complete, or it was taken back. Ask the person who invited you.",
        },
        "guest-link-expired": {
          title: "This link has expired",
          help: "The person who invited you can make a new one.",
        },
        "guest-link-used": {
          title: "This link was used before",
          help: "It works only once. If it was you, open Fachwerk in the same browser. Otherwise ask for a new link.",
        },
        "signed-in-already": {
          title: "Somebody is signed in in this browser already",
          help: "The link is for a guest. Open it in another browser or in a private window; it is not used yet.",
        },
        "policy-forbids": {
          title: "No guests come into this room at present",
          help: "This was decided after your invitation. Ask the person who invited you.",
        },
        "too-many-requests": {
          title: "Too many attempts",
          help: "Please wait for a few minutes and open the link once more.",
        },
      },
      no_link: {
        title: "An invitation begins here",
        help: "Guests come in by the link that they were given. If you have used it already and are signed out, ask for a new one.",
      },
      other: {
        title: "The invitation cannot be opened just now",
        help: "Please open the link once more in a few minutes. It is not used yet.",
      },
      to_start: "To Fachwerk",
    },
    over: {
      title: "Your access as a guest has ended",
      why: {
        expired: "The last day of your invitation is over.",
        ended: "It was ended by the person who invited you, by who leads the room or by the administration.",
        left: "You left the room.",
        removed: "You were removed from the room.",
        sponsor: "The person who invited you is no longer in this house.",
      },
      unknown: "You were signed out. Perhaps there is a new link for you.",
      help: "Nothing is left in this browser. If you have questions, ask the person who invited you.",
    },
    sign_out: {
      title: "Sign out as a guest?",
      text: "Afterwards you come in only by a new link, from the person who invited you.",
      button: "Sign out",
    },
  },
};
