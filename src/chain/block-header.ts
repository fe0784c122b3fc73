/** Blocks as an endpoint names them: by number, by tag or by hash. */
import type { BlockId } from "../channel/holdings.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { type Hex, isHex } from "../primitives/hex.ts";
import { NodeError } from "../primitives/node-error.ts";

/** What a node reads of a block's header. */
export type BlockHeader = BlockId & {
  readonly parentHash: Hash;
  /** Seconds since 1970-01-01 UTC. */
  readonly timestampSec: number;
  /** Wei that each unit of gas in it cost at least. */
  readonly baseFeeWei: bigint;
  /** 256 bytes that tell which contracts cannot have written a log in it; undefined where there are none. */
  readonly logsBloom: Hex | undefined;
};

/** What an endpoint calls its newest, its safe or its final block. */
export type BlockTag = "latest" | "safe" | "finalized";

/** The block with that number or tag; undefined when the endpoint has none. Throws `NodeError`. */
export async function readHeader(
  rpc: EthereumRpc,
  at: number | BlockTag,
): Promise<BlockHeader | undefined> {
  const place = typeof at === "number" ? quantity(at) : at;
  const header = parseHeader(await rpc.request("eth_getBlockByNumber", [place, false]));
  if (header === undefined || typeof at === "string" || header.blockNumber === at) return header;
  throw contradiction(`block ${at} was asked for, and block ${header.blockNumber} came`);
}

/** The number of the block with that tag; undefined for an endpoint that knows no such tag. Throws `NodeError`. */
export async function readNumberOf(rpc: EthereumRpc, tag: BlockTag): Promise<number | undefined> {
  try {
    return (await readHeader(rpc, tag))?.blockNumber;
  } catch (error) {
    if (error instanceof NodeError && error.code === "RpcRefused") return undefined;
    throw error;
  }
}

/** The block with that hash; undefined when the endpoint does not know it. Throws `NodeError`. */
export async function readHeaderOf(rpc: EthereumRpc, hash: Hash): Promise<BlockHeader | undefined> {
  const header = parseHeader(await rpc.request("eth_getBlockByHash", [hash, false]));
  if (header === undefined || header.blockHash === hash) return header;
  throw contradiction(`block ${hash} was asked for, and block ${header.blockHash} came`);
}

/** Answers about the chain that cannot all be true. */
export function contradiction(message: string, data: Record<string, unknown> = {}): NodeError {
  return new NodeError("ChainContradicted", message, { data });
}

/** A number as JSON-RPC writes it. */
export function quantity(value: number | bigint): Hex {
  return `0x${value.toString(16)}`;
}

/** True for two names of the same block. */
export function isSameBlock(one: BlockId, other: BlockId): boolean {
  return one.blockNumber === other.blockNumber && one.blockHash === other.blockHash;
}

/** The name of a block, without the rest of its header. */
export function idOf({ blockHash, blockNumber }: BlockId): BlockId {
  return { blockNumber, blockHash };
}

/** A filter of zeros says nothing: some chains leave it empty. */
const EMPTY_BLOOM = /^0x0*$/;

/** An endpoint in this process may give the same answer again and again: it is parsed once. */
const parsed = new WeakMap<object, BlockHeader>();

function parseHeader(answer: unknown): BlockHeader | undefined {
  if (answer === null || answer === undefined) return undefined;
  const isObject = typeof answer === "object";
  const header = (isObject ? parsed.get(answer) : undefined) ?? headerIn(answer);
  if (isObject) parsed.set(answer, header);
  return header;
}

function headerIn(answer: unknown): BlockHeader {
  const { baseFeePerGas, hash, logsBloom, number, parentHash, timestamp } = answer as Readonly<
    Record<string, unknown>
  >;
  const isWhole = isHex(hash, 32) && isHex(parentHash, 32);
  if (!isWhole || !isQuantity(number) || !isQuantity(timestamp)) {
    throw contradiction("what came is no block", { answer });
  }
  const hasBloom = isHex(logsBloom, 256) && !EMPTY_BLOOM.test(logsBloom);
  return {
    blockNumber: Number(number),
    blockHash: hash as Hash,
    parentHash: parentHash as Hash,
    timestampSec: Number(timestamp),
    baseFeeWei: isQuantity(baseFeePerGas) ? BigInt(baseFeePerGas) : 0n,
    logsBloom: hasBloom ? logsBloom : undefined,
  };
}

function isQuantity(value: unknown): value is Hex {
  return typeof value === "string" && /^0x[0-9a-f]{1,32}$/.test(value);
}
