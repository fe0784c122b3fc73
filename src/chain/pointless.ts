/** Looks before a transaction is signed: what cannot succeed any more is not sent. */

import type { ChannelId } from "../channel/channel-id.ts";
import type { Outcome } from "../channel/outcome.ts";
import { outcomeHash } from "../channel/outcome-encoding.ts";
import type { Address } from "../crypto/address.ts";
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import { fromHex, toHex } from "../primitives/hex.ts";
import { mark, marked } from "../primitives/mark.ts";
import type { ChainCall } from "../protocols/effects.ts";
import { type AdjudicatorStatus, decodeStatus, statusCall } from "./adjudicator.ts";
import { holdingsAt } from "./adjudicator-calls.ts";

/** What the newest block says about a call. */
export type Prospect =
  | { readonly type: "Open" }
  /** Its time has not come: the challenge before it still runs. */
  | { readonly type: "TooEarly" }
  /** It would change nothing, or be refused, for ever. */
  | { readonly type: "Pointless"; readonly reason: string };

const OPEN: Prospect = { type: "Open" };

type Look = {
  readonly rpc: EthereumRpc;
  readonly adjudicator: Address;
  /** Time of the newest block, in seconds since 1970-01-01 UTC. */
  readonly headSec: number;
};

/**
 * Asks the adjudicator. Whoever lost a log may ask for what is done already, and whoever is late may be
 * overtaken. Throws `NodeError` when the endpoint fails.
 */
export async function prospectOf(look: Look, call: ChainCall): Promise<Prospect> {
  switch (call.type) {
    case "ApproveToken":
      return OPEN;
    case "Deposit":
      return await depositProspect(look, call);
    case "ConcludeAndTransferAllAssets":
      return await payoutProspect(look, call);
    case "Challenge":
      return challengeProspect(look, call, await readStatus(look, call.channelId));
    case "Checkpoint":
      return checkpointProspect(look, call, await readStatus(look, call.channelId));
    case "Conclude":
      return isFinal(look, await readStatus(look, call.channelId))
        ? pointless("the channel is final already")
        : OPEN;
    case "TransferAllAssets":
    case "Transfer":
      return finalProspect(look, await readStatus(look, call.channelId), call);
    case "Reclaim":
      return await reclaimProspect(look, call);
  }
}

/** The channels whose record a call reads or changes. */
export function channelsOf(call: ChainCall): readonly ChannelId[] {
  return call.type === "Reclaim" ? [call.channelId, call.targetId] : [call.channelId];
}

function pointless(reason: string): Prospect {
  return { type: "Pointless", reason };
}

async function readStatus(
  { adjudicator, rpc }: Look,
  channelId: ChannelId,
): Promise<AdjudicatorStatus> {
  const { data, to } = statusCall(adjudicator, channelId);
  return decodeStatus(await rpc.request("eth_call", [{ to, data }, "latest"]));
}

/**
 * A deposit needs the adjudicator to hold what was expected, and the chain to decide nothing about the channel yet:
 * an outcome on record does not count what comes in behind it.
 */
async function depositProspect(
  look: Look,
  { asset, channelId, expectedHeld }: ChainCall & { readonly type: "Deposit" },
): Promise<Prospect> {
  const holdings = await holdingsAt(look.rpc, look.adjudicator, asset, channelId);
  if (holdings !== expectedHeld) {
    mark("transaction/deposit-front-run");
    return pointless(`the adjudicator holds ${holdings}, not ${expectedHeld}`);
  }
  const status = await readStatus(look, channelId);
  if (isFinal(look, status)) return pointless("the channel is final already");
  const isChallenged = status.finalizesAtSec !== 0;
  return isChallenged
    ? marked("transaction/deposit-waits-for-dispute", { type: "TooEarly" })
    : OPEN;
}

/** A payout needs something to pay, and the channel to be open: who concludes a final one is refused. */
async function payoutProspect(
  look: Look,
  { channelId, variablePart }: ChainCall & { readonly type: "ConcludeAndTransferAllAssets" },
): Promise<Prospect> {
  if (isFinal(look, await readStatus(look, channelId))) {
    return pointless("the channel is final already");
  }
  for (const { asset } of variablePart.outcome) {
    if ((await holdingsAt(look.rpc, look.adjudicator, asset, channelId)) > 0n) return OPEN;
  }
  return pointless("the adjudicator holds nothing any more");
}

/** Source: ForceMove.challenge. While a challenge runs, only a newer state answers it. */
function challengeProspect(
  look: Look,
  { candidate }: ChainCall & { readonly type: "Challenge" },
  status: AdjudicatorStatus,
): Prospect {
  if (isFinal(look, status)) return pointless("the channel is final already");
  const { turnNum } = candidate.variablePart;
  const { finalizesAtSec, turnNumRecord } = status;
  const isNewEnough = finalizesAtSec === 0 ? turnNum >= turnNumRecord : turnNum > turnNumRecord;
  return isNewEnough
    ? OPEN
    : marked(
        "transaction/challenge-overtaken",
        pointless(`a state of turn ${turnNumRecord} is on record`),
      );
}

/** Source: ForceMove.checkpoint. Only a newer state changes the record. */
function checkpointProspect(
  look: Look,
  { candidate }: ChainCall & { readonly type: "Checkpoint" },
  status: AdjudicatorStatus,
): Prospect {
  if (isFinal(look, status)) return pointless("the channel is final already");
  const { turnNumRecord } = status;
  const isNewer = candidate.variablePart.turnNum > turnNumRecord;
  return isNewer ? OPEN : pointless(`a state of turn ${turnNumRecord} is on record`);
}

function isFinal({ headSec }: Look, { finalizesAtSec }: AdjudicatorStatus): boolean {
  return finalizesAtSec !== 0 && finalizesAtSec <= headSec;
}

/** What is said of a final channel: its state and what it pays. */
type Final = { readonly stateHash: Hash; readonly outcome: Outcome };

function finalProspect(look: Look, status: AdjudicatorStatus, final: Final): Prospect {
  if (status.finalizesAtSec === 0) return pointless("the channel is not final");
  if (status.fingerprint !== fingerprintOf(final)) {
    return marked(
      "transaction/outcome-changed-before",
      pointless("the adjudicator has another outcome on record"),
    );
  }
  return isFinal(look, status) ? OPEN : { type: "TooEarly" };
}

async function reclaimProspect(
  look: Look,
  call: ChainCall & { readonly type: "Reclaim" },
): Promise<Prospect> {
  const source = { stateHash: call.sourceStateHash, outcome: call.sourceOutcome };
  const ledger = finalProspect(look, await readStatus(look, call.channelId), source);
  if (ledger.type !== "Open") return ledger;
  const target = { stateHash: call.targetStateHash, outcome: call.targetOutcome };
  return finalProspect(look, await readStatus(look, call.targetId), target);
}

/** Bits of the fingerprint in the status word. */
const FINGERPRINT_BITS = 160n;

/** Source: StatusManager._generateFingerprint. */
function fingerprintOf({ outcome, stateHash }: Final): bigint {
  const words = fromHex(`0x${stateHash.slice(2)}${outcomeHash(outcome).slice(2)}`);
  return BigInt(toHex(keccak256(words))) & ((1n << FINGERPRINT_BITS) - 1n);
}
