/** Outcomes as Solidity encodes them: what state hashes and outcome hashes are made of. */
import { keccak256 } from "../crypto/keccak.ts";
import type { Hash } from "../crypto/signature.ts";
import { toHex } from "../primitives/hex.ts";
import {
  bytesSize,
  createWordWriter,
  WORD,
  type WordWriter,
  writeAddress,
  writeBytes,
  writeBytes32,
  writeNumber,
  writeUint256,
  writtenWords,
} from "./abi.ts";
import type { Allocation, Outcome, SingleAssetExit } from "./outcome.ts";

/** `abi.encode(outcome)`. Source: ExitFormat.encodeExit. */
export function encodeOutcome(outcome: Outcome): Uint8Array<ArrayBuffer> {
  const writer = createWordWriter(WORD + outcomeSize(outcome));
  writeNumber(writer, WORD);
  writeOutcome(writer, outcome);
  return writtenWords(writer);
}

/** keccak-256 of `encodeOutcome`: what the adjudicator stores of an outcome. */
export function outcomeHash(outcome: Outcome): Hash {
  return toHex(keccak256(encodeOutcome(outcome))) as Hash;
}

/** Bytes that `writeOutcome` takes. */
export function outcomeSize(outcome: Outcome): number {
  return outcome.reduce((size, exit) => size + WORD + exitSize(exit), WORD);
}

/** Writes the array of exits: its length, where each begins, and each. */
export function writeOutcome(writer: WordWriter, outcome: Outcome): void {
  writeNumber(writer, outcome.length);
  writeOffsets(writer, outcome, exitSize);
  for (const exit of outcome) writeExit(writer, exit);
}

/** Where each element begins, counted from the first of these words. */
function writeOffsets<Element>(
  writer: WordWriter,
  elements: readonly Element[],
  sizeOf: (element: Element) => number,
): void {
  let offset = elements.length * WORD;
  for (const element of elements) {
    writeNumber(writer, offset);
    offset += sizeOf(element);
  }
}

/** Three words of head, then the asset's metadata, then the allocations. */
function exitSize({ allocations, assetMetadata }: SingleAssetExit): number {
  const metadataSize = 2 * WORD + bytesSize(assetMetadata.metadata);
  const claims = allocations.reduce((size, claim) => size + WORD + allocationSize(claim), WORD);
  return 3 * WORD + metadataSize + claims;
}

function writeExit(writer: WordWriter, exit: SingleAssetExit): void {
  const { allocations, asset, assetMetadata } = exit;
  writeAddress(writer, asset);
  writeNumber(writer, 3 * WORD);
  writeNumber(writer, 3 * WORD + 2 * WORD + bytesSize(assetMetadata.metadata));
  writeNumber(writer, assetMetadata.assetType);
  writeNumber(writer, 2 * WORD);
  writeBytes(writer, assetMetadata.metadata);
  writeNumber(writer, allocations.length);
  writeOffsets(writer, allocations, allocationSize);
  for (const allocation of allocations) writeAllocation(writer, allocation);
}

function allocationSize({ metadata }: Allocation): number {
  return 4 * WORD + bytesSize(metadata);
}

function writeAllocation(writer: WordWriter, allocation: Allocation): void {
  writeBytes32(writer, allocation.destination);
  writeUint256(writer, allocation.amount);
  writeNumber(writer, allocation.allocationType);
  writeNumber(writer, 4 * WORD);
  writeBytes(writer, allocation.metadata);
}
