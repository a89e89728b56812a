// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { texts } from "./texts";

/** Who did what in the house, for auditors. */
export const audit: Feature = {
  name: "audit",
  areas: {
    audit: {
      action: "audit.read",
      icon: "history",
      label: () => i18n.of(texts).audit,
      page: () => import("./AuditPage.svelte"),
    },
  },
};
