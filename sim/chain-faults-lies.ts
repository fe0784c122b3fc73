/** An endpoint that gives blocks other hashes than they have, and sticks to it: a lie that only a second one uncovers. */
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import { type Hex, isHex, toHex } from "../src/primitives/hex.ts";
import { quantity } from "./block-parameters.ts";
import { drawBytes } from "./keyed-random.ts";

/** Who lies. The same liar gives the same block the same hash in every run and on every chain. */
export type Liar = { readonly seed: number; readonly key: string };

/** Blocks, from the newest on, among which a hash that the liar made up is looked for. */
const BLOCKS_SEARCHED = 256;

/** An answer with every hash of a block replaced. */
export function hashesOfLiar(liar: Liar, answer: unknown): unknown {
  if (Array.isArray(answer)) return answer.map((one) => hashesOfLiar(liar, one));
  if (typeof answer !== "object" || answer === null) return answer;
  const { blockHash, blockNumber, hash, number, parentHash } = answer as Fields;
  if (typeof number === "string" && isHex(hash) && isHex(parentHash)) {
    const own = Number(number);
    return { ...answer, hash: lie(liar, own), parentHash: lie(liar, own - 1) };
  }
  const isInBlock = isHex(blockHash) && typeof blockNumber === "string";
  return isInBlock ? { ...answer, blockHash: lie(liar, Number(blockNumber)) } : answer;
}

/** What is asked, with every hash that the liar made up replaced by the true one. */
export async function hashesInParams(
  liar: Liar,
  rpc: EthereumRpc,
  params: readonly unknown[],
): Promise<readonly unknown[]> {
  const text = JSON.stringify(params);
  if (!/"0x[0-9a-f]{64}"/.test(text)) return params;
  const head = Number(await rpc.request("eth_blockNumber", []));
  for (let number = head; number >= Math.max(0, head - BLOCKS_SEARCHED); number--) {
    const made = lie(liar, number);
    if (!text.includes(made)) continue;
    const block = await rpc.request("eth_getBlockByNumber", [quantity(number), false]);
    const { hash } = block as { readonly hash: Hex };
    return JSON.parse(text.replaceAll(made, hash)) as readonly unknown[];
  }
  return params;
}

type Fields = Readonly<Record<string, unknown>>;

function lie({ key, seed }: Liar, number: number): Hex {
  return toHex(drawBytes(seed, "lie", key, number));
}
