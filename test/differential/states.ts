/** States of a differential run as honest participants would sign them. */
import type { ContractSignature } from "../../sim/chain/model/ecrecover.ts";
import {
  type Allocation,
  type Exit,
  GUARANTEE,
  hashState,
  type SignedVariablePart,
  type VariablePart,
  ZERO_HASH,
} from "../../sim/chain/model/structs.ts";
import type { TestAccount } from "../../sim/chain/test-account.ts";
import type { Hash } from "../../src/crypto/signature.ts";
import type { Hex } from "../../src/primitives/hex.ts";
import type { Chance } from "./chance.ts";
import type { Channel } from "./channels.ts";
import { CAST } from "./stage.ts";

/** A signature in the contract's form. */
export function contractSignature(signature: Hex): ContractSignature {
  return {
    r: `0x${signature.slice(2, 66)}`,
    s: `0x${signature.slice(66, 130)}`,
    v: BigInt(`0x${signature.slice(130)}`),
  };
}

/** Signs a hash as participants do. */
export function signedBy(account: TestAccount, hash: Hex): ContractSignature {
  return contractSignature(account.signHash(hash as Hash));
}

/** A state signed by these. */
export function signState(
  { channelId }: Channel,
  variablePart: VariablePart,
  signers: readonly TestAccount[],
): SignedVariablePart {
  const hash = hashState(channelId, variablePart);
  return { variablePart, sigs: signers.map((account) => signedBy(account, hash)) };
}

/** The account as a destination. */
export function destinationOf(address: Hex): Hex {
  return `0x${address.slice(2).padStart(64, "0")}`;
}

/** Draws what a channel pays. */
export function drawOutcome(
  chance: Chance,
  channel: Channel,
  others: readonly Channel[],
): readonly Exit[] {
  return channel.assets.map((asset) => {
    const allocations =
      channel.kind === "consensus" || channel.kind === "odd"
        ? drawAllocations(chance, channel, asset, others)
        : endsOf(chance, channel);
    const assetType = chance.isOneIn(20) ? BigInt(chance.below(4)) : 0n;
    const metadata: Hex = chance.isOneIn(20) ? chance.bytes(chance.below(40)) : "0x";
    return { asset, assetMetadata: { assetType, metadata }, allocations };
  });
}

/** The two allocations of a virtual channel. */
export function endsOf(chance: Chance, { kind, signers, total }: Channel): readonly Allocation[] {
  const right =
    kind === "oneWay" && !chance.isOneIn(6) ? 0n : BigInt(chance.below(Number(total) + 1));
  const ends = [signers[0], signers.at(-1)];
  const amounts = [total - right, right];
  return ends.map((end, index) => ({
    destination: end === undefined ? ZERO_HASH : destinationOf(end.address),
    amount: amounts[index] ?? 0n,
    // The payment app wants what ledgers can reclaim; to be paid out directly it must be a simple one.
    allocationType: kind === "payment" ? GUARANTEE : 0n,
    metadata: "0x",
  }));
}

function drawAllocations(
  chance: Chance,
  channel: Channel,
  asset: Hex,
  others: readonly Channel[],
): readonly Allocation[] {
  const owners = channel.signers.map(({ address }) => destinationOf(address));
  const simple = owners.map((destination) => allocation(destination, drawAmount(chance)));
  const more = Array.from({ length: chance.isOneIn(2) ? 0 : chance.below(4) }, () =>
    drawExtra(chance, channel, asset, others),
  );
  const all = [...simple, ...more];
  return chance.isOneIn(2) ? all.reverse() : all;
}

function allocation(destination: Hex, amount: bigint): Allocation {
  return { destination, amount, allocationType: 0n, metadata: "0x" };
}

function drawAmount(chance: Chance): bigint {
  if (chance.isOneIn(40)) return 2n ** 256n - 1n - BigInt(chance.below(3));
  return chance.isOneIn(5) ? 0n : BigInt(chance.below(150));
}

/** A guarantee for a virtual channel, a payment to another channel or account, or something unheard of. */
function drawExtra(
  chance: Chance,
  channel: Channel,
  asset: Hex,
  others: readonly Channel[],
): Allocation {
  const owners = channel.signers.map(({ address }) => destinationOf(address));
  const virtual = others.filter(
    ({ assets, kind }) => kind !== "consensus" && kind !== "odd" && assets.includes(asset),
  );
  if (virtual.length > 0 && !chance.isOneIn(4))
    return guarantee(chance, owners, chance.pick(virtual));
  const destination = chance.weigh<Hex>([
    [4, chance.pick(others).channelId],
    [3, destinationOf(chance.pick(CAST).address)],
    [
      2,
      destinationOf(
        `0x${chance
          .below(2 ** 31)
          .toString(16)
          .padStart(40, "9")}`,
      ),
    ],
    // A contract that takes no coins, and the built-in ones, of which two refuse.
    [2, destinationOf(channel.fixedPart.appDefinition)],
    [1, destinationOf(`0x${chance.below(11).toString(16).padStart(40, "0")}`)],
  ]);
  const allocationType = chance.isOneIn(4) ? BigInt(chance.below(4)) : 0n;
  const metadata: Hex = chance.isOneIn(5) ? chance.bytes(chance.below(80)) : "0x";
  return { ...allocation(destination, drawAmount(chance)), allocationType, metadata };
}

function guarantee(chance: Chance, owners: readonly Hex[], target: Channel): Allocation {
  const [left = ZERO_HASH, right = ZERO_HASH] = chance.isOneIn(3) ? owners.toReversed() : owners;
  const metadata = chance.weigh<Hex>([
    [12, `0x${left.slice(2)}${right.slice(2)}`],
    [1, `0x${left.slice(2)}${chance.bytes(32).slice(2)}`],
    [1, chance.bytes(chance.below(80))],
  ]);
  const amount = chance.isOneIn(8) ? target.total + 1n : target.total;
  return { destination: target.channelId, amount, allocationType: GUARANTEE, metadata };
}
