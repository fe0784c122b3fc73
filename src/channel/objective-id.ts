/** The name of an objective: what it does, and for which channel. */
import type { Brand } from "../primitives/brand.ts";
import type { ChannelId } from "./channel-id.ts";

/**
 * `DirectFunding-`, `DirectDefunding-`, `VirtualFund-` or `VirtualDefund-<id>` as in go-nitro; or
 * `Dispute-<id>`, `Update-<id>-<participant>-<count>`, `TopUp-<id>-<participant>-<nonce>`, `Withdrawal-<id>-<nonce>`.
 */
export type ObjectiveId = Brand<string, "ObjectiveId">;

/** Opens and funds a channel. */
export const directFundId = (channelId: ChannelId): ObjectiveId =>
  `DirectFunding-${channelId}` as ObjectiveId;

/** Closes a channel and pays it out. */
export const directDefundId = (channelId: ChannelId): ObjectiveId =>
  `DirectDefunding-${channelId}` as ObjectiveId;

/** Opens a virtual channel over ledger channels. */
export const virtualFundId = (channelId: ChannelId): ObjectiveId =>
  `VirtualFund-${channelId}` as ObjectiveId;

/** The channel that a virtual fund opens; undefined for every other objective. */
export function targetOf(objectiveId: ObjectiveId): ChannelId | undefined {
  const begin = "VirtualFund-";
  return objectiveId.startsWith(begin) ? (objectiveId.slice(begin.length) as ChannelId) : undefined;
}

/** Closes a virtual channel and frees what funds it. */
export const virtualDefundId = (channelId: ChannelId): ObjectiveId =>
  `VirtualDefund-${channelId}` as ObjectiveId;

/** Lets the chain decide what a channel pays. */
export const disputeId = (channelId: ChannelId): ObjectiveId =>
  `Dispute-${channelId}` as ObjectiveId;

/** The top-up of a ledger channel by participant `by`, whose `nonce` makes its name new. */
export const topUpId = (channelId: ChannelId, by: number, nonce: bigint): ObjectiveId =>
  `TopUp-${channelId}-${by}-${nonce}` as ObjectiveId;

/** True for the name of a top-up of this ledger channel by participant `by`. */
export function isTopUpId(channelId: ChannelId, by: number, objectiveId: string): boolean {
  const begin = `TopUp-${channelId}-${by}-`;
  return objectiveId.startsWith(begin) && NONCE.test(objectiveId.slice(begin.length));
}

/** A uint64 in decimal digits. */
const NONCE = /^(0|[1-9]\d{0,19})$/;

/** A withdrawal from a running ledger channel; `nonce` is that of the channel that goes on. */
export const withdrawalId = (channelId: ChannelId, nonce: bigint): ObjectiveId =>
  `Withdrawal-${channelId}-${nonce}` as ObjectiveId;

/** True for the name of a withdrawal, from whatever channel. */
export const isWithdrawalId = (objectiveId: ObjectiveId): boolean =>
  objectiveId.startsWith("Withdrawal-");

/** The update number `count` (from 0) that participant `by` asked for. */
export const updateId = (channelId: ChannelId, by: number, count: number): ObjectiveId =>
  `Update-${channelId}-${by}-${count}` as ObjectiveId;

/** Who asked for an update, and its count; undefined when the text names no update of this channel. */
export function parseUpdateId(
  channelId: ChannelId,
  objectiveId: string,
): { readonly by: number; readonly count: number } | undefined {
  const begin = "Update-";
  // Joining both to one text would take longer than all the rest.
  if (!objectiveId.startsWith(begin) || !objectiveId.startsWith(channelId, begin.length)) {
    return undefined;
  }
  const rest = objectiveId.slice(begin.length + channelId.length);
  const match = /^-(0|[1-9]\d{0,2})-(0|[1-9]\d{0,14})$/.exec(rest);
  return match === null ? undefined : { by: Number(match[1]), count: Number(match[2]) };
}
