/** Stories of ledger and virtual channels: who shares what with whom, and who wants which channel. */
import type { Profile } from "../src/channel/channel-use.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import { assertDefined } from "../src/primitives/assert.ts";

/** Who shares ledger channels with whom, the leader first, and the ways that lead over them. */
export type Town = {
  readonly size: number;
  readonly ledgers: readonly (readonly [number, number])[];
  readonly routes: readonly (readonly number[])[];
};

/** One payment that somebody wants to make in a virtual channel. */
export type WishedPayment = {
  /** From the last participant to the first, rather than the other way. */
  readonly isBack: boolean;
  /** Number of the asset in the channel, from 0, counted over and over. */
  readonly asset: number;
  readonly amount: bigint;
};

/** One virtual channel that somebody wants. */
export type Wish = {
  /** Number of the way in the town, from 0, counted over and over. */
  readonly route: number;
  /** What the first and the last participant put in, of each asset. */
  readonly left: bigint;
  readonly right: bigint;
  /** Assets in the channel: 1, or all that the ledgers hold. */
  readonly isOfAllAssets: boolean;
  /** Who closes it, by place on the way, counted over and over. */
  readonly closer: number;
  /** Closed as soon as it is open; otherwise when everything else has come to rest. */
  readonly isShort: boolean;
  /** Who gives it up on the way, by place; undefined when nobody does. */
  readonly gaveUpBy: number | undefined;
  /** What is paid in it, in this order. */
  readonly payments: readonly WishedPayment[];
  /** Nobody waits with paying until earlier payments have arrived, nor with closing until all are made. */
  readonly isHasty: boolean;
};

/** A whole story. */
export type Story = {
  readonly town: Town;
  readonly profile: Profile;
  /** Assets of every ledger channel: 1 or 2. */
  readonly assets: number;
  /** What each side puts into a ledger channel, of each asset. */
  readonly deposit: bigint;
  /** What each intermediary asks. */
  readonly fee: bigint;
  readonly wishes: readonly Wish[];
  /** Of 16 new channels, about so many find a node that wants no part in them. */
  readonly refusedOf16: number;
  /** Of 64 steps, about so many are a restart; as many are old messages that are heard again. */
  readonly restartsOf64: number;
  /** Where the order comes from. */
  readonly seed: number;
  /** Channels that are open or on their way at once, at most. */
  readonly openMax: number;
};

/** Ways between three to five people, led by one or the other. */
export const TOWNS: readonly Town[] = [
  town(
    3,
    [
      [0, 1],
      [1, 2],
    ],
    [
      [0, 1, 2],
      [2, 1, 0],
    ],
  ),
  town(
    3,
    [
      [1, 0],
      [1, 2],
    ],
    [
      [0, 1, 2],
      [2, 1, 0],
    ],
  ),
  town(
    3,
    [
      [0, 1],
      [2, 1],
    ],
    [
      [0, 1, 2],
      [2, 1, 0],
    ],
  ),
  town(
    3,
    [
      [0, 1],
      [1, 0],
      [1, 2],
      [2, 1],
    ],
    [
      [0, 1, 2],
      [2, 1, 0],
    ],
  ),
  town(
    4,
    [
      [0, 1],
      [2, 1],
      [2, 3],
    ],
    [
      [0, 1, 2, 3],
      [3, 2, 1, 0],
      [0, 1, 2],
      [3, 2, 1],
    ],
  ),
  town(
    3,
    [
      [0, 1],
      [1, 2],
      [2, 0],
    ],
    [
      [0, 1, 2],
      [1, 2, 0],
      [2, 0, 1],
      [2, 1, 0],
    ],
  ),
  town(
    5,
    [
      [0, 1],
      [2, 0],
      [0, 3],
      [4, 0],
    ],
    [
      [1, 0, 2],
      [2, 0, 3],
      [3, 0, 4],
      [4, 0, 1],
      [3, 0, 1],
    ],
  ),
];

/** Two people over one hub. */
export const LINE: Town = assertDefined(TOWNS[2], "a line");

function town(size: number, ledgers: Town["ledgers"], routes: Town["routes"]): Town {
  return { size, ledgers, routes };
}

/** The asset with this number; 0 is the chain's own coin. */
export const assetAt = (index: number): Address =>
  index === 0 ? ZERO_ADDRESS : (`0x${"c0".repeat(19)}0${index}` as Address);
