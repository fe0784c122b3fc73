/** A thread of its own that checks signatures: claims come in, the numbers of the wrong ones go out. */
import type { SignatureClaim } from "../engine/signature-claims.ts";

declare const self: Worker;

/**
 * Loaded while the first claims are already on their way: messages that come before there is somebody to
 * take them would be lost, and the libraries of the curve take a while to load.
 */
const claims = import("../engine/signature-claims.ts");

self.onmessage = async ({ data }: MessageEvent<readonly SignatureClaim[]>): Promise<void> => {
  const { isTrue } = await claims;
  const wrong = [...data.entries()].filter(([, claim]) => !isTrue(claim));
  self.postMessage(wrong.map(([index]) => index));
};
