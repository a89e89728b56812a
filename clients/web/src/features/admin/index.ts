// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { texts } from "./texts";

/** The house as its administrators see it. */
export const admin: Feature = {
  name: "admin",
  areas: {
    admin: {
      action: "admin.list",
      icon: "sliders-horizontal",
      label: () => i18n.of(texts).area,
      page: () => import("./AdminPage.svelte"),
    },
  },
};
