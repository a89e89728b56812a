// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { attempt } from "../../state/notices.svelte";
import { texts } from "./texts";

/** Where a person is signed in, and ending it. */
export const sessions: Feature = {
  name: "sessions",
  accountItems: (app) => [
    {
      icon: "monitor",
      label: i18n.of(texts).title,
      run: () => attempt(app.show(() => import("./SessionsDialog.svelte"))),
    },
  ],
};
