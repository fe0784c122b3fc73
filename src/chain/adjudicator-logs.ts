/** What the adjudicator reports: its logs, read as events. Source: NitroAdjudicator. */
import { type DecodeEventLogReturnType, decodeEventLog, parseAbi, toEventSelector } from "viem";
import type { ChannelId } from "../channel/channel-id.ts";
import type { VariablePart } from "../channel/state.ts";
import { type Address, parseAddress } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { unreachable } from "../primitives/assert.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import type { SignedVariablePart } from "./adjudicator.ts";
import { ADJUDICATOR_STRUCTS } from "./adjudicator-structs.ts";

const ABI = parseAbi([
  "event Deposited(bytes32 indexed destination, address asset, uint256 destinationHoldings)",
  "event AllocationUpdated(bytes32 indexed channelId, uint256 assetIndex, uint256 initialHoldings, uint256 finalHoldings)",
  "event Concluded(bytes32 indexed channelId, uint48 finalizesAt)",
  "event ChallengeRegistered(bytes32 indexed channelId, uint48 finalizesAt, SignedVariablePart[] proof, SignedVariablePart candidate)",
  "event ChallengeCleared(bytes32 indexed channelId, uint48 newTurnNumRecord)",
  "event Checkpointed(bytes32 indexed channelId, uint48 newTurnNumRecord)",
  "event Reclaimed(bytes32 indexed channelId, uint256 assetIndex)",
  ...ADJUDICATOR_STRUCTS,
]);

/** A log as `eth_getLogs` and receipts give it. Numbers are hex; a log of a pending block has none. */
export type RpcLog = {
  readonly address: Hex;
  readonly topics: readonly Hex[];
  readonly data: Hex;
  readonly blockNumber: Hex | null;
  readonly blockHash: Hex | null;
  readonly transactionHash: Hex | null;
  readonly transactionIndex: Hex | null;
  readonly logIndex: Hex | null;
  /** True when a reorg took the log back. */
  readonly removed?: boolean;
};

/** Where on the chain a log stands. Logs of one block are in the order of `logIndex`. */
export type LogPosition = {
  readonly blockNumber: number;
  readonly blockHash: Hash;
  readonly transactionIndex: number;
  readonly logIndex: number;
  readonly transactionHash: Hash;
};

/** A state that the contract took as supported, with the states that its app asked for. */
export type ShownClaim = {
  readonly candidate: SignedVariablePart;
  readonly proof: readonly SignedVariablePart[];
};

/** What happened in the adjudicator, under the contract's own names. Amounts in the asset's smallest unit. */
export type AdjudicatorEvent = { readonly position: LogPosition } & (
  | {
      readonly type: "Deposited";
      readonly channelId: ChannelId;
      readonly asset: Address;
      /** All that the contract holds for the channel in this asset after the deposit. */
      readonly holdings: bigint;
    }
  | {
      /** A payout. Names its asset only by place in the outcome that was paid. */
      readonly type: "AllocationUpdated";
      readonly channelId: ChannelId;
      readonly assetIndex: number;
      readonly initialHoldings: bigint;
      readonly finalHoldings: bigint;
      /** Places of the allocations that were paid; empty for all; undefined when the calldata does not tell. */
      readonly indices: readonly number[] | undefined;
    }
  | {
      readonly type: "Concluded";
      readonly channelId: ChannelId;
      readonly finalizesAtSec: number;
    }
  | {
      /**
       * Signatures are as the caller of the contract listed them: it ignores repeated ones and those of
       * strangers, and takes high `s`.
       */
      readonly type: "ChallengeRegistered";
      readonly channelId: ChannelId;
      readonly finalizesAtSec: number;
      readonly candidate: SignedVariablePart;
      readonly proof: readonly SignedVariablePart[];
    }
  | {
      readonly type: "ChallengeCleared" | "Checkpointed";
      readonly channelId: ChannelId;
      readonly newTurnNumRecord: number;
      /** What was shown for it; undefined when the calldata does not tell. */
      readonly shown: ShownClaim | undefined;
    }
  | {
      /** A guarantee of a ledger was replaced by what its virtual channel pays. */
      readonly type: "Reclaimed";
      readonly channelId: ChannelId;
      /** Place of the asset in the ledger's outcome. */
      readonly assetIndex: number;
      /** What was called; undefined when the calldata does not tell. */
      readonly reclaim: ReclaimedGuarantee | undefined;
    }
);

/** Which guarantee was reclaimed, and what its channel pays. */
export type ReclaimedGuarantee = {
  /** Place of the guarantee among the allocations of the ledger. */
  readonly indexOfTargetInSource: number;
  readonly targetChannelId: ChannelId;
  /** What the target's first two allocations held: they go to the left and the right side of the guarantee. */
  readonly left: bigint;
  readonly right: bigint;
};

/**
 * Reads one log. The caller asks the chain for logs of its adjudicator only: any contract can write logs
 * of the same form. Gives undefined for logs of other events, of pending blocks, taken back by a reorg,
 * or not in the form that the adjudicator writes; never throws.
 */
export function decodeAdjudicatorLog(log: RpcLog): AdjudicatorEvent | undefined {
  const known = events.get(log);
  if (known !== undefined) return known;
  const event = readAnew(log);
  // One that may change yet is read again.
  if (event !== undefined && Object.isFrozen(log)) events.set(log, event);
  return event;
}

/**
 * What was read from logs that cannot change. An endpoint inside this process gives many readers the same object; for
 * as long as it keeps it, so does this.
 */
const events = new WeakMap<RpcLog, AdjudicatorEvent>();

function readAnew(log: RpcLog): AdjudicatorEvent | undefined {
  const position = positionOf(log);
  if (position === undefined || log.removed === true) return undefined;
  const decoded = decodeLog(log);
  return decoded && eventOf(position, decoded);
}

type Decoded = DecodeEventLogReturnType<typeof ABI>;

/**
 * Decoded logs that are remembered: 512, of a few hundred bytes each. The same log is read again with its block, its
 * range and its receipt, and by each node of a process.
 */
const DECODED_MAX = 512;

const decodedLogs = new Map<string, Decoded | undefined>();

function decodeLog(log: RpcLog): Decoded | undefined {
  const key = `${log.topics.join(" ")} ${log.data}`;
  if (decodedLogs.has(key)) return decodedLogs.get(key);
  const decoded = decodeAnew(log);
  if (decodedLogs.size >= DECODED_MAX) decodedLogs.clear();
  decodedLogs.set(key, decoded);
  return decoded;
}

/** By the first topic, which names the event: viem hashes every signature that it is given. */
const ABI_BY_TOPIC: ReadonlyMap<string, typeof ABI> = new Map(
  ABI.flatMap((item) => {
    // One of them alone is an ABI as well.
    const alone = [item] as unknown as typeof ABI;
    return item.type === "event" ? [[toEventSelector(item) as string, alone] as const] : [];
  }),
);

function decodeAnew({ data, topics }: RpcLog): Decoded | undefined {
  const [topic, ...indexed] = topics;
  const abi = topic && ABI_BY_TOPIC.get(topic);
  if (abi === undefined || topic === undefined) return undefined;
  try {
    return decodeEventLog({ abi, data, topics: [topic, ...indexed] });
  } catch {
    // A foreign form is an answer of its own here: viem has no other way to say it.
    return undefined;
  }
}

function eventOf(
  position: LogPosition,
  { eventName, args }: Decoded,
): AdjudicatorEvent | undefined {
  if (eventName === "Deposited") {
    const asset = parseAddress(args.asset);
    if (!asset.ok) return undefined;
    const channelId = args.destination as ChannelId;
    const holdings = args.destinationHoldings;
    return { type: "Deposited", position, channelId, asset: asset.value, holdings };
  }
  const channelId = args.channelId as ChannelId;
  switch (eventName) {
    case "AllocationUpdated": {
      const { initialHoldings, finalHoldings } = args;
      const assetIndex = Number(args.assetIndex);
      const amounts = { initialHoldings, finalHoldings };
      return { type: eventName, position, channelId, assetIndex, ...amounts, indices: undefined };
    }
    case "Concluded":
      return { type: eventName, position, channelId, finalizesAtSec: args.finalizesAt };
    case "ChallengeRegistered": {
      const candidate = signedOf(args.candidate);
      const proof = args.proof.map(signedOf);
      const finalizesAtSec = args.finalizesAt;
      return { type: eventName, position, channelId, finalizesAtSec, candidate, proof };
    }
    case "ChallengeCleared":
    case "Checkpointed":
      return {
        type: eventName,
        position,
        channelId,
        newTurnNumRecord: args.newTurnNumRecord,
        shown: undefined,
      };
    case "Reclaimed": {
      const assetIndex = Number(args.assetIndex);
      return { type: eventName, position, channelId, assetIndex, reclaim: undefined };
    }
    default:
      return unreachable(eventName);
  }
}

/** A state in the words of the contract. */
export type DecodedSigned = {
  readonly variablePart: Omit<VariablePart, "outcome"> & {
    readonly outcome: readonly { readonly asset: Hex }[];
  };
  readonly sigs: readonly { readonly v: number; readonly r: Hex; readonly s: Hex }[];
};

/** The state in the words of this program. */
export function signedOf({ variablePart, sigs }: DecodedSigned): SignedVariablePart {
  const { appData, isFinal, turnNum } = variablePart;
  // Addresses come with checksum capitals.
  const outcome = variablePart.outcome.map((exit) => ({
    ...exit,
    asset: exit.asset.toLowerCase(),
  })) as unknown as VariablePart["outcome"];
  return { variablePart: { outcome, appData, turnNum, isFinal }, signatures: sigs.map(joined) };
}

function joined({ v, r, s }: DecodedSigned["sigs"][number]): Hex {
  return `0x${r.slice(2)}${s.slice(2)}${v.toString(16).padStart(2, "0")}`;
}

function positionOf(log: RpcLog): LogPosition | undefined {
  const { blockHash, transactionHash } = log;
  const blockNumber = quantity(log.blockNumber);
  const transactionIndex = quantity(log.transactionIndex);
  const logIndex = quantity(log.logIndex);
  if (blockNumber === undefined || transactionIndex === undefined || logIndex === undefined) {
    return undefined;
  }
  if (!isHash(blockHash) || !isHash(transactionHash)) return undefined;
  return { blockNumber, blockHash, transactionIndex, logIndex, transactionHash };
}

function isHash(value: unknown): value is Hash {
  return isHex(value, 32);
}

/** Numbers in JSON-RPC: hex without leading zeros. */
const QUANTITY = /^0x[0-9a-f]{1,13}$/;

function quantity(text: unknown): number | undefined {
  return typeof text === "string" && QUANTITY.test(text) ? Number(text) : undefined;
}
