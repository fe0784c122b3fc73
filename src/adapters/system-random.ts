/** The `Random` door for real: bytes that nobody can predict. */
import { randomBytes } from "node:crypto";
import type { Random } from "../ports/random.ts";

/** One for the whole program. */
export const systemRandom: Random = {
  bytes: (sizeBytes) => new Uint8Array(randomBytes(sizeBytes)),
};
