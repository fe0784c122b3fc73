/** How a channel of message logs begins, as its reducer is told it: from what everybody signs at the prefund. */
import type { ChannelId } from "../channel/channel-id.ts";
import type { FixedPart } from "../channel/fixed-part.ts";
import { decodeMessageLog, type MessageLogRejection } from "../channel/message-log.ts";
import { STAKE_BYTES } from "../channel/message-log-twin.ts";
import type { Outcome } from "../channel/outcome.ts";
import { fromHex, type Hex } from "../primitives/hex.ts";
import { accept, type Result, reject } from "../primitives/result.ts";
import { PARTICIPANTS_MAX, type ReducerInit, type StakedAsset } from "./sandbox/reducer-input.ts";

/** Why a channel begins no game. Whoever proposes it is at fault: it is not signed. */
export type BeginningRejection =
  /** The app data is no message log. */
  | { readonly code: "NoMessageLog"; readonly reason: MessageLogRejection }
  /** Somebody has already said something: this is no beginning. */
  | { readonly code: "LogNotEmpty"; readonly count: number }
  /** More than a reducer is told of. */
  | { readonly code: "TooManyParticipants"; readonly count: number }
  /** Not one allocation for each participant, in their order. */
  | { readonly code: "AllocationsWrong"; readonly asset: number }
  /** What the app's contract keeps does not end with the first participant's stake of each asset. */
  | { readonly code: "StakesWrong" };

/**
 * What the reducer of a channel begins with. The parameters are what the app's contract keeps of the game at the
 * beginning, without the stakes behind it. Source: docs/adr/0039-message-log.md.
 */
export function reducerInitOf(
  channelId: ChannelId,
  { challengeDurationSec, participants }: FixedPart,
  outcome: Outcome,
  appData: Hex,
): Result<ReducerInit, BeginningRejection> {
  const log = decodeMessageLog(appData);
  if (!log.ok) return reject({ code: "NoMessageLog", reason: log.reason });
  const { count, twinState } = log.value;
  if (count > 0) return reject({ code: "LogNotEmpty", count });
  if (participants.length > PARTICIPANTS_MAX) {
    return reject({ code: "TooManyParticipants", count: participants.length });
  }
  const asset = outcome.findIndex(({ allocations }) => allocations.length !== participants.length);
  if (asset >= 0) return reject({ code: "AllocationsWrong", asset });
  const assets = outcome.map(stakesOf);
  const parameters = parametersOf(fromHex(twinState), assets);
  if (parameters === undefined) return reject({ code: "StakesWrong" });
  return accept({ channelId, participants, assets, challengeDurationSec, parameters });
}

function stakesOf({ allocations, asset }: Outcome[number]): StakedAsset {
  return { asset, amounts: allocations.map(({ amount }) => amount) };
}

/** What stands before the stakes; undefined where those are not the ones that the outcome tells. */
function parametersOf(
  twinState: Uint8Array,
  assets: readonly StakedAsset[],
): Uint8Array | undefined {
  const end = twinState.length - STAKE_BYTES * assets.length;
  if (end < 0) return undefined;
  const isTold = assets.every(({ amounts }, index) => {
    const stake = twinState.subarray(end + STAKE_BYTES * index, end + STAKE_BYTES * (index + 1));
    return BigInt(`0x${stake.toHex()}`) === amounts[0];
  });
  return isTold ? twinState.slice(0, end) : undefined;
}
