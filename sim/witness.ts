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

/** A block in which something happened, or the first on time after a reorg. Other empty ones change nothing. */
export type MinedBlock = {
  readonly number: number;
  /** False for a block that a reorg put in the place of another one. */
  readonly isOnTime: boolean;
  readonly receipts: readonly Receipt[];
  /** What the adjudicator told, in order. */
  readonly logs: readonly AdjudicatorEvent[];
};

/** A reorg, at the moment when the blocks are gone and none has taken their place. */
export type TakenBack = {
  /** The newest block that is left. */
  readonly fork: number;
  readonly depth: number;
};

/** Somebody who is shown everything at the moment when it has happened. */
export type Witness = {
  /** Once a record is durable. */
  readonly sawRecord: (node: ActorName, record: EventRecord<NodeEvent>) => void;
  /** Once a block is mined; the world stands still until the witness has looked. */
  readonly sawBlock: (block: MinedBlock) => Promise<void>;
  /** Once blocks were taken back; those that come instead are seen after this. */
  readonly sawReorg: (reorg: TakenBack) => Promise<void>;
  /** When the program of a node fails. True when the run may go on without the node. */
  readonly sawCrash?: (node: ActorName, error: unknown) => boolean;
};
