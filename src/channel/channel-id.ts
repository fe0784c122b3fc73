/** The name of a channel on chain and off it. */
import type { Brand } from "../primitives/brand.ts";
import type { Hex } from "../primitives/hex.ts";

/** keccak-256 of the fixed part, 32 bytes, never with twelve leading zero bytes. */
export type ChannelId = Brand<Hex, "ChannelId">;
