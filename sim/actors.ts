/** The cast: the same people in every scenario, each with a key of her own that anybody may know. */
import type { PrivateKey } from "../src/crypto/signature.ts";

/** Payers Alice and Bob, hubs Irene and Ivan, and Eve, who cheats. */
export type ActorName = "alice" | "bob" | "irene" | "ivan" | "eve";

/**
 * Keys whose addresses begin like the names: 0xa11ce, 0xb0b, 0x12e4e, 0x17a4, 0xe7e. Found by hashing
 * "channels cast <n>" for rising n. They are public: nothing of value may ever belong to them.
 */
const KEYS: Readonly<Record<ActorName, string>> = {
  alice: "fd1b6994622da9cd86bb862f6158f335885f74e46763315f0befc22e74ee2324",
  bob: "265e94c65ecd48dea3774902d2fb8047e214f24563ccdef3447be4c3af02cf94",
  irene: "acefbb075f8c1180d9513e5519329e82960478a2495aa917ce1a31498f69e4c7",
  ivan: "1a53500bd361b7be013dda5de156170941539bc2b5cb955b0ebf1fafa9009a22",
  eve: "4423b7797c89e542099e299a2f905da6baf5a1eb0c08af121356464863517535",
};

/** The names in the order in which a diagram shows them. */
export const ACTOR_NAMES: readonly ActorName[] = ["alice", "bob", "irene", "ivan", "eve"];

/** The secret of an actor. */
export function keyOf(name: ActorName): PrivateKey {
  return `0x${KEYS[name]}` as PrivateKey;
}
