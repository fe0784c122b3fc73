/** Routes of virtual channels: over whose ledgers one is opened, and what the intermediaries get. */

import type { ChannelId } from "../channel/channel-id.ts";
import { INTERMEDIARIES_MAX } from "../channel/channel-use.ts";
import { AMOUNT_MAX } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { KnownLedger, RouteRequest } from "./route-ledgers.ts";
import { cheapestWay, hopsInto, type Way } from "./route-search.ts";

/** The participants between the first and the last one, in their order, and what each gets. */
export type Intermediaries = {
  /** 1 to `INTERMEDIARIES_MAX`, all different. */
  readonly intermediaries: readonly Address[];
  /** One for each, of the channel's first asset, in its smallest unit. */
  readonly fees: readonly bigint[];
};

/** A way that can be asked for. Which ledger carries a hop of others is for those two to say. */
export type Route = Intermediaries & {
  /** My ledger with the first intermediary. */
  readonly ledgerId: ChannelId;
};

/** Why there is no route. The user is at fault, or has to wait; nothing was asked of anybody. */
export type RouteRejection =
  /** The ledgers that this node knows do not lead there, or are too small. */
  | { readonly code: "NoRoute" }
  /** Not from 1 to `INTERMEDIARIES_MAX`. */
  | { readonly code: "IntermediaryCountOutOfRange"; readonly count: number }
  /** Somebody would be there twice, and would guarantee to herself. */
  | { readonly code: "RouteParticipantTwice"; readonly participant: Address }
  /** Another number of fees than of intermediaries. */
  | { readonly code: "FeesNotPerIntermediary"; readonly count: number }
  /** Not from 0 to `AMOUNT_MAX`. */
  | { readonly code: "FeeOutOfRange"; readonly fee: bigint }
  /** This node has no ledger of that profile with the first intermediary. */
  | { readonly code: "NoLedgerWithPeer"; readonly peer: Address }
  /** None of the ledgers with the first intermediary has enough on both sides. */
  | { readonly code: "LedgerTooSmall"; readonly peer: Address };

/**
 * The cheapest route: least fees, then fewest intermediaries, then the lowest ledger ids from the
 * first hop on, so that the same ledgers always give the same route. In every hop the left side has
 * its share and the fees of all intermediaries that follow, the right side its share. Source: ADR 0015.
 */
export function findRoute(
  ledgers: readonly KnownLedger[],
  request: RouteRequest,
): Result<Route, RouteRejection> {
  const { me, payee } = request;
  if (me === payee) return reject({ code: "NoRoute" });
  const way = cheapestWay(hopsInto(ledgers, request), { me, payee });
  return way === undefined ? reject({ code: "NoRoute" }) : accept(routeOf(way));
}

/**
 * Checks a route that the user gave, and finds my ledger for it: the one with the lowest id that has
 * enough. The other hops are not judged: what this node was told of them may be old, and the two whose
 * ledger it is refuse what they cannot carry.
 */
export function checkRoute(
  ledgers: readonly KnownLedger[],
  request: RouteRequest,
  given: Intermediaries,
): Result<Route, RouteRejection> {
  const checked = checkIntermediaries(request, given);
  if (!checked.ok) return checked;
  const { fees, intermediaries } = given;
  const peer = assertDefined(intermediaries[0], "a first intermediary");
  const ours = ledgers.filter(
    ({ participants, profile }) =>
      profile === request.profile &&
      participants.includes(request.me) &&
      participants.includes(peer),
  );
  if (ours.length === 0) return reject({ code: "NoLedgerWithPeer", peer });
  const sum = fees.reduce((total, fee) => total + fee, 0n);
  const [lowest] = (hopsInto(ours, request).get(peer) ?? [])
    .filter(({ spare }) => spare >= sum)
    .map((hop) => hop.ledgerId)
    .sort();
  if (lowest === undefined) return reject({ code: "LedgerTooSmall", peer });
  return accept({ intermediaries, fees, ledgerId: lowest });
}

function checkIntermediaries(
  { me, payee }: RouteRequest,
  { fees, intermediaries }: Intermediaries,
): Result<undefined, RouteRejection> {
  const count = intermediaries.length;
  if (count < 1 || count > INTERMEDIARIES_MAX) {
    return reject({ code: "IntermediaryCountOutOfRange", count });
  }
  const all = [me, ...intermediaries, payee];
  const participant = all.find((one, index) => all.indexOf(one) !== index);
  if (participant !== undefined) return reject({ code: "RouteParticipantTwice", participant });
  if (fees.length !== count) return reject({ code: "FeesNotPerIntermediary", count: fees.length });
  const fee = fees.find((each) => each < 0n || each > AMOUNT_MAX);
  return fee === undefined ? accept(undefined) : reject({ code: "FeeOutOfRange", fee });
}

function routeOf({ hop, next }: Way): Route {
  const intermediaries: Address[] = [];
  const fees: bigint[] = [];
  for (let way = next; way?.hop !== undefined; way = way.next) {
    intermediaries.push(way.hop.left);
    fees.push(way.hop.fee);
  }
  return { ledgerId: assertDefined(hop, "the first hop").ledgerId, intermediaries, fees };
}
