/** Ledgers and people for tests of routes. */

import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Profile } from "../src/channel/channel-use.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { KnownLedger, RouteRequest } from "../src/protocols/route-ledgers.ts";

/** The chain's own coin, and a token. */
export const COIN: Address = ZERO_ADDRESS;
export const TOKEN: Address = `0x${"70".repeat(20)}` as Address;

/** A participant by number; 0 is me, and 1 is the payee. */
export const person = (number: number): Address =>
  `0x${(number + 1).toString(16).padStart(40, "0")}` as Address;
export const ME: Address = person(0);
export const PAYEE: Address = person(1);
export const IRENE: Address = person(2);
export const IVAN: Address = person(3);
export const ISAAC: Address = person(4);

/** The id of a ledger by number. A lower number is a lower id. */
export const ledgerId = (number: number): ChannelId =>
  `0xc1${number.toString(16).padStart(62, "0")}` as ChannelId;

/** One amount for each participant, in their order. */
export type Pair = readonly [bigint, bigint];

/** A ledger with this much coin, and fees of each participant. */
export function ledger(
  number: number,
  participants: readonly [Address, Address],
  free: Pair,
  fees: Pair = [0n, 0n],
): KnownLedger {
  const capacities = [{ asset: COIN, free, fees }];
  return { ledgerId: ledgerId(number), participants, profile: "enforceable", capacities };
}

/** A channel to the payee with these shares of coin. */
export const wants = (
  left: bigint,
  right = 0n,
  profile: Profile = "enforceable",
): RouteRequest => ({
  me: ME,
  payee: PAYEE,
  profile,
  shares: [{ asset: COIN, left, right }],
});

/** Me over everybody to the payee, each with 100 on both sides. All ask the same fee. */
export function line(intermediaries: number, firstNumber = 0, fee = 0n): readonly KnownLedger[] {
  const people = [ME, ...Array.from({ length: intermediaries }, (_, at) => person(10 + at)), PAYEE];
  return people.slice(1).map((right, at) => {
    const left = people[at] as Address;
    return ledger(firstNumber + at, [left, right], [100n, 100n], [fee, 0n]);
  });
}
