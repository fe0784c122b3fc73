/** Channels of message logs between Alice and Bob, their beginnings, and moves in them. */
import { type TestAccount, testAccount } from "../sim/chain/test-account.ts";
import { externalDestination } from "../src/channel/destination.ts";
import type { FixedPart } from "../src/channel/fixed-part.ts";
import { emptyMessageLog, encodeMessageLog, type LogMessage } from "../src/channel/message-log.ts";
import { twinStateOf } from "../src/channel/message-log-twin.ts";
import { ALLOCATION_TYPE, type Outcome, type SingleAssetExit } from "../src/channel/outcome.ts";
import type { VariablePart } from "../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../src/crypto/address.ts";
import type { Hash } from "../src/crypto/signature.ts";
import { toHex } from "../src/primitives/hex.ts";

/** Who plays: Alice is participant 0, Bob is 1. */
export const PLAYERS: readonly [TestAccount, TestAccount] = [testAccount(1), testAccount(3)];

/** What stands for the hash of a reducer. */
export const SOME_REDUCER: Hash = `0x${"e0".repeat(32)}` as Hash;

/** The fixed part of a channel of the two players, judged by an app. */
export function gameChannel(appDefinition: Address, channelNonce = 1n): FixedPart {
  const participants = PLAYERS.map(({ address }) => address);
  return { participants, channelNonce, appDefinition, challengeDurationSec: 60 };
}

/** What both bring in of one asset. */
export function staked(
  [alice, bob]: readonly [bigint, bigint],
  asset: Address = ZERO_ADDRESS,
): SingleAssetExit {
  const amounts = [alice, bob];
  const allocations = PLAYERS.map(({ address }, index) => ({
    destination: externalDestination(address),
    amount: amounts[index] ?? 0n,
    allocationType: ALLOCATION_TYPE.simple,
    metadata: "0x" as const,
  }));
  return { asset, assetMetadata: { assetType: 0, metadata: "0x" }, allocations };
}

/** The state that both sign before the game begins. */
export function beginningOf(game: Uint8Array, funding: Outcome): VariablePart {
  const log = emptyMessageLog(SOME_REDUCER, toHex(twinStateOf(game, funding)));
  return { outcome: funding, appData: encodeMessageLog(log), turnNum: 1, isFinal: false };
}

/** A message of a game. */
export function gameMessage(messageType: string, payload: Uint8Array, timeMs = 1_000): LogMessage {
  return { messageType, payload: toHex(payload), timeMs };
}
