// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../../state/extension";
import { guests as slice } from "./guests";
import GuestButtons from "./GuestButtons.svelte";
import GuestNotice from "./GuestNotice.svelte";

/** People from outside, whom somebody who leads a room invites by a link. */
export const guests: Feature = {
  name: "guests",
  slices: [slice],
  roomDetails: GuestButtons,
  composerNotice: GuestNotice,
};
