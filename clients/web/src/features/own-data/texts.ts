// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { FeatureTexts } from "../../state/i18n.svelte";

interface Texts {
  title: string;
  about: string;
  kind: string;
  count: string;
  nothing: (kinds: string) => string;
  readers: string;
  download: string;
  preparing: string;
  downloaded: string;
  kinds: Record<string, string>;
}

export const texts: FeatureTexts<Texts> = {
  de: {
    title: "Meine Daten",
    about:
      "Das ist in Fachwerk über Sie gespeichert. Sie können alles als Archiv mitnehmen (ZIP mit JSON Lines).",
    kind: "Art",
    count: "Einträge",
    nothing: (kinds) => `Nichts gespeichert: ${kinds}.`,
    readers:
      "Das Archiv enthält auch, was Sie in vertraulichen Räumen geschrieben haben. Bewahren Sie es entsprechend auf.",
    download: "Archiv herunterladen",
    preparing: "Das Archiv wird zusammengestellt …",
    downloaded: "Das Archiv ist heruntergeladen.",
    kinds: {
      account: "Konto",
      sessions: "Anmeldungen",
      departments: "Organisationseinheiten",
      attributes: "Merkmale",
      administration: "Organisationseinheiten, die Sie verwalten",
      appointments: "Personen, die Sie eine Organisationseinheit verwalten lassen",
      rooms: "Räume",
      invitations: "Offene Einladungen von Ihnen",
      messages: "Nachrichten",
      revisions: "Frühere Fassungen",
      threads: "Lesestände in Threads",
      files: "Dateien",
      uploads: "Angefangene Uploads",
      reactions: "Reaktionen",
      polls: "Umfragen",
      votes: "Stimmen in Umfragen",
      calls: "Begonnene Treffen",
      participations: "Teilnahmen an laufenden Treffen",
      sharings: "Für andere Behörden geöffnete Räume",
      guest_invitation: "Ihre Einladung als Gast",
      guests: "Gäste, die Sie eingeladen haben",
      investigations: "Einsichten in Ihre Nachrichten",
      investigations_led: "Einsichten, an denen Sie mitgewirkt haben",
      acts: "Einträge im Protokoll",
      provisioning: "Änderungen durch die Organisation",
      org_plans: "Pläne für die Organisation, die Sie machen oder umsetzen ließen",
      org_drafts: "Noch nicht umgesetzte Pläne für die Organisation",
      scim: "Angaben des Identitätssystems (SCIM)",
    },
  },
  en: {
    title: "My data",
    about:
      "This is what Fachwerk has stored about you. You can take all of it along as an archive (ZIP of JSON lines).",
    kind: "Kind",
    count: "Records",
    nothing: (kinds) => `Nothing stored: ${kinds}.`,
    readers: "The archive also holds what you wrote in confidential rooms. Keep it accordingly.",
    download: "Download archive",
    preparing: "The archive is being put together …",
    downloaded: "The archive has been downloaded.",
    kinds: {
      account: "Account",
      sessions: "Sessions",
      departments: "Departments",
      attributes: "Attributes",
      administration: "Departments that you administer",
      appointments: "People whom you let administer a department",
      rooms: "Rooms",
      invitations: "Open invitations by you",
      messages: "Messages",
      revisions: "Former versions",
      threads: "How far you have read threads",
      files: "Files",
      uploads: "Uploads under way",
      reactions: "Reactions",
      polls: "Polls",
      votes: "Votes in polls",
      calls: "Meetings you began",
      participations: "Running meetings you came into",
      sharings: "Rooms opened to other agencies",
      guest_invitation: "Your invitation as a guest",
      guests: "Guests whom you invited",
      investigations: "Investigations of your messages",
      investigations_led: "Investigations in which you took part",
      acts: "Entries in the audit trail",
      provisioning: "Changes by the organisation",
      org_plans: "Plans for the organisation that you asked for or had carried out",
      org_drafts: "Plans for the organisation that nobody has begun",
      scim: "What the identity system says (SCIM)",
    },
  },
};
