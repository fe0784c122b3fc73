/** The account that tries a token, step by step within one call: TokenProbe.sol says how. */
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/TokenProbe.json" with { type: "json" };

/** The compiled probe. */
export const TOKEN_PROBE: Artifact = artifact as Artifact;
