/** The states that a challenge shows, as far as participants signed them. */
import type { SignedVariablePart } from "../chain/adjudicator.ts";
import { CHALLENGE_PROOF_MAX, type ChallengeState } from "../channel/challenge.ts";
import type { Channel } from "../channel/channel.ts";
import { checkVariablePart, stateHash } from "../channel/state.ts";
import type { Address } from "../crypto/address.ts";
import type { Signature } from "../crypto/signature.ts";
import type { Context } from "../protocols/protocol.ts";

/** The newest state that a challenge shows, and those that lead to it. */
export type ShownStates = {
  readonly candidate: ChallengeState;
  readonly proof: readonly ChallengeState[];
};

/**
 * Reads the candidate and, behind it, its proof. Whoever calls the contract may list signatures of strangers,
 * the same one twice, or in another form: the contract ignores those, and so does this. Undefined for states
 * beyond what this node could ever have signed: no app that it allows supports them.
 */
export function challengeStates(
  channel: Channel,
  shown: readonly SignedVariablePart[],
  context: Context,
): ShownStates | undefined {
  const states = shown.map((one) => challengeState(channel, one, context));
  const [candidate, ...proof] = states.filter((state) => state !== undefined);
  const isWhole = proof.length === shown.length - 1 && proof.length <= CHALLENGE_PROOF_MAX;
  return candidate !== undefined && isWhole ? { candidate, proof } : undefined;
}

function challengeState(
  { fixedPart, id }: Channel,
  { signatures, variablePart }: SignedVariablePart,
  { recoverSigner }: Context,
): ChallengeState | undefined {
  if (!checkVariablePart(variablePart).ok) return undefined;
  const hash = stateHash(id, variablePart);
  const bySigner = new Map<Address, Signature>();
  for (const signature of signatures) {
    const signer = recoverSigner(hash, signature);
    if (signer === undefined || !fixedPart.participants.includes(signer)) continue;
    bySigner.set(signer, signature as Signature);
  }
  return { variablePart, signatures: [...bySigner.values()] };
}
