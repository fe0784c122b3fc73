/** The life of a busy node: channels with several peers, payments both ways, now and then an end. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import { externalDestination } from "../src/channel/destination.ts";
import { ALLOCATION_TYPE, type Outcome } from "../src/channel/outcome.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { NodeEvent } from "../src/events/event.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { type Chance, createChance } from "./chance.ts";
import { RECORDING_APP, RecordingNetwork } from "./recording-network.ts";
import type { SignatureKind } from "./recording-signatures.ts";

/** What the node appended at once, and when. */
export type RecordedBatch = { readonly timeMs: number; readonly events: readonly NodeEvent[] };

/** The node whose log it is and six peers of hers; the recorded one is the first. */
const NODES = 7;
const RECORDED = 0;

/** Channels that run at a time, once the log is long: what a shop with regular customers has. */
const CHANNELS = 100;

/** Events after which one more channel may run: the full number is reached at 50,000 events. */
const EVENTS_PER_CHANNEL = 500;

/** Of so many wishes, one ends a channel, and another one opens in its place. */
const WISHES_PER_END = 200;

/** Of so many channels, one has three participants. */
const CHANNELS_PER_CROWD = 5;

/** Of so many channels, one holds a token beside the chain's own coin, and another the token alone. */
const CHANNELS_PER_ASSET_KIND = 3;

/** Of so many channels one is busy at a time: seldom do both sides ask for the same turn. */
const CHANNELS_PER_BUSY = 4;

/** Smallest units that each participant puts in: an amount that does not fit 64 bits, and one that does. */
const DEPOSITS: readonly bigint[] = [25n * 10n ** 18n, 9n * 10n ** 18n];

/** A payment is at most this, in the smallest unit: nobody ever runs out. */
const PAYMENT_MAX: number = 2 ** 32;

/** When the log begins: 2023-11-14T22:13:20Z, in milliseconds since 1970. */
const BEGIN_MS = 1_700_000_000_000;

/** Steps are at most this far apart. */
const STEP_MS_MAX = 20;

const TOKEN = `0x${"c0ffee".repeat(6)}c0ff` as Address;

/**
 * Calls `onBatch` with what the node appends, until that are `length` events; the last batch is cut there.
 * A shorter log is the beginning of a longer one.
 */
export function tellStory(
  length: number,
  onBatch: (batch: RecordedBatch) => void,
  kind: SignatureKind = "stand-in",
): void {
  const chance = createChance(1);
  let told = 0;
  let timeMs = BEGIN_MS;
  const network = new RecordingNetwork(NODES, chance, kind, (node, events) => {
    timeMs += chance.below(STEP_MS_MAX);
    if (node !== RECORDED || told === length) return;
    const kept = events.slice(0, length - told);
    told += kept.length;
    onBatch({ timeMs, events: kept });
  });
  const channels: OpenChannel[] = [];
  while (told < length) {
    const isWishDue =
      network.waiting <= chance.below(1 + Math.ceil(channels.length / CHANNELS_PER_BUSY));
    if (isWishDue) wish({ network, chance, channels }, channelsAt(told));
    else network.act();
  }
}

/** A channel that was asked for and that nobody has asked to end. */
type OpenChannel = { readonly id: ChannelId; readonly participants: readonly number[] };

type Scene = {
  readonly network: RecordingNetwork;
  readonly chance: Chance;
  readonly channels: OpenChannel[];
};

function channelsAt(told: number): number {
  return Math.min(CHANNELS, 2 + Math.floor(told / EVENTS_PER_CHANNEL));
}

/** One user asks for one thing. Some wishes are refused, as in life: the channel is about to end. */
function wish(scene: Scene, channelsWanted: number): void {
  const { chance, channels } = scene;
  if (channels.length < channelsWanted) open(scene);
  else if (chance.below(WISHES_PER_END) === 0) end(scene);
  else pay(scene);
}

function open(scene: Scene): void {
  const { chance, channels, network } = scene;
  const peer = 1 + chance.below(NODES - 1);
  const another = 1 + (peer % (NODES - 1));
  const isCrowd = chance.below(CHANNELS_PER_CROWD) === 0;
  const participants = isCrowd ? [RECORDED, peer, another] : [RECORDED, peer];
  const addresses = participants.map((index) => network.addressOf(index));
  const id = network.open(oneOf(chance, participants), {
    type: "FundDirectly",
    participants: addresses,
    outcome: openingOutcome(chance, addresses),
    appDefinition: RECORDING_APP,
    appData: "0x",
    challengeDurationSec: 86_400,
  });
  channels.push({ id, participants });
}

function openingOutcome(chance: Chance, participants: readonly Address[]): Outcome {
  const kind = chance.below(CHANNELS_PER_ASSET_KIND);
  const assets = [[ZERO_ADDRESS], [ZERO_ADDRESS, TOKEN], [TOKEN]][kind] ?? [];
  return assets.map((asset) => ({
    asset,
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: participants.map((participant, index) => ({
      destination: externalDestination(participant),
      amount: oneOf(chance, DEPOSITS) + BigInt(index),
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x",
    })),
  }));
}

function pay({ chance, channels, network }: Scene): void {
  const { id, participants } = oneOf(chance, channels);
  const by = chance.below(participants.length);
  const node = assertDefined(participants[by], "a participant");
  const supported = network.stateOf(node).channels.get(id)?.supported;
  if (supported === undefined) {
    network.act();
    return;
  }
  const { asset } = oneOf(chance, supported.variablePart.outcome);
  const to = (by + 1 + chance.below(participants.length - 1)) % participants.length;
  const amount = BigInt(1 + chance.below(PAYMENT_MAX));
  const change = { type: "Pay", asset, to, amount } as const;
  network.ask(node, { type: "UpdateChannel", channelId: id, change });
}

function end({ chance, channels, network }: Scene): void {
  const index = chance.below(channels.length);
  const { id, participants } = assertDefined(channels[index], "a channel");
  const node = oneOf(chance, participants);
  if (network.ask(node, { type: "DefundDirectly", channelId: id })) channels.splice(index, 1);
}

function oneOf<Item>(chance: Chance, items: readonly Item[]): Item {
  return assertDefined(items[chance.below(items.length)], "one of the items");
}
