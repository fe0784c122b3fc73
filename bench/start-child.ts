/** A process that starts as a node does, until it could sign. Run by `start.bench.ts`. */
import type { Hash, PrivateKey } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { openNode } from "./opened-node.ts";

const { close, state, store } = await openNode(
  assertDefined(process.argv[2], "the folder of a log"),
);
signatureBackend.signHash(`0x${"5a".repeat(32)}` as Hash, `0x${"07".repeat(32)}` as PrivateKey);
process.stdout.write(JSON.stringify({ events: store.length, channels: state.channels.size }));
await close();
