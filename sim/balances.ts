/** What each actor owns on chain, before and after a run. */
import { balanceOfCall, decodeTokenAmount } from "../src/chain/erc20.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hex } from "../src/primitives/hex.ts";
import type { ActorName } from "./actors.ts";
import { type Asset, ETH } from "./assets.ts";
import { addressOf, type SimulatedChain } from "./simulated-chain.ts";

/** Amounts by the symbol of their asset, in its smallest unit. */
export type Amounts = Readonly<Record<string, bigint>>;

/** An actor's wallet. What is inside channels is not in it. */
export type Balances = {
  readonly name: ActorName;
  readonly before: Amounts;
  readonly after: Amounts;
};

/** Reads the wallets now, as `before`. */
export async function readBalances(
  chain: SimulatedChain,
  cast: readonly ActorName[],
): Promise<readonly Balances[]> {
  const balances: Balances[] = [];
  for (const name of cast) {
    const before: Record<string, bigint> = {};
    for (const asset of [ETH, chain.token]) {
      before[asset.symbol] = await balanceOf(chain, addressOf(name), asset);
    }
    balances.push({ name, before, after: {} });
  }
  return balances;
}

/** What an account owns of an asset now, in its smallest unit. */
export async function balanceOf(
  chain: SimulatedChain,
  owner: Address,
  asset: Asset,
): Promise<bigint> {
  const { rpc } = chain.local;
  if (asset === ETH) return BigInt((await rpc.request("eth_getBalance", [owner, "latest"])) as Hex);
  const { data, to } = balanceOfCall(asset.address, owner);
  return decodeTokenAmount((await rpc.request("eth_call", [{ to, data }, "latest"])) as Hex);
}
