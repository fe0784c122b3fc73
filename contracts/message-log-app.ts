/** The app of message logs that no contract plays: docs/adr/0039-message-log.md says its rules. */
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/AgreedLog.json" with { type: "json" };

/** The compiled app. */
export const AGREED_LOG: Artifact = artifact as Artifact;
