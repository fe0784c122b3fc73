/** States that a call shows to the adjudicator, and what their hashes become once their app data has changed. */
import { parseAbi } from "viem";
import { signedOf } from "../src/chain/adjudicator-logs.ts";
import { ADJUDICATOR_STRUCTS } from "../src/chain/adjudicator-structs.ts";
import { createCallReader } from "../src/chain/calldata.ts";
import { type ChannelId, channelIdOf } from "../src/channel/channel-id.ts";
import { stateHash } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import type { Address } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import type { Hex } from "../src/primitives/hex.ts";

const ABI = parseAbi([
  "function challenge(FixedPart fixedPart, SignedVariablePart[] proof, SignedVariablePart candidate, Signature challengerSig)",
  "function checkpoint(FixedPart fixedPart, SignedVariablePart[] proof, SignedVariablePart candidate)",
  ...ADJUDICATOR_STRUCTS,
]);

/**
 * The new hash for each old one, of the states of a challenge or a checkpoint whose app data `change` changes, and of
 * what their challenger signs. Empty for any other call: nothing else shows app data that holds signatures.
 */
export function changedHashes(data: Hex, change: (appData: Hex) => Hex): ReadonlyMap<Hash, Hash> {
  const hashes = new Map<Hash, Hash>();
  const shown = decodeCall(data);
  if (shown === undefined) return hashes;
  const [fixedPart, proof, candidate] = shown.args;
  const channelId = idOf(fixedPart);
  for (const { variablePart } of [...proof, candidate].map(signedOf)) {
    const appData = change(variablePart.appData);
    if (appData === variablePart.appData) continue;
    const before = stateHash(channelId, variablePart);
    const after = stateHash(channelId, { ...variablePart, appData });
    hashes.set(before, after).set(challengeHash(before), challengeHash(after));
  }
  return hashes;
}

/** Undefined for another call, or one that the contract does not read either. */
const decodeCall = createCallReader(ABI);

type Shown = NonNullable<ReturnType<typeof decodeCall>>;

function idOf({
  appDefinition,
  challengeDuration,
  channelNonce,
  participants,
}: Shown["args"][0]): ChannelId {
  return channelIdOf({
    // Addresses come with checksum capitals.
    participants: participants.map((one) => one.toLowerCase() as Address),
    channelNonce,
    appDefinition: appDefinition.toLowerCase() as Address,
    challengeDurationSec: challengeDuration,
  });
}
