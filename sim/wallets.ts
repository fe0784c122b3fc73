/** What actors own outside of channels while a story is told. */
import { balanceOfCall, decodeTokenAmount } from "../src/chain/erc20.ts";
import type { Hex } from "../src/primitives/hex.ts";
import type { ActorName } from "./actors.ts";
import { type Asset, ETH } from "./assets.ts";
import type { World } from "./world.ts";

/**
 * What an actor owns of an asset, in its smallest unit, and what she has paid to miners in this run: fees depend
 * on the weather, and no story is about them. Asked through her door to the chain, as her node would, without the
 * faults that her node meets there.
 */
export async function walletOf(world: World, name: ActorName, asset: Asset): Promise<bigint> {
  const rpc = world.door.truthOf(name);
  const { address } = world.node(name);
  if (asset !== ETH) {
    const { data, to } = balanceOfCall(asset.address, address);
    return decodeTokenAmount((await rpc.request("eth_call", [{ to, data }, "latest"])) as Hex);
  }
  const own = world.miner.receipts.filter(({ from }) => from === address);
  const feesWei = own.reduce((sum, { feeWei }) => sum + feeWei, 0n);
  return BigInt((await rpc.request("eth_getBalance", [address, "latest"])) as Hex) + feesWei;
}
