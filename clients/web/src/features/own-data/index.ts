// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { attempt } from "../../state/notices.svelte";
import { texts } from "./texts";

/** What is stored about a person, and taking it along. */
export const ownData: Feature = {
  name: "own_data",
  accountItems: (app) => [
    {
      icon: "file-text",
      label: i18n.of(texts).title,
      run: () => attempt(app.show(() => import("./OwnDataDialog.svelte"))),
    },
  ],
};
