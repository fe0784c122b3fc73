/** The cast: the same people in every scenario, each with a key of her own that anybody may know. */
import type { PrivateKey } from "../src/crypto/signature.ts";

/** Payers Alice and Bob; the hubs Irene, Ivan, Isaac, Iris and Igor; and Eve, who cheats. */
export type ActorName = "alice" | "bob" | "irene" | "ivan" | "isaac" | "iris" | "igor" | "eve";

/**
 * Keys whose addresses begin like the names, with the digits that look most like their letters: 0xa11ce,
 * 0xb0b, 0x12e4e, 0x17a4, 0x15aac, 0x1215, 0x1902, 0xe7e. Found by taking the SHA-256 of "channels cast <n>"
 * for rising n. They are public: nothing of value may ever belong to them.
 */
const KEYS: Readonly<Record<ActorName, string>> = {
  alice: "fd1b6994622da9cd86bb862f6158f335885f74e46763315f0befc22e74ee2324",
  bob: "265e94c65ecd48dea3774902d2fb8047e214f24563ccdef3447be4c3af02cf94",
  irene: "acefbb075f8c1180d9513e5519329e82960478a2495aa917ce1a31498f69e4c7",
  ivan: "1a53500bd361b7be013dda5de156170941539bc2b5cb955b0ebf1fafa9009a22",
  isaac: "7fa41369d1d5cd0805cc79eb194531db40c5d8b7e0aeca33697b16b7b042341d",
  iris: "8663d9291f155ce18e0bcc77c017a6372a83dc405b445bcbc07b9b83133ea12a",
  igor: "5e1383fac1b24d70c825e84079246f7f03b014836a6b1db4c09a8e50346dce44",
  eve: "4423b7797c89e542099e299a2f905da6baf5a1eb0c08af121356464863517535",
};

/** The names in the order in which a diagram shows them: five hubs make a route of five hops. */
export const ACTOR_NAMES: readonly ActorName[] = [
  "alice",
  "bob",
  "irene",
  "ivan",
  "isaac",
  "iris",
  "igor",
  "eve",
];

/** The secret of an actor. */
export function keyOf(name: ActorName): PrivateKey {
  return `0x${KEYS[name]}` as PrivateKey;
}
