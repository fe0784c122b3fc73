/** The search for the cheapest way through ledgers, backwards from the payee, where no fee is added yet. */

import type { ChannelId } from "../channel/channel-id.ts";
import { INTERMEDIARIES_MAX } from "../channel/channel-use.ts";
import type { GuaranteeShares } from "../channel/ledger-proposal.ts";
import type { Address } from "../crypto/address.ts";
import { assert, assertDefined } from "../primitives/assert.ts";
import type { KnownLedger, LedgerCapacity, RouteRequest } from "./route-ledgers.ts";

/** One ledger, crossed in one direction, that has enough for the shares. */
export type Hop = {
  readonly ledgerId: ChannelId;
  readonly left: Address;
  /** What the left side asks for its part; nothing where it is the one who pays. */
  readonly fee: bigint;
  /** What the left side has beyond its share, of the first asset: the fees that it can pass on. */
  readonly spare: bigint;
};

/** All hops that lead into a participant. */
export type HopsInto = ReadonlyMap<Address, readonly Hop[]>;

/** A way to the payee: a hop, and the way on from its right side. The payee's own has no hop. */
export type Way = {
  readonly from: Address;
  /** The fees of all intermediaries on it, the first participant's own included. */
  readonly fees: bigint;
  readonly hop: Hop | undefined;
  readonly next: Way | undefined;
};

/** The hops that ledgers of the right profile allow, by the participant whom they lead into. */
export function hopsInto(ledgers: readonly KnownLedger[], request: RouteRequest): HopsInto {
  const hops = new Map<Address, Hop[]>();
  for (const ledger of ledgers) {
    if (ledger.profile !== request.profile) continue;
    for (const leftPlace of [0, 1] as const) {
      const hop = hopOf(ledger, leftPlace, request);
      if (hop === undefined) continue;
      const right = ledger.participants[1 - leftPlace] as Address;
      const others = hops.get(right);
      if (others === undefined) hops.set(right, [hop]);
      else others.push(hop);
    }
  }
  return hops;
}

/** Undefined where one of the shares is not covered. */
function hopOf(
  ledger: KnownLedger,
  leftPlace: 0 | 1,
  { me, shares }: RouteRequest,
): Hop | undefined {
  const [first] = shares;
  const firstAsset = assertDefined(first, "a share of a first asset");
  if (!shares.every((share) => covers(ledger, leftPlace, share))) return undefined;
  const { fees, free } = assertDefined(capacityOf(ledger, firstAsset.asset), "what covers a share");
  const left = ledger.participants[leftPlace];
  const fee = left === me ? 0n : fees[leftPlace];
  assert(fee >= 0n, "a fee is 0 or more");
  return { ledgerId: ledger.ledgerId, left, fee, spare: free[leftPlace] - firstAsset.left };
}

function covers(
  ledger: KnownLedger,
  leftPlace: 0 | 1,
  { asset, left, right }: GuaranteeShares,
): boolean {
  const free = capacityOf(ledger, asset)?.free;
  if (free === undefined) return false;
  const [first, second] = free;
  return leftPlace === 0 ? first >= left && second >= right : second >= left && first >= right;
}

function capacityOf({ capacities }: KnownLedger, asset: Address): LedgerCapacity | undefined {
  return capacities.find((capacity) => capacity.asset === asset);
}

/** Where a way begins and ends. */
export type Ends = { readonly me: Address; readonly payee: Address };

/**
 * The cheapest way with 1 to `INTERMEDIARIES_MAX` intermediaries; undefined where there is none.
 *
 * Ways grow by one hop at a time, from the payee towards me. Of those from one participant with as many
 * hops only the best goes on, and only if no shorter one was as cheap: less to pass on never needs
 * more capacity before it. So nobody is on the found way twice: without the loop it would be shorter.
 */
export function cheapestWay(hops: HopsInto, { me, payee }: Ends): Way | undefined {
  let best: Way | undefined;
  let ways: readonly Way[] = [{ from: payee, fees: 0n, hop: undefined, next: undefined }];
  const least = new Map<Address, bigint>([[payee, 0n]]);

  for (let intermediaries = 0; intermediaries <= INTERMEDIARIES_MAX; intermediaries++) {
    const longer = oneHopLonger(ways, hops);
    const mine = longer.get(me);
    longer.delete(me);
    // A ledger that I share with the payee is no way for a virtual channel.
    if (intermediaries > 0 && isCheaperThan(best?.fees, mine)) best = mine;
    ways = [...longer.values()].filter(
      (way) => isCheaperThan(least.get(way.from), way) && isCheaperThan(best?.fees, way),
    );
    for (const { fees, from } of ways) least.set(from, fees);
  }
  return best;
}

function isCheaperThan(fees: bigint | undefined, way: Way | undefined): boolean {
  return way !== undefined && (fees === undefined || way.fees < fees);
}

/** The best way from each participant who is one hop before these. */
function oneHopLonger(ways: readonly Way[], hops: HopsInto): Map<Address, Way> {
  const best = new Map<Address, Way>();
  for (const next of ways) {
    for (const hop of hops.get(next.from) ?? []) {
      if (hop.spare < next.fees) continue;
      const way = { from: hop.left, fees: next.fees + hop.fee, hop, next };
      const other = best.get(hop.left);
      if (other === undefined || isBetter(way, other)) best.set(hop.left, way);
    }
  }
  return best;
}

/** Of two ways with as many hops: the cheaper one, or the one whose ledger ids are lower. */
function isBetter(one: Way, other: Way): boolean {
  if (one.fees !== other.fees) return one.fees < other.fees;
  let [mine, theirs]: (Way | undefined)[] = [one, other];
  while (mine?.hop !== undefined && theirs?.hop !== undefined) {
    if (mine.hop.ledgerId !== theirs.hop.ledgerId) return mine.hop.ledgerId < theirs.hop.ledgerId;
    mine = mine.next;
    theirs = theirs.next;
  }
  return false;
}
