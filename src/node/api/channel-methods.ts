/** Methods that look at channels, open them, and change them. */
import { z } from "zod";
import type { Channel } from "../../channel/channel.ts";
import type { Profile } from "../../channel/channel-use.ts";
import { type Address, ZERO_ADDRESS } from "../../crypto/address.ts";
import { nodeAt, reconstructChannel } from "../../engine/reconstruction.ts";
import { accept } from "../../primitives/result.ts";
import { type ApiResult, fault } from "./api-error.ts";
import {
  address,
  amount,
  askedView,
  channelView as channelSchema,
  count,
  durationSec,
  hash,
  next,
  once,
  openedView,
  page,
  profile,
  sharesList,
} from "./api-schemas.ts";
import type { ChannelView, NodeMethods, OpenParams } from "./api-types.ts";
import {
  addressIn,
  ask,
  askToOpen,
  CHALLENGE_DURATION_SEC,
  channelIdIn,
  onceOf,
  outcomeOf,
} from "./asking.ts";
import { EXAMPLE } from "./examples.ts";
import type { ApiContext, MethodsOf } from "./method.ts";
import { pageOf } from "./page.ts";
import { channelView, shownPhase } from "./views.ts";

type Names =
  | "channels_list"
  | "channels_get"
  | "channels_open_direct"
  | "channels_open_ledger"
  | "channels_open_virtual"
  | "channels_close"
  | "channels_dispute"
  | "channels_top_up"
  | "channels_withdraw"
  | "fees_list";

const opening = {
  ...once,
  peer: address,
  shares: sharesList,
  challengeDurationSec: durationSec.optional(),
};

const ofChannel = { ...once, channelId: hash };

const shareOfCoin = { asset: EXAMPLE.coin, mine: "1000", theirs: "0" };

/** The methods by name. */
export const channelMethods: MethodsOf<Pick<NodeMethods, Names>> = {
  channels_list: {
    scope: "read",
    summary: "lists channels, now or after the first so many events",
    description:
      "By id, in pages. `peer` leaves those of one participant, `use` and `phase` those of one kind.",
    params: z.strictObject({
      ...page,
      use: z.enum(["Direct", "MessageLog", "Ledger", "Virtual"]).optional(),
      phase: z
        .enum(["Funding", "Running", "Closing", "Finalized", "Disputed", "Concluded"])
        .optional(),
      peer: address.optional(),
      offset: count.optional(),
    }),
    result: z.strictObject({ channels: z.array(channelSchema), next }),
    errors: ["NotFound"],
    example: { use: "Ledger", phase: "Running", limit: 10 },
    run: async ({ offset, ...wanted }, context) => {
      const { engine } = context.node;
      if (offset === undefined) return accept(pageOfChannels(engine.channels(), wanted));
      const past = await channelsAt(context, offset);
      return past.ok ? accept(pageOfChannels(past.value, wanted)) : past;
    },
  },
  channels_get: {
    scope: "read",
    summary: "tells of one channel, now or after the first so many events",
    params: z.strictObject({ channelId: hash, offset: count.optional() }),
    result: channelSchema,
    errors: ["NotFound"],
    example: { channelId: EXAMPLE.channelId },
    run: (params, context) => findChannel(context, params),
  },
  channels_open_direct: {
    scope: "manage",
    summary: "opens a channel with a peer, whose updates both sign, and funds it on the chain",
    params: z.strictObject(opening),
    result: openedView,
    errors: ["Refused", "KeyReused"],
    example: { peer: EXAMPLE.peer, shares: [shareOfCoin] },
    run: (params, context) =>
      open(context, "channels_open_direct", params, context.node.deployment.consensusApp),
  },
  channels_open_ledger: {
    scope: "manage",
    summary: "opens a ledger channel with a peer, which funds virtual channels",
    description: "`profile` is the peer's own where absent: `go-nitro` for a node of that program.",
    params: z.strictObject({ ...opening, profile: profile.optional() }),
    result: openedView,
    errors: ["Refused", "KeyReused"],
    example: { peer: EXAMPLE.hub, shares: [shareOfCoin] },
    run: (params, context) => {
      const kind = params.profile ?? context.profileOf(addressIn(params.peer));
      return open(context, "channels_open_ledger", params, ledgerApp(context, kind));
    },
  },
  channels_open_virtual: {
    scope: "manage",
    summary: "opens a channel over intermediaries, without a transaction",
    description:
      "The cheapest known route is taken where no intermediaries are named. `mine` is what this node puts in, `theirs` what the payee does.",
    params: z.strictObject({
      ...once,
      payee: address,
      shares: sharesList,
      intermediaries: z.array(address).max(10).optional(),
      fees: z.array(amount).max(10).optional(),
      ledgerId: hash.optional(),
      profile: profile.optional(),
      challengeDurationSec: durationSec.optional(),
    }),
    result: openedView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { payee: EXAMPLE.peer, shares: [shareOfCoin], intermediaries: [EXAMPLE.hub] },
    run: openVirtual,
  },
  channels_close: {
    scope: "manage",
    summary: "closes a channel with its newest outcome, and pays it out or frees what funds it",
    params: z.strictObject(ofChannel),
    result: askedView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId },
    run: (params, context) => {
      const channelId = channelIdIn(params.channelId);
      const isVirtual = context.node.engine.channel(channelId)?.use.type === "Virtual";
      const type = isVirtual ? "DefundVirtually" : "DefundDirectly";
      return ask(context, { type, channelId }, onceOf("channels_close", params));
    },
  },
  channels_dispute: {
    scope: "manage",
    summary: "lets the chain decide what a channel pays, for when others do not answer",
    params: z.strictObject(ofChannel),
    result: askedView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId },
    run: (params, context) =>
      ask(
        context,
        { type: "Dispute", channelId: channelIdIn(params.channelId) },
        onceOf("channels_dispute", params),
      ),
  },
  channels_top_up: {
    scope: "manage",
    summary: "deposits more into a running ledger channel",
    params: z.strictObject({ ...ofChannel, asset: address, amount }),
    result: askedView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId, asset: EXAMPLE.coin, amount: "1000" },
    run: (params, context) => {
      const { asset, channelId } = params;
      const top = { asset: addressIn(asset), amount: BigInt(params.amount) };
      const request = { type: "TopUp", channelId: channelIdIn(channelId), ...top } as const;
      return ask(context, request, onceOf("channels_top_up", params));
    },
  },
  channels_withdraw: {
    scope: "manage",
    summary: "pays part of a running ledger channel out, to both as it says",
    params: z.strictObject({ ...ofChannel, amounts: sharesList }),
    result: askedView,
    errors: ["Refused", "NotFound", "KeyReused"],
    example: { channelId: EXAMPLE.channelId, amounts: [shareOfCoin] },
    run: withdraw,
  },
  fees_list: {
    scope: "read",
    summary: "lists what virtual channels give to their intermediaries, this node among them",
    params: z.strictObject(page),
    result: z.strictObject({
      fees: z.array(
        z.strictObject({ channelId: hash, asset: address, earned: amount, given: amount }),
      ),
      next,
    }),
    errors: [],
    example: { limit: 10 },
    run: (where, { node }) => {
      const paid = node.engine.channels().filter(hasFees);
      const { items, next: following } = pageOf(paid, ({ id }) => id, where);
      return accept({ fees: items.map(feesOf), next: following });
    },
  },
};

type Wanted = Omit<NodeMethods["channels_list"]["params"], "offset">;

function pageOfChannels(
  all: readonly Channel[],
  { peer, phase, use, ...where }: Wanted,
): NodeMethods["channels_list"]["result"] {
  const member = peer === undefined ? undefined : addressIn(peer);
  const wanted = all
    .filter((one) => use === undefined || one.use.type === use)
    .filter(({ fixedPart }) => member === undefined || fixedPart.participants.includes(member))
    .filter((one) => phase === undefined || shownPhase(one) === phase);
  const { items, next: following } = pageOf(wanted, ({ id }) => id, where);
  return { channels: items.map(channelView), next: following };
}

async function channelsAt(
  { node, past }: ApiContext,
  offset: number,
): Promise<ApiResult<readonly Channel[]>> {
  const { snapshots, store } = node;
  if (offset > store.length) return fault("NotFound", { length: store.length });
  return past.enter(async () => {
    const channels = await (await nodeAt(store, offset, snapshots)).list("channels");
    return accept([...channels.values()]);
  });
}

async function findChannel(
  { node, past }: ApiContext,
  params: { readonly channelId: string; readonly offset?: number | undefined },
): Promise<ApiResult<ChannelView>> {
  const { engine, snapshots, store } = node;
  const channelId = channelIdIn(params.channelId);
  const { offset } = params;
  const told = (found: Channel | undefined): ApiResult<ChannelView> =>
    found === undefined ? fault("NotFound", { channelId }) : accept(channelView(found));
  if (offset === undefined) return told(engine.channel(channelId));
  if (offset > store.length) return fault("NotFound", { length: store.length });
  return past.enter(async () =>
    told(await reconstructChannel(store, channelId, offset, snapshots)),
  );
}

function ledgerApp({ node }: ApiContext, kind: Profile): Address {
  const { goNitroLedgerApp, ledgerApp: ours } = node.deployment;
  return kind === "go-nitro" ? goNitroLedgerApp : ours;
}

function open(context: ApiContext, method: string, params: OpenParams, appDefinition: Address) {
  const participants = [context.node.address, addressIn(params.peer)] as const;
  const { challengeDurationSec = CHALLENGE_DURATION_SEC, shares } = params;
  return askToOpen(
    context,
    {
      type: "FundDirectly",
      participants,
      outcome: outcomeOf(shares, participants),
      appDefinition,
      appData: "0x",
      challengeDurationSec,
    },
    onceOf(method, params),
  );
}

function openVirtual(
  params: NodeMethods["channels_open_virtual"]["params"],
  context: ApiContext,
): ReturnType<typeof askToOpen> {
  const { challengeDurationSec = CHALLENGE_DURATION_SEC, fees, intermediaries, ledgerId } = params;
  const [first] = intermediaries ?? [];
  const kind = params.profile ?? (first && profileTowards(context, addressIn(first)));
  return askToOpen(
    context,
    {
      type: "FundVirtually",
      payee: addressIn(params.payee),
      route: intermediaries && {
        intermediaries: intermediaries.map(addressIn),
        fees: fees?.map(BigInt) ?? intermediaries.map(() => 0n),
      },
      ledgerId: ledgerId === undefined ? undefined : channelIdIn(ledgerId),
      shares: params.shares.map(({ asset, mine, theirs }) => ({
        asset: addressIn(asset),
        left: BigInt(mine),
        right: BigInt(theirs),
      })),
      appDefinition: kind === "go-nitro" ? ZERO_ADDRESS : context.node.deployment.paymentApp,
      challengeDurationSec,
    },
    onceOf("channels_open_virtual", params),
  );
}

/** The rules of the ledger channels that this node has with a peer; its own where there are none. */
export function profileTowards({ node, profileOf }: ApiContext, peer: Address): Profile {
  const ledgers = node.engine
    .channels()
    .filter(({ fixedPart, use }) => use.type === "Ledger" && fixedPart.participants.includes(peer));
  const kinds = new Set(
    ledgers.map(({ use }) => (use.type === "Ledger" ? use.profile : undefined)),
  );
  const [only] = kinds;
  return kinds.size === 1 && only !== undefined ? only : profileOf(peer);
}

async function withdraw(
  params: NodeMethods["channels_withdraw"]["params"],
  context: ApiContext,
): ReturnType<typeof ask> {
  const channelId = channelIdIn(params.channelId);
  const isLeader = context.node.engine.channel(channelId)?.myIndex !== 1;
  const amounts = params.amounts.map(({ asset, mine, theirs }) => {
    const [leader, follower] = isLeader ? [mine, theirs] : [theirs, mine];
    return { asset: addressIn(asset), leader: BigInt(leader), follower: BigInt(follower) };
  });
  return ask(
    context,
    { type: "Withdraw", channelId, amounts },
    onceOf("channels_withdraw", params),
  );
}

const hasFees = ({ use }: Channel): boolean =>
  use.type === "Virtual" && use.fees.some((fee) => fee > 0n);

function feesOf({ fundingOutcome, id, myIndex, use }: Channel) {
  const fees = use.type === "Virtual" ? use.fees : [];
  const all = fees.reduce((sum, fee) => sum + fee, 0n);
  return {
    channelId: id,
    asset: fundingOutcome[0]?.asset ?? ZERO_ADDRESS,
    earned: `${fees[myIndex - 1] ?? 0n}`,
    given: `${myIndex === 0 ? all : 0n}`,
  };
}
