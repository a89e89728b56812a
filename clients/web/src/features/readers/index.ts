// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { attempt } from "../../state/notices.svelte";
import ReadersButton from "./ReadersButton.svelte";
import { texts } from "./texts";

/** Who can read what is in a room, and its files. */
export const readers: Feature = {
  name: "readers",
  roomDetails: ReadersButton,
  // all files of a message have the same readers
  messageActions: (app, room, message) =>
    message.files.slice(0, 1).map((file) => ({
      icon: "users",
      label: i18n.of(texts).title,
      run: () => attempt(app.show(() => import("./ReadersDialog.svelte"), { room, file })),
    })),
};
