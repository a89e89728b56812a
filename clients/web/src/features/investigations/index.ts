// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import { attempt } from "../../state/notices.svelte";
import { told } from "./told.svelte";
import ToldBar from "./ToldBar.svelte";
import { words } from "./words";

/** Two people read what a person under suspicion wrote, for a time; that person is told. */
export const investigations: Feature = {
  name: "investigations",
  areas: {
    investigations: {
      action: "investigation.list",
      icon: "shield",
      label: () => i18n.of(words).area,
      page: () => import("./InvestigationsPage.svelte"),
    },
  },
  bar: ToldBar,
  arrived: (state) => told.arrived(state.investigations),
  mine: (event) => told.mine(event),
  accountItems: (app) =>
    told.all > 0
      ? [
          {
            icon: "shield",
            label: i18n.of(words).own,
            run: () => attempt(app.show(() => import("./ToldDialog.svelte"))),
          },
        ]
      : [],
};
