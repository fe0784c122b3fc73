/** What methods share that ask the engine for something: ids and amounts as it has them, keys, and its refusals. */
import type { ChannelId } from "../../channel/channel-id.ts";
import { externalDestination } from "../../channel/destination.ts";
import type { ObjectiveId } from "../../channel/objective-id.ts";
import { ALLOCATION_TYPE, type Outcome } from "../../channel/outcome.ts";
import type { Address } from "../../crypto/address.ts";
import { sha256 } from "../../crypto/sha256.ts";
import type { Hash } from "../../crypto/signature.ts";
import type { Once } from "../../engine/once.ts";
import type { Request } from "../../engine/request.ts";
import { toHex } from "../../primitives/hex.ts";
import { accept, type Result } from "../../primitives/result.ts";
import type { Rejection } from "../../protocols/rejection.ts";
import { treeOf } from "../state-tree.ts";
import { type ApiFault, type ApiResult, fault } from "./api-error.ts";
import type { AskedView, AssetShares, OpenedView } from "./api-types.ts";
import { gameAdvice } from "./game-refusals.ts";
import type { ApiContext } from "./method.ts";

/** Seconds that a challenge lasts where nobody says: a day. Long enough for an operator to wake up. */
export const CHALLENGE_DURATION_SEC = 86_400;

/** An address as the engine writes it; it was checked before. */
export const addressIn = (text: string): Address => text.toLowerCase() as Address;

/** A channel id as the engine writes it; it was checked before. */
export const channelIdIn = (text: string): ChannelId => text.toLowerCase() as ChannelId;

/** The key of a wish, and the hash of what is wished; undefined without a key. Source: ADR 0036. */
export function onceOf(
  method: string,
  { idempotencyKey, ...wish }: { readonly idempotencyKey?: string | undefined },
): Once | undefined {
  if (idempotencyKey === undefined) return undefined;
  return { key: hashOf(["key", idempotencyKey]), wish: hashOf([method, sorted(wish)]) };
}

const encoder = new TextEncoder();

const hashOf = (value: unknown): Hash =>
  toHex(sha256(encoder.encode(JSON.stringify(value)))) as Hash;

/** The same wish is the same text, in whatever order its fields were written. Hex is the same in any capitals. */
function sorted(value: unknown): unknown {
  if (typeof value === "string") return value.startsWith("0x") ? value.toLowerCase() : value;
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, one]) => [key, sorted(one)]);
}

/** What whoever has just started a node cannot know. Source: ADR 0019. */
const RESYNCING =
  "since its start the node has not heard from everybody in this channel, and signs nothing there until they are connected";

/** The engine's refusal as an answer. */
export function refused(reason: Rejection): Result<never, ApiFault> {
  const { code, ...rest } = reason;
  if (code === "KeyReused") return fault("KeyReused");
  const data = { code, ...(treeOf(rest) as Record<string, unknown>) };
  if (code === "UnknownChannel" || code === "UnknownObjective") return fault("NotFound", data);
  const advice = code === "Resyncing" ? RESYNCING : gameAdvice(reason);
  const more = advice === undefined ? "" : `; ${advice}`;
  return fault("Refused", data, `Refused: ${wordsOf(code)}${more}`);
}

/** `LedgerTooSmall` is `ledger too small`. */
const wordsOf = (code: string): string =>
  code.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`).trim();

/** Asks for something that becomes an objective. */
export async function ask(
  { node }: ApiContext,
  request: Request,
  once: Once | undefined,
): Promise<ApiResult<AskedView>> {
  const answer = await node.engine.submit(request, once);
  return answer.ok ? accept({ objectiveId: answer.value }) : refused(answer.reason);
}

/** Asks for a channel. */
export async function askToOpen(
  context: ApiContext,
  request: Request,
  once: Once | undefined,
): Promise<ApiResult<OpenedView>> {
  const asked = await ask(context, request, once);
  if (!asked.ok) return asked;
  const { objectiveId } = asked.value;
  return accept({ objectiveId, channelId: channelOf(objectiveId as ObjectiveId) });
}

/** The name of an opening ends with its channel. */
function channelOf(objectiveId: ObjectiveId): ChannelId {
  return objectiveId.slice(objectiveId.indexOf("-") + 1) as ChannelId;
}

/** What two participants put into a channel, in their order. */
export function outcomeOf(
  shares: readonly AssetShares[],
  participants: readonly [Address, Address],
): Outcome {
  return shares.map(({ asset, mine, theirs }) => ({
    asset: addressIn(asset),
    assetMetadata: { assetType: 0, metadata: "0x" },
    allocations: [mine, theirs].map((amount, index) => ({
      destination: externalDestination(participants[index as 0 | 1]),
      amount: BigInt(amount),
      allocationType: ALLOCATION_TYPE.simple,
      metadata: "0x",
    })),
  }));
}
