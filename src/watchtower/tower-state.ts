/** The state of a watchtower: the fold of its log. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { BlockId } from "../channel/holdings.ts";
import { REORG_DEPTH_MAX } from "../channel/remembered-facts.ts";
import type { Address } from "../crypto/address.ts";
import type { Hash } from "../crypto/signature.ts";
import { assertDefined } from "../primitives/assert.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChainCall, EffectId } from "../protocols/effects.ts";
import { type Appointment, closingOutcome, turnOf } from "./appointment.ts";
import type { CallEvent, ClientEvent, SightEvent, TowerEvent } from "./tower-event.ts";
import {
  expire,
  isExpired,
  seeLog,
  turnBack,
  unseenChannel,
  type WatchedChannel,
} from "./watched-channel.ts";

/** How far a transaction is. */
export type CallStatus = "Requested" | "Signed" | "Succeeded" | "Failed";

/** A transaction of the tower. It is known until its channel is watched no more. */
export type TowerCall = {
  readonly effectId: EffectId;
  readonly channelId: ChannelId;
  readonly call: ChainCall;
  readonly status: CallStatus;
  readonly raw: Hex | undefined;
  readonly transactionHash: Hash | undefined;
  /** Hashes under the same nonce that a dearer one took the place of. */
  readonly earlier: readonly Hash[];
  /** The block that it is in; undefined while it is in none. */
  readonly blockNumber: number | undefined;
};

/** Only `evolveTower` changes it. */
export type TowerState = {
  /** The newest of each client, by channel. No channel without one. */
  readonly appointments: Map<ChannelId, ReadonlyMap<Address, Appointment>>;
  /** What the chain told of each channel with an appointment. */
  readonly channels: Map<ChannelId, WatchedChannel>;
  /** Channels that each client has watched. */
  readonly watchedBy: Map<Address, number>;
  readonly calls: Map<EffectId, TowerCall>;
  readonly chain: TowerChain;
};

/** What the tower knows of the chain as such. */
type TowerChain = {
  /** Confirmed blocks that the log names, the oldest first: a reorganisation is found by them. */
  blocks: readonly BlockId[];
  /** The nonce of the next transaction; undefined before the first. */
  nextNonce: number | undefined;
};

/** A tower to which nothing has happened yet. */
export function createTowerState(): TowerState {
  return {
    appointments: new Map(),
    channels: new Map(),
    watchedBy: new Map(),
    calls: new Map(),
    chain: { blocks: [], nextNonce: undefined },
  };
}

/** Folds one fact. Never refuses: what is on the disk has happened. */
export function evolveTower(state: TowerState, event: TowerEvent): void {
  switch (event.type) {
    case "AppointmentKept":
    case "AppointmentEnded":
      evolveClients(state, event);
      return;
    case "ChainFollowed":
      for (const channel of state.channels.values()) {
        if (isExpired(channel, event.blockTimeSec)) {
          state.channels.set(channel.id, expire(channel, event.block));
        }
      }
      state.chain.blocks = withBlock(state.chain.blocks, event.block);
      return;
    case "ChainTurnedBack":
      turnAllBack(state, event.fork);
      return;
    case "CallRequested":
    case "CallSigned":
    case "CallMined":
    case "CallPointless":
      evolveCalls(state, event);
      return;
    default:
      evolveSight(state, event);
  }
}

/** The appointment of a channel that the chain takes before all others. */
export function bestAppointment(
  { appointments }: TowerState,
  channelId: ChannelId,
): Appointment | undefined {
  const all = [...(appointments.get(channelId)?.values() ?? [])];
  return all.reduce<Appointment | undefined>(
    (best, one) => (best === undefined || turnOf(one) > turnOf(best) ? one : best),
    undefined,
  );
}

/** Transactions that are in no confirmed block yet, and can still get into one. */
export function openCalls({ calls }: TowerState): readonly TowerCall[] {
  return [...calls.values()].filter(isOpen);
}

/** True while the chain may still take it. */
export function isOpen({ status }: TowerCall): boolean {
  return status === "Requested" || status === "Signed";
}

function evolveClients(
  { appointments, calls, channels, watchedBy }: TowerState,
  event: ClientEvent,
) {
  const { channelId, client } = event;
  const kept = new Map(appointments.get(channelId));
  const wasKept = kept.has(client);
  const watched = watchedBy.get(client) ?? 0;
  if (event.type === "AppointmentKept") {
    appointments.set(channelId, kept.set(client, event.appointment));
    if (!channels.has(channelId)) channels.set(channelId, unseenChannel(channelId));
    if (!wasKept) watchedBy.set(client, watched + 1);
    return;
  }
  if (watched <= 1) watchedBy.delete(client);
  else watchedBy.set(client, watched - 1);
  kept.delete(client);
  appointments.set(channelId, kept);
  if (kept.size > 0) return;
  appointments.delete(channelId);
  channels.delete(channelId);
  for (const [effectId, call] of calls) {
    if (call.channelId === channelId && !isOpen(call)) calls.delete(effectId);
  }
}

function evolveSight({ appointments, channels }: TowerState, event: SightEvent): void {
  const { channelId } = event;
  const channel = assertDefined(channels.get(channelId), "a watched channel");
  const known = [...(appointments.get(channelId)?.values() ?? [])].map(closingOutcome);
  const closing = known.find((outcome) => outcome !== undefined);
  channels.set(channelId, seeLog(channel, event, closing));
}

function evolveCalls({ calls, chain, channels }: TowerState, event: CallEvent): void {
  const { channelId, effectId } = event;
  const after = callAfter(calls.get(effectId), event);
  // Of a channel that nobody has watched any more, only what can still be mined is kept.
  if (isOpen(after) || channels.has(channelId)) calls.set(effectId, after);
  else calls.delete(effectId);
  if (event.type === "CallSigned") {
    chain.nextNonce = Math.max(chain.nextNonce ?? 0, event.nonce + 1);
  }
}

function callAfter(before: TowerCall | undefined, event: CallEvent): TowerCall {
  if (event.type === "CallRequested") {
    const { call, channelId, effectId } = event;
    const unsigned = { raw: undefined, transactionHash: undefined, earlier: [] };
    const fresh = { status: "Requested", blockNumber: undefined, ...unsigned } as const;
    return { effectId, channelId, call, ...fresh };
  }
  const known = assertDefined(before, "a call that was asked for");
  if (event.type === "CallSigned") {
    const { raw, transactionHash } = event;
    const { earlier, transactionHash: old } = known;
    const replaced = old === undefined ? earlier : [...earlier, old];
    return { ...known, status: "Signed", raw, transactionHash, earlier: replaced };
  }
  if (event.type === "CallPointless") return { ...known, status: "Failed" };
  const status = event.succeeded ? "Succeeded" : "Failed";
  return { ...known, status, blockNumber: event.block.blockNumber };
}

function turnAllBack({ calls, chain, channels }: TowerState, fork: BlockId): void {
  for (const channel of channels.values()) channels.set(channel.id, turnBack(channel, fork));
  for (const call of calls.values()) {
    if ((call.blockNumber ?? -1) <= fork.blockNumber) continue;
    calls.set(call.effectId, { ...call, status: "Signed", blockNumber: undefined });
  }
  chain.blocks = withBlock(chain.blocks, fork);
}

function withBlock(blocks: readonly BlockId[], block: BlockId): readonly BlockId[] {
  const { blockNumber } = block;
  const recent = blocks.filter(
    (one) => one.blockNumber < blockNumber && one.blockNumber > blockNumber - REORG_DEPTH_MAX,
  );
  return [...recent, block];
}
