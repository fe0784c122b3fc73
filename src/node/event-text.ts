/** An event as text for people: what happened, and what it is about. */
import type { FixedPart } from "../channel/fixed-part.ts";
import type { ChainPosition } from "../channel/holdings.ts";
import type { LedgerProposal } from "../channel/ledger-proposal.ts";
import type { VariablePart } from "../channel/state.ts";
import type { NodeEvent } from "../events/event.ts";
import type { LogHead } from "../events/record-head.ts";
import { counted } from "../primitives/counted.ts";
import {
  describeAmounts,
  describeChanges,
  describeOutcome,
  describeProposal,
  describeShares,
  describeUse,
} from "./money-text.ts";
import { type IdLength, shortenIds } from "./short-ids.ts";

type Fields = Readonly<Record<string, unknown>>;
type Describe = (value: never, ids: IdLength) => string;

/** Fields that read better otherwise than as their name and their value. */
const DESCRIBERS: Readonly<Record<string, Describe>> = {
  channelId: (id: string, ids) => `channel ${shortenIds(id, ids)}`,
  ledgerId: (id: string, ids) => `ledger ${shortenIds(id, ids)}`,
  objectiveId: (id: string, ids) => shortenIds(id, ids),
  effectId: (id: string, ids) => shortenIds(id, ids),
  turnNum: (turnNum: number) => `turn ${turnNum}`,
  baseTurnNum: (turnNum: number) => `built on turn ${turnNum}`,
  myIndex: (index: number) => `this node is participant ${index}`,
  // A participant, a peer, or the block that a reorganisation led to.
  to: (to: unknown, ids) =>
    typeof to === "number" ? `to participant ${to}` : `to ${describeValue(to, ids)}`,
  by: (index: number) => `by participant ${index}`,
  openedBy: (index: number) => `asked for by participant ${index}`,
  sequence: (sequence: number) => `message ${sequence}`,
  messageType: (type: string) => type,
  code: (code: string) => `because of ${code}`,
  fixedPart: describeFixedPart,
  variablePart: describeVariablePart,
  outcome: describeOutcome,
  use: describeUse,
  changes: describeChanges,
  shares: describeShares,
  amounts: describeAmounts,
  signatures: describeSignatures,
  baseSignatures: describeSignatures,
  postfundSignatures: describeSignatures,
  evidence: (evidence: readonly (readonly unknown[])[], ids) =>
    describeSignatures(evidence.flat(), ids),
  position: ({ blockNumber, logIndex }: ChainPosition) => `block ${blockNumber}, log ${logIndex}`,
  message: describeVariant,
  goal: describeVariant,
  change: describeVariant,
  call: describeVariant,
  head: (head: LogHead, ids) => `log then ${describeHead(head, ids)}`,
  // In an event a change of a ledger channel; in a channel the turn that waits for signatures.
  proposal: (proposal: object, ids) =>
    "type" in proposal
      ? describeProposal(proposal as LedgerProposal, ids)
      : describeFields(proposal, ids),
};

/** Events and messages whose channel is a ledger, and not the one that their objective is for. */
const ABOUT_LEDGERS = /^(Proposal|Capacity|LedgerProposal|LedgerCountersignature|LedgerRefusal)/;

/**
 * What an event tells besides its type, in one line. With short ids the channel is left out where the name of
 * the objective holds it.
 */
export function describeEvent(event: NodeEvent, ids: IdLength): string {
  return describeFields(event, ids);
}

/** A head as `channels log verify --head` takes it. */
export function describeHead({ hash, length }: LogHead, ids: IdLength): string {
  return `${length}:${shortenIds(hash, ids)}`;
}

/** A moment of a log as text: a date and a time in UTC, to the millisecond. */
export function describeTime(timeMs: number): string {
  // Times far beyond the calendar can be written; they are shown as they are.
  if (timeMs > 8.64e15) return `${timeMs} ms`;
  return new Date(timeMs).toISOString().replace("T", " ").replace("Z", "");
}

/** The same without the date, for terminals that have no room for it. */
export function describeTimeOfDay(timeMs: number): string {
  return describeTime(timeMs).replace(/^\d{4}-\d\d-\d\d /, "");
}

/** A line that ends at the edge of the terminal; a pipe has none, and gets it whole. */
export function cutLine(line: string, columns: number | undefined): string {
  if (columns === undefined || line.length <= columns) return line;
  return `${line.slice(0, Math.max(columns - 3, 0))}...`;
}

function describeFields(fields: object, ids: IdLength): string {
  return Object.entries(namedByUse(fields as Fields))
    .filter(([key, value]) => key !== "type" && !isEmpty(value))
    .filter(([key]) => ids === "Whole" || key !== "channelId" || !("objectiveId" in fields))
    .map(([key, value]) => describeField(key, value, ids))
    .join(", ");
}

/**
 * A ledger channel comes first, under its own name, and what a state is built on last: it tells the least. Of
 * a voucher the amounts tell most.
 */
function namedByUse(fields: Fields): Fields {
  const { amounts, baseTurnNum, channelId, type, ...others } = fields;
  if (typeof type !== "string") return fields;
  if (type.startsWith("Voucher")) return { channelId, amounts, ...others };
  if (!ABOUT_LEDGERS.test(type)) return fields;
  return { ledgerId: channelId, ...others, amounts, baseTurnNum };
}

function describeField(key: string, value: unknown, ids: IdLength): string {
  const describe = DESCRIBERS[key];
  if (describe !== undefined) return describe(value as never, ids);
  return `${wordsOf(key)} ${describeValue(value, ids)}`;
}

/** Any value of an event or of a state, in one line. */
export function describeValue(value: unknown, ids: IdLength): string {
  if (Array.isArray(value)) return value.map((item) => describeValue(item, ids)).join(" ");
  if (typeof value === "object" && value !== null) return `(${describeFields(value, ids)})`;
  // A signature that is not there yet keeps its place among the others.
  return value === undefined || value === null ? "none" : shortenIds(String(value), ids);
}

function describeVariant(variant: { readonly type: string }, ids: IdLength): string {
  const fields = describeFields(variant, ids);
  return fields === "" ? variant.type : `${variant.type} (${fields})`;
}

/** Nobody tells signatures apart by their first digits. */
function describeSignatures(signatures: readonly unknown[], ids: IdLength): string {
  if (ids === "Whole") return `signatures ${describeValue(signatures, ids)}`;
  const count = signatures.filter((one) => one !== undefined && one !== null).length;
  return counted(count, "signature");
}

function describeFixedPart(fixedPart: FixedPart, ids: IdLength): string {
  const { appDefinition, challengeDurationSec, channelNonce, participants } = fixedPart;
  const people = participants.map((participant) => shortenIds(participant, ids)).join(" and ");
  const app = shortenIds(appDefinition, ids);
  return `between ${people}, nonce ${channelNonce}, app ${app}, challenges last ${challengeDurationSec} s`;
}

function describeVariablePart(part: VariablePart, ids: IdLength): string {
  const { appData, isFinal, outcome, turnNum } = part;
  const data = appData === "0x" ? "" : `, app data ${shortenIds(appData, ids)}`;
  return `turn ${turnNum}${isFinal ? " (final)" : ""}, ${describeOutcome(outcome, ids)}${data}`;
}

/** `transactionHash` is `transaction hash`. */
function wordsOf(key: string): string {
  return key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}

function isEmpty(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === "0x" ||
    (Array.isArray(value) && value.length === 0)
  );
}
