/** Where an allocation is paid: an account on chain, or another channel. */
import type { Address } from "../crypto/address.ts";
import { assert } from "../primitives/assert.ts";
import type { Brand } from "../primitives/brand.ts";
import type { Hex } from "../primitives/hex.ts";
import type { ChannelId } from "./channel-id.ts";

/** 32 bytes: twelve zero bytes and an address (external), or a channel id. Source: MultiAssetHolder. */
export type Destination = Brand<Hex, "Destination">;

const EXTERNAL_PREFIX = `0x${"00".repeat(12)}`;

/** The destination that pays an account on chain. */
export function externalDestination(address: Address): Destination {
  return `${EXTERNAL_PREFIX}${address.slice(2)}` as Destination;
}

/** True when the destination is an account. The all-zero destination counts as one. */
export function isExternal(destination: Hex): boolean {
  return destination.startsWith(EXTERNAL_PREFIX);
}

/** The destination that funds another channel. */
export function channelDestination(channelId: ChannelId): Destination {
  return channelId as Hex as Destination;
}

/** The account of an external destination; the caller knows that it is one. */
export function addressOfDestination(destination: Destination): Address {
  assert(isExternal(destination), "only an external destination is an account");
  return `0x${destination.slice(EXTERNAL_PREFIX.length)}` as Address;
}
