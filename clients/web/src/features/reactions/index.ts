// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { i18n } from "../../state/i18n.svelte";
import Picker from "./Picker.svelte";
import Reactions from "./Reactions.svelte";

export const reactions: Feature = {
  name: "reactions",
  messagePart: Reactions,
  messageActions: (_app, room) =>
    room.may("message.react") ? [{ icon: "smile-plus", label: i18n.t.react, panel: Picker }] : [],
};
