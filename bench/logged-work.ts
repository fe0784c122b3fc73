/** The primitives that a stretch of some logs cannot be without, counted from what is written there. */
import type { SimulatedNode } from "../sim/simulated-node.ts";
import { supportedState } from "../src/channel/channel.ts";
import { guaranteeCount } from "../src/channel/ledger-outcome.ts";
import { encodePaymentPromise, type PaymentPromise } from "../src/channel/payment-voucher.ts";
import { encodeState } from "../src/channel/state.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { nodeCodec } from "../src/events/node-codec.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import type { Primitives } from "./primitive-costs.ts";

/** What one guarantee adds to an encoded ledger state: 256 bytes. Source: ADR 0014. */
const GUARANTEE_BYTES = 256;

/** How long each log is. */
export type LogLengths = readonly number[];

/** The lengths of all logs now. */
export function lengthsOf(nodes: readonly SimulatedNode[]): LogLengths {
  return nodes.map(({ store }) => store.length);
}

/**
 * What the records since `before` needed: a signature or a recovery for each that tells of one, each state
 * or voucher hashed once by each node, and each record hashed once into the chain of its log.
 */
export async function loggedWork(
  nodes: readonly SimulatedNode[],
  before: LogLengths,
): Promise<Primitives> {
  let total: Primitives = { signatures: 0, recoveries: 0, keccakBytes: 0, sha256Bytes: 0 };
  for (const [index, node] of nodes.entries()) {
    const events: NodeEvent[] = [];
    for await (const { event } of node.store.readFrom(before[index] ?? 0)) events.push(event);
    total = sum(total, workOf(node, events));
  }
  return total;
}

function workOf(node: SimulatedNode, events: readonly NodeEvent[]): Primitives {
  const signatures = events.filter(({ type }) => SIGNED.has(type)).length;
  const recoveries = events.filter(({ type }) => RECEIVED.has(type)).length;
  const place = { previousHash: node.store.head.hash, offset: 0, timeMs: 0 };
  const sizes = events.map((event) => nodeCodec.encode(place, event).stored.length);
  const sha256Bytes = sizes.reduce((all, size) => all + size, 0);
  const keccakBytes = statesBytes(events) + ledgerBytes(node, events) + voucherBytes(events);
  return { signatures, recoveries, keccakBytes, sha256Bytes };
}

const SIGNED: ReadonlySet<string> = new Set(["StateSigned", "ProposalSigned", "VoucherIssued"]);
const RECEIVED: ReadonlySet<string> = new Set([
  "StateReceived",
  "ProposalReceived",
  "VoucherReceived",
]);

/** States that are told in full: each once, however many signed it. */
function statesBytes(events: readonly NodeEvent[]): number {
  const sizes = new Map<string, number>();
  for (const event of events) {
    if (event.type !== "StateSigned" && event.type !== "StateReceived") continue;
    const key = `${event.channelId} ${event.variablePart.turnNum}`;
    if (sizes.has(key)) continue;
    sizes.set(key, encodeState(event.channelId, event.variablePart).length);
  }
  return [...sizes.values()].reduce((all, size) => all + size, 0);
}

type StepEvent = NodeEvent & { readonly type: "ProposalSigned" | "ProposalReceived" };

/** Ledger states, which are told by their changes: counted back from the newest, whose size is known. */
function ledgerBytes(node: SimulatedNode, events: readonly NodeEvent[]): number {
  const steps = new Map<string, StepEvent>();
  for (const event of events) {
    if (event.type !== "ProposalSigned" && event.type !== "ProposalReceived") continue;
    steps.set(`${event.channelId} ${event.turnNum}`, event);
  }
  const guarantees = new Map<string, number>();
  let bytes = 0;
  for (const { changes, channelId } of [...steps.values()].reverse()) {
    const channel = assertDefined(node.engine.channel(channelId), "the ledger channel");
    const { variablePart } = supportedState(channel);
    const newest = guaranteeCount(variablePart.outcome);
    const count = guarantees.get(channelId) ?? newest;
    const size = encodeState(channelId, variablePart).length;
    bytes += size - (newest - count) * GUARANTEE_BYTES;
    const grown = changes.map(({ proposal }) => growth(proposal.type));
    guarantees.set(
      channelId,
      grown.reduce((rest, one) => rest - one, count),
    );
  }
  return bytes;
}

function growth(type: "Add" | "Remove" | "TopUp" | "Merge"): number {
  return type === "Add" ? 1 : type === "Remove" ? -1 : 0;
}

function voucherBytes(events: readonly NodeEvent[]): number {
  return events.reduce((bytes, event) => {
    const isVoucher = event.type === "VoucherIssued" || event.type === "VoucherReceived";
    return isVoucher ? bytes + encodePaymentPromise(event satisfies PaymentPromise).length : bytes;
  }, 0);
}

function sum(one: Primitives, other: Primitives): Primitives {
  return {
    signatures: one.signatures + other.signatures,
    recoveries: one.recoveries + other.recoveries,
    keccakBytes: one.keccakBytes + other.keccakBytes,
    sha256Bytes: one.sha256Bytes + other.sha256Bytes,
  };
}
