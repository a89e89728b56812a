// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import { LABELS, type Label, type PolicyRuling } from "../api/wire";

/** The ruling of a policy that forbids something, if it does: nothing is forbidden by its widest value. */
export function limit(rulings: readonly PolicyRuling[], policy: string, widest: string): PolicyRuling | null {
  return rulings.find((one) => one.policy === policy && one.value !== widest) ?? null;
}

/** What limits the labels of a room. */
export const labelLimit = (rulings: readonly PolicyRuling[]) => limit(rulings, "least_label", LABELS[0]);

/** The most open label that is left; what nobody has said yet limits nothing. */
export function mostOpen(ruling: PolicyRuling | null): Label {
  return LABELS.find((label) => label === ruling?.value) ?? LABELS[0];
}

/** Is this label more open than it may be? */
export function isTooOpen(label: Label, ruling: PolicyRuling | null): boolean {
  return LABELS.indexOf(label) < LABELS.indexOf(mostOpen(ruling));
}

/** Why nobody new comes into a room as a guest, if so. */
export const guestLimit = (rulings: readonly PolicyRuling[]) =>
  limit(rulings, "guests", "allowed") ?? labelLimit(rulings);

/** Why a room is not shared with anybody new, if so. */
export const sharingLimit = (rulings: readonly PolicyRuling[]) =>
  limit(rulings, "federation", "allowed") ?? labelLimit(rulings);
