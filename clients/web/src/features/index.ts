// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
import type { Feature } from "../state/extension";
import { admin } from "./admin";
import { audit } from "./audit";
import { call } from "./call";
import { federation } from "./federation";
import { guests } from "./guests";
import { investigations } from "./investigations";
import { ownData } from "./own-data";
import { people } from "./people";
import { polls } from "./polls";
import { reactions } from "./reactions";
import { readers } from "./readers";
import { sessions } from "./sessions";
import { thread } from "./thread";

/** Every feature of the client, in the order in which they appear. */
export const features: readonly Feature[] = [
  reactions,
  thread,
  people,
  federation,
  guests,
  call,
  polls,
  readers,
  sessions,
  ownData,
  investigations,
  admin,
  audit,
];
