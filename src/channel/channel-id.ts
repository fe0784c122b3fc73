/** The name of a channel on chain and off it. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Brand } from "../primitives/brand.ts";
import { type Hex, toHex } from "../primitives/hex.ts";
import {
  createWordWriter,
  WORD,
  writeAddress,
  writeNumber,
  writeUint256,
  writtenWords,
} from "./abi.ts";
import type { FixedPart } from "./fixed-part.ts";

/** keccak-256 of the fixed part, 32 bytes, never with twelve leading zero bytes. */
export type ChannelId = Brand<Hex, "ChannelId">;

/**
 * `keccak256(abi.encode(participants, channelNonce, appDefinition, challengeDuration))`. It holds
 * neither the chain nor the adjudicator. Source: NitroUtils.getChannelId.
 */
export function channelIdOf(fixedPart: FixedPart): ChannelId {
  const { appDefinition, challengeDurationSec, channelNonce, participants } = fixedPart;
  const headSize = 4 * WORD;
  const writer = createWordWriter(headSize + WORD + participants.length * WORD);
  writeNumber(writer, headSize);
  writeUint256(writer, channelNonce);
  writeAddress(writer, appDefinition);
  writeNumber(writer, challengeDurationSec);
  writeNumber(writer, participants.length);
  for (const participant of participants) writeAddress(writer, participant);
  return toHex(keccak256(writtenWords(writer))) as ChannelId;
}
