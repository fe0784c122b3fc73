/** How the adjudicator lets a state stand, or end a channel: challenge, checkpoint and conclude. Source: ForceMove. */
import type { Hex } from "../../../src/primitives/hex.ts";
import { array, BOOL, BYTES, type Codec, sourceOf, tuple, uint } from "./abi.ts";
import { type Frame, selectorOf, topicOf } from "./contract.ts";
import type { ContractSignature } from "./ecrecover.ts";
import { PANIC, panic, Revert, require } from "./revert.ts";
import { countSigners, recoverPart, recoverSigner } from "./signers.ts";
import {
  modeOf,
  requireHigherTurn,
  requireNoLowerTurn,
  requireNotFinalized,
  writeStatus,
} from "./status.ts";
import {
  channelIdOf,
  type FixedPart,
  hashOutcome,
  hashState,
  SIGNED_PART,
  type SignedVariablePart,
  SUPPORT_CLAIM,
  ZERO_HASH,
} from "./structs.ts";
import { encodeText, hashOf, wordOf } from "./words.ts";

/** A state and the states that it follows from. */
export type ShownState = {
  readonly fixedPart: FixedPart;
  readonly proof: readonly SignedVariablePart[];
  readonly candidate: SignedVariablePart;
};

/** What an app says of a state; the reason is in bytes. */
export type Support = { readonly isSupported: boolean; readonly reason: Hex };

export const SUPPORT: Codec<Support> = tuple<Support>({ isSupported: BOOL, reason: BYTES });

/** Question of the adjudicator to an app. Source: IForceMoveApp. */
const ASK_APP = selectorOf(
  "stateIsSupported((address[],uint64,address,uint48),(((address,(uint8,bytes),(bytes32,uint256,uint8,bytes)[])[],bytes,uint48,bool),uint256)[],(((address,(uint8,bytes),(bytes32,uint256,uint8,bytes)[])[],bytes,uint48,bool),uint256))",
);

const TOPIC = {
  challengeRegistered: topicOf(
    "ChallengeRegistered(bytes32,uint48,(((address,(uint8,bytes),(bytes32,uint256,uint8,bytes)[])[],bytes,uint48,bool),(uint8,bytes32,bytes32)[])[],(((address,(uint8,bytes),(bytes32,uint256,uint8,bytes)[])[],bytes,uint48,bool),(uint8,bytes32,bytes32)[]))",
  ),
  challengeCleared: topicOf("ChallengeCleared(bytes32,uint48)"),
  checkpointed: topicOf("Checkpointed(bytes32,uint48)"),
  concluded: topicOf("Concluded(bytes32,uint48)"),
} as const;

const CHALLENGE_LOG = tuple<{
  readonly finalizesAt: bigint;
  readonly proof: ShownState["proof"];
  readonly candidate: SignedVariablePart;
}>({ finalizesAt: uint(48), proof: array(SIGNED_PART), candidate: SIGNED_PART });

/** Times and turns have 48 bits. */
const TIME_VALUES = 1n << 48n;

/** Asks the app of a channel. Throws what the app refuses with, and refuses where no app answers. */
export function askApp(frame: Frame, { candidate, fixedPart, proof }: ShownState): Support {
  const claim = {
    fixedPart,
    proof: proof.map((part) => recoverPart(frame.machine, fixedPart, part)),
    candidate: recoverPart(frame.machine, fixedPart, candidate),
  };
  const question: Hex = `${ASK_APP}${SUPPORT_CLAIM.encode(claim)}`;
  return SUPPORT.decode(sourceOf(frame.call(fixedPart.appDefinition, question)), 0);
}

/** Registers a state that will stand unless a newer one is shown in time. */
export function challenge(frame: Frame, shown: ShownState, signature: ContractSignature): void {
  const { candidate, fixedPart, proof } = shown;
  const { turnNum } = candidate.variablePart;
  const channelId = channelIdOf(fixedPart);
  const mode = modeOf(frame, channelId);
  if (mode === "Open") requireNoLowerTurn(frame, channelId, turnNum);
  else if (mode === "Challenge") requireHigherTurn(frame, channelId, turnNum);
  else requireNotFinalized(frame, channelId);
  requireSupport(askApp(frame, shown));
  const stateHash = hashState(channelId, candidate.variablePart);
  requireChallenger(stateHash, fixedPart, signature);

  const finalizesAt = BigInt.asUintN(48, frame.machine.timeSec) + fixedPart.challengeDuration;
  if (finalizesAt >= TIME_VALUES) throw panic(PANIC.arithmetic);
  tell(
    frame,
    TOPIC.challengeRegistered,
    channelId,
    CHALLENGE_LOG.encode({ finalizesAt, proof, candidate }),
  );
  const outcomeHash = hashOutcome(candidate.variablePart.outcome);
  writeStatus(frame, channelId, { turnNumRecord: turnNum, finalizesAt, stateHash, outcomeHash });
}

/** Raises the turn below which nothing can be challenged, and ends a challenge that runs. */
export function checkpoint(frame: Frame, shown: ShownState): void {
  const { turnNum } = shown.candidate.variablePart;
  const channelId = channelIdOf(shown.fixedPart);
  requireNotFinalized(frame, channelId);
  requireHigherTurn(frame, channelId, turnNum);
  requireSupport(askApp(frame, shown));
  const wasOpen = modeOf(frame, channelId) === "Open";
  writeStatus(frame, channelId, {
    turnNumRecord: turnNum,
    finalizesAt: 0n,
    stateHash: ZERO_HASH,
    outcomeHash: ZERO_HASH,
  });
  tell(frame, wasOpen ? TOPIC.checkpointed : TOPIC.challengeCleared, channelId, wordOf(turnNum));
}

/** Ends a channel at once, by a final state that all signed. Gives the channel. */
export function conclude(frame: Frame, fixedPart: FixedPart, candidate: SignedVariablePart): Hex {
  const channelId = channelIdOf(fixedPart);
  requireNotFinalized(frame, channelId);
  require(candidate.variablePart.isFinal, "State must be final");
  const { signedBy } = recoverPart(frame.machine, fixedPart, candidate);
  require(countSigners(signedBy) === fixedPart.participants.length, "!unanimous");
  const finalizesAt = BigInt.asUintN(48, frame.machine.timeSec);
  writeStatus(frame, channelId, {
    turnNumRecord: 0n,
    finalizesAt,
    stateHash: ZERO_HASH,
    outcomeHash: hashOutcome(candidate.variablePart.outcome),
  });
  tell(frame, TOPIC.concluded, channelId, wordOf(finalizesAt));
  return channelId;
}

function requireSupport({ isSupported, reason }: Support): void {
  if (isSupported) return;
  throw new Revert(`0x08c379a0${wordOf(32n)}${BYTES.encode(reason)}`);
}

/** "forceMove", signed together with the hash of the state. */
const CHALLENGE_SUFFIX = wordOf(64n) + encodeText("forceMove");

function requireChallenger(
  stateHash: Hex,
  { participants }: FixedPart,
  signature: ContractSignature,
): void {
  const digest = hashOf(stateHash.slice(2) + CHALLENGE_SUFFIX);
  const challenger = recoverSigner(digest, signature);
  require(participants.includes(challenger), "Challenger is not a participant");
}

function tell({ machine, self }: Frame, topic: Hex, channelId: Hex, digits: string): void {
  machine.tell({ address: self, topics: [topic, channelId], data: `0x${digits}` });
}
