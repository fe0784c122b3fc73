/** Finds in the log the transactions that a reorganisation took out of the chain. */
import type { BlockId } from "../channel/holdings.ts";
import type { NodeEvent } from "../events/event.ts";
import type { EventRecord } from "../events/record.ts";
import type { EffectId } from "../protocols/effects.ts";
import type { TransactionEvent } from "../protocols/objective.ts";
import type { Input } from "./input.ts";

/** A transaction whose confirmation counts no more: the event that says so. */
export type VanishedTransaction = TransactionEvent & { readonly type: "TransactionVanished" };

/** The part of the log that is read here. */
type Log = {
  readonly length: number;
  readonly readRange: (from: number, to: number) => AsyncIterable<EventRecord<NodeEvent>>;
};

/** Records that are read at once, from the end backwards. */
const CHUNK_RECORDS = 1_024;

/**
 * The transactions of this node that blocks above `fork` had confirmed, oldest first. It reads back to the moment
 * when they were asked for: as a rule the last few blocks' worth of the log.
 */
export async function vanishedAbove(
  log: Log,
  fork: BlockId,
): Promise<readonly VanishedTransaction[]> {
  const search: Search = { gone: new Map(), requested: new Map(), submitted: new Map() };
  let isRead = false;
  for (let to = log.length; to > 0; to -= CHUNK_RECORDS) {
    const events = await readChunk(log, Math.max(0, to - CHUNK_RECORDS), to);
    for (const event of events.toReversed()) {
      isRead ||= event.type === "BlocksRead" && event.block.blockNumber <= fork.blockNumber;
      note(search, event, fork);
    }
    if (isRead && search.gone.size === search.requested.size) break;
  }
  return [...search.gone.keys()].toReversed().flatMap((id) => vanished(search, id));
}

/** The input, with the transactions that it took out of the chain where it tells of a reorganisation. */
export async function withVanished(input: Input, log: Log): Promise<Input> {
  if (input.type !== "Chain" || input.news.type !== "ChainReorged") return input;
  return { ...input, vanished: await vanishedAbove(log, input.news.fork) };
}

type Search = {
  readonly gone: Map<EffectId, boolean>;
  readonly requested: Map<EffectId, TransactionEvent & { readonly type: "TransactionRequested" }>;
  readonly submitted: Map<EffectId, TransactionEvent & { readonly type: "TransactionSubmitted" }>;
};

function note({ gone, requested, submitted }: Search, event: NodeEvent, fork: BlockId): void {
  if (event.type === "TransactionConfirmed" && event.blockNumber > fork.blockNumber) {
    gone.set(event.effectId, true);
  }
  if (event.type === "TransactionSubmitted" && gone.has(event.effectId)) {
    if (!submitted.has(event.effectId)) submitted.set(event.effectId, event);
  }
  if (event.type === "TransactionRequested" && gone.has(event.effectId)) {
    requested.set(event.effectId, event);
  }
}

function vanished({ requested, submitted }: Search, id: EffectId): readonly VanishedTransaction[] {
  const asked = requested.get(id);
  const signed = submitted.get(id);
  if (asked === undefined || signed === undefined) return [];
  const { call, channelId, effectId, objectiveId } = asked;
  const { raw, transactionHash } = signed;
  const type = "TransactionVanished";
  return [{ type, effectId, objectiveId, channelId, call, transactionHash, raw }];
}

async function readChunk(log: Log, from: number, to: number): Promise<readonly NodeEvent[]> {
  const events: NodeEvent[] = [];
  for await (const { event } of log.readRange(from, to)) events.push(event);
  return events;
}
