// SPDX-FileCopyrightText: Fachwerk contributors
// SPDX-License-Identifier: EUPL-1.2
/**
 * The shapes on the wire. All of them come from the server's own document (schema.d.ts, `npm run api`); what the
 * server leaves out because it is the default is filled in by complete.ts, so that the rest of the client never asks.
 */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Act = Schemas["Act"];
export type ActPage = Schemas["ActPage"];
export type Call = Schemas["Call"];
export type CallToken = Schemas["Entry"];
export type Config = Schemas["Config"];
export type Department = Schemas["Department"];
export type DepartmentRole = Listed["departments"][number]["role"];
export type DepartmentOpening = Schemas["DepartmentOpening"];
export type Draft = Schemas["Draft"];
export type DraftDetail = Schemas["DraftDetail"];
export type FileRef = Schemas["FileRef"];
export type GuestAccepted = Schemas["GuestAccepted"];
export type GuestInvitation = Schemas["GuestInvitation"];
export type GuestLink = Schemas["GuestLink"];
export type GuestPage = Schemas["GuestPage"];
export type GuestRow = Schemas["GuestRow"];
export type GuestRows = Schemas["GuestRows"];
export type Heir = Schemas["Heir"];
export type Investigation = Schemas["InvestigationRow"];
export type InvestigationList = Schemas["InvestigationList"];
export type InvestigationNotices = Schemas["InvestigationNotices"];
export type Kept = Schemas["Kept"];
export type Label = RoomRow["label"];
/** From the widest to the narrowest. */
export const LABELS = ["open", "internal", "confidential"] as const satisfies readonly Label[];
export type Listed = Schemas["Listed"];
export type Me = Schemas["Me"];
export type Member = Schemas["MemberRow"];
export type Ministry = Schemas["PeerName"];
export type OpenRoom = Schemas["OpenRoom"];
export type OwnInvestigation = Schemas["OwnInvestigation"];
export type Overview = Schemas["Overview"];
export type OwnSession = Schemas["OwnSession"];
export type Person = Schemas["Person"];
export type PlanDetail = Schemas["PlanDetail"];
export type Plans = Schemas["Plans"];
export type PlanStanding = Schemas["Standing"];
export type PlanSummary = Schemas["PlanSummary"];
export type PlanUpload = Schemas["Uploaded"];
export type PolicyKind = Schemas["PolicyKind"];
export type PolicyPlace = Schemas["PolicyPlace"];
export type PolicyPreview = Schemas["PolicyPreview"];
export type PolicyRuling = Schemas["PolicyRuling"];
export type PolicyStanding = Schemas["PolicyStanding"];
export type PolicyTree = Schemas["PolicyTree"];
export type Poll = Schemas["Poll"];
export type Problem = Schemas["ProblemDocument"];
export type Reaction = Schemas["Reaction"];
export type ReadMessage = Schemas["ReadMessage"];
export type ReadPage = Schemas["ReadPage"];
export type Readers = Schemas["Readers"];
export type ReadersGroup = Readers["groups"][number];
export type Revision = Schemas["RevisionRow"];
export type Role = Member["role"];
export type Roll = Schemas["Roll"];
export type RoomGuests = Schemas["RoomGuests"];
export type RoomLine = Schemas["RoomLine"];
export type RoomPage = Schemas["RoomPage"];
export type RoomPeer = Schemas["RoomPeer"];
export type RoomRow = Schemas["RoomRow"];
export type OfferedAttributes = Schemas["OfferedAttributes"];
export type RoomRule = Schemas["RoomRuleRow"];
export type RoomRules = Schemas["RoomRules"];
export type Rules = Schemas["Rules"];
export type Sentence = Schemas["Sentence"];
export type RulesPreview = Schemas["RulesPreview"];
export type Sharing = Schemas["Sharing"];
export type StepCount = Schemas["StepCount"];
export type StepLine = Schemas["StepLine"];
export type StepPage = Schemas["StepPage"];
export type StepSide = Schemas["StepSide"];
export type Thread = Schemas["Thread"];
export type Unit = Schemas["Unit"];

export type WireMessage = Schemas["Message"];
export type WirePage = Schemas["MessagePage"];
export type WireState = Schemas["RoomState"];

/** A message with nothing left out. */
export type Message = Required<WireMessage>;

/** Messages in ascending order, with the reactions to them. */
export interface MessagePage {
  items: Message[];
  reactions: Record<string, Reaction[]>;
  more: boolean;
  /** Of a thread: the message that began it. */
  root: Message | null;
}

/** A room as of `seq`. `slices` holds one snapshot per server module, under the module's name. */
export interface RoomState {
  room: RoomRow;
  seq: number;
  allowed: string[];
  allowed_own: string[];
  slices: Record<string, unknown>;
}

/** What happened. Every kind carries its own fields; reducers pick the kinds they know. */
export type Event =
  Exclude<Schemas["Event"], { kind: "message.posted" }> | { kind: "message.posted"; message: Message };

/** An event in an audience. Without `s` it is a signal: not stored, never replayed. */
export interface EventFrame {
  a: string;
  s?: number;
  n?: number;
  e: Event;
}

export type Bump = Schemas["Bump"];
export type Hello = Schemas["Hello"];
export type Answer = Schemas["Ack"] | Schemas["Refused"];
export type ServerFrame = Schemas["ServerFrame"] | (EventFrame & { t?: never });
export type ClientFrame = Schemas["ClientFrame"];
export type NewGuest = Schemas["NewGuest"];
export type NewInvestigation = Schemas["NewInvestigation"];
export type NewRoom = Schemas["NewRoom"];
export type RoomPatch = Schemas["RoomPatch"];
