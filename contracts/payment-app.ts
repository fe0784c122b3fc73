/** The app of virtual channels in the enforceable profile: docs/adr/0020-payment-app.md says its rules. */
import type { Artifact } from "./artifact.ts";
import artifact from "./artifacts/PaymentApp.json" with { type: "json" };

/** The compiled app. */
export const PAYMENT_APP: Artifact = artifact as Artifact;
