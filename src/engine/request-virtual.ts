/** Turns a user's request about a virtual channel into an objective, or says why not. */
import { type Channel, ledgerOf, phaseOf, supportedState } from "../channel/channel.ts";
import { type ChannelId, channelIdOf } from "../channel/channel-id.ts";
import type { Profile } from "../channel/channel-use.ts";
import { externalDestination } from "../channel/destination.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { freeBalance } from "../channel/ledger-outcome.ts";
import type { GuaranteeShares } from "../channel/ledger-proposal.ts";
import { type ObjectiveId, virtualDefundId, virtualFundId } from "../channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../channel/outcome.ts";
import type { Address } from "../crypto/address.ts";
import { assertDefined } from "../primitives/assert.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import type { Rejection } from "../protocols/rejection.ts";
import { checkRoute, findRoute, type Intermediaries } from "../protocols/route.ts";
import type { KnownLedger } from "../protocols/route-ledgers.ts";
import { crankChannel, findCurrentLedger } from "./crank-channel.ts";
import type { Draft } from "./draft.ts";
import { checkCapacity, findLedger, isOpenLedger } from "./ledger-capacity.ts";
import { NEW_PEER } from "./node-state.ts";
import type { Request } from "./request.ts";
import { checkVirtual, type Rules } from "./rules.ts";
import { amountsOnRight, recordVirtualChannel } from "./virtual-channel.ts";

type Wish = Request & { readonly type: "FundVirtually" };

/** Opens a virtual channel. Its money is set aside before anything is signed. */
export function fundVirtually(
  draft: Draft,
  request: Wish,
  channelNonce: bigint,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const { appDefinition, challengeDurationSec, payee, shares } = request;
  const app = rules.context.appOf(appDefinition);
  if (app?.type !== "Virtual") return reject({ code: "AppNotAllowed" });
  const route = routeFor(draft, request, app.profile, rules);
  if (!route.ok) return route;
  const { fees, intermediaries } = route.value;
  const participants = [rules.me, ...intermediaries, payee];
  const fixedPart: FixedPart = { participants, channelNonce, appDefinition, challengeDurationSec };
  const outcome = outcomeOf(app.profile, rules.me, payee, shares);
  const opening = { fixedPart, outcome, appData: "0x" as const, fees };
  const checked = checkVirtual(opening, rules);
  if (!checked.ok) return checked;
  const channelId = channelIdOf(fixedPart);
  if (draft.tables.channels.get(channelId) !== undefined) return reject({ code: "ChannelIdUsed" });
  const right = firstLedger(draft, request, opening, app.profile);
  if (!right.ok) return right;
  const objectiveId = virtualFundId(channelId);
  const me = { profile: app.profile, myIndex: 0, left: undefined, right: right.value };
  recordVirtualChannel(draft, { ...opening, ...me, channelId });
  draft.record(
    {
      type: "ObjectiveCreated",
      objectiveId,
      channelId,
      goal: { type: "VirtualFund" },
      openedBy: 0,
    },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
  crankChannel(draft, channelId, rules.context);
  return accept(objectiveId);
}

/** Closes a virtual channel that is open. */
export function defundVirtually(
  draft: Draft,
  channelId: ChannelId,
  rules: Rules,
): Result<ObjectiveId, Rejection> {
  const channel = draft.tables.channels.get(channelId);
  if (channel?.use.type !== "Virtual") return reject({ code: "UnknownChannel" });
  const objectiveId = virtualDefundId(channelId);
  if (draft.tables.objectives.get(objectiveId) !== undefined) {
    return reject({ code: "ObjectiveIdUsed" });
  }
  const phase = phaseOf(channel);
  if (phase !== "Running") return reject({ code: "ChannelNotRunning", phase });
  const openedBy = channel.myIndex;
  draft.record(
    { type: "ObjectiveCreated", objectiveId, channelId, goal: { type: "VirtualDefund" }, openedBy },
    { type: "ObjectiveApproved", objectiveId, channelId },
  );
  crankChannel(draft, channelId, rules.context);
  return accept(objectiveId);
}

function routeFor(
  draft: Draft,
  { ledgerId, payee, route, shares }: Wish,
  profile: Profile,
  rules: Rules,
): Result<Intermediaries, Rejection> {
  const request = { me: rules.me, payee, profile, shares };
  // Whoever names both the way and the ledger is taken at her word: the ledger is checked next.
  if (route !== undefined && ledgerId !== undefined) return accept(route);
  const peers = route === undefined ? undefined : route.intermediaries.slice(0, 1);
  const own = ownLedgers(draft, profile, peers, rules);
  return route === undefined
    ? findRoute([...own, ...rules.knownLedgers()], request)
    : checkRoute(own, request, route);
}

/** My ledger channel with the first intermediary: the one that was named, or one that can carry it. */
function firstLedger(
  draft: Draft,
  { ledgerId }: Wish,
  { fees, fixedPart, outcome }: { fixedPart: FixedPart; outcome: Outcome; fees: readonly bigint[] },
  profile: Profile,
): Result<Channel, Rejection> {
  const peer = assertDefined(fixedPart.participants[1], "the first intermediary");
  const amounts = amountsOnRight(outcome, fees, 0);
  const { tables } = draft;
  if (ledgerId === undefined) {
    const { ledgers } = tables.peers.get(peer) ?? NEW_PEER;
    const found = findLedger(tables, ledgers, { profile, peer, amounts });
    return found === undefined ? reject({ code: "LedgerTooSmall", peer }) : accept(found);
  }
  const ledger = findCurrentLedger(tables, ledgerId);
  if (!isOpenLedger(tables, ledger, profile, peer))
    return reject({ code: "NoLedgerWithPeer", peer });
  const capacity = checkCapacity(tables, ledger, amounts);
  return capacity.ok ? accept(ledger) : capacity;
}

/** This node's own ledger channels with some peers, or with all, as routes see them. */
function ownLedgers(
  draft: Draft,
  profile: Profile,
  peers: readonly Address[] | undefined,
  rules: Rules,
): readonly KnownLedger[] {
  const { tables } = draft;
  return (peers ?? rules.peers()).flatMap((peer) =>
    (tables.peers.get(peer) ?? NEW_PEER).ledgers.flatMap((id) => {
      const ledger = tables.channels.get(id);
      return isOpenLedger(tables, ledger, profile, peer) ? [knownLedger(ledger, rules)] : [];
    }),
  );
}

/** A ledger channel as a search for a route takes it. */
export function knownLedger(
  ledger: Channel,
  { feeOf, me }: Pick<Rules, "feeOf" | "me">,
): KnownLedger {
  const { profile } = ledgerOf(ledger);
  const { outcome } = supportedState(ledger).variablePart;
  const [leader, follower] = ledger.fixedPart.participants;
  const participants = [
    assertDefined(leader, "the leader"),
    assertDefined(follower, "the follower"),
  ] as const;
  const feeAt = (index: 0 | 1): bigint =>
    participants[index] === me ? 0n : feeOf(participants[index]);
  const capacities = outcome.map(({ asset }) => ({
    asset,
    free: [
      freeBalance(profile, outcome, 0, asset) ?? 0n,
      freeBalance(profile, outcome, 1, asset) ?? 0n,
    ] as const,
    fees: [feeAt(0), feeAt(1)] as const,
  }));
  return { ledgerId: ledger.id, participants, profile, capacities };
}

function outcomeOf(
  profile: Profile,
  payer: Address,
  payee: Address,
  shares: readonly GuaranteeShares[],
): Outcome {
  const allocationType =
    profile === "enforceable" ? ALLOCATION_TYPE.guarantee : ALLOCATION_TYPE.simple;
  return shares.map(({ asset, left, right }) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [
      { destination: externalDestination(payer), amount: left, allocationType, metadata: "0x" },
      { destination: externalDestination(payee), amount: right, allocationType, metadata: "0x" },
    ],
  }));
}
