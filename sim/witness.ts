/** Who looks on while a world runs, and changes nothing in it. */
import type { AdjudicatorEvent } from "../src/chain/adjudicator-logs.ts";
import type { NodeEvent } from "../src/events/event.ts";
import type { EventRecord } from "../src/events/record.ts";
import type { Hex } from "../src/primitives/hex.ts";
import type { ActorName } from "./actors.ts";

/** What a mined transaction cost, and whether the contract took it. */
export type Receipt = {
  readonly from: Hex;
  readonly gasUsed: bigint;
  readonly feeWei: bigint;
  readonly succeeded: boolean;
};

/** A block in which something happened. Empty ones change nothing that anybody owns. */
export type MinedBlock = {
  readonly number: number;
  readonly receipts: readonly Receipt[];
  /** What the adjudicator told, in order. */
  readonly logs: readonly AdjudicatorEvent[];
};

/** Somebody who is shown everything at the moment when it has happened. */
export type Witness = {
  /** Once a record is durable. */
  readonly sawRecord: (node: ActorName, record: EventRecord<NodeEvent>) => void;
  /** Once a block is mined; the world stands still until the witness has looked. */
  readonly sawBlock: (block: MinedBlock) => Promise<void>;
};
