/** The command `channels log verify`: how fast anybody can check a whole log of somebody else. */
import { availableParallelism } from "node:os";
import { join } from "node:path";
import type { Hash, PrivateKey } from "../src/crypto/signature.ts";
import { signatureBackend } from "../src/crypto/signatures.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark } from "./benchmark.ts";
import { runChild } from "./child.ts";
import { openDiskLog } from "./disk-log.ts";
import { filledLog } from "./filled-log.ts";
import { ratesPerSecond } from "./rate.ts";
import { withScratch } from "./scratch.ts";
import { median } from "./slices.ts";

/** Events of the log, with real signatures. */
const EVENTS = 20_000;

/** Runs of the command, of each kind. */
const RUNS = 3;

/** The part of what the command prints that is of interest here. */
type Verified = {
  readonly held: boolean;
  readonly length: number;
  readonly signatures: { readonly checked: number } | null;
};

export const benchmark: Benchmark = {
  name: "verify",
  question: "How fast does `channels log verify` check a log, and every signature in it?",
  run: async () => {
    const folder = await filledLog(EVENTS, { signatures: "real" });
    const starting = await withScratch(async (scratch) => {
      const empty = join(scratch, "log");
      await (await openDiskLog(empty)).disk.close();
      return (await verify(empty, 0)).seconds;
    });
    const plain = await verify(folder, EVENTS);
    const signed = await verify(folder, EVENTS, "--signatures");
    const signatures = signed.checked / (signed.seconds - starting);
    return {
      figures: [
        {
          what: "events checked: chain, shapes, causal rules",
          value: EVENTS / (plain.seconds - starting),
          unit: "events/s",
        },
        {
          what: "signatures checked, with all of that",
          value: signatures,
          unit: "/s",
          yardstick: "recovering signers alone, on every core",
          ratio: signatures / (recoveriesPerSecond() * availableParallelism()),
        },
      ],
    };
  },
};

async function verify(
  folder: string,
  length: number,
  ...options: readonly string[]
): Promise<{ readonly seconds: number; readonly checked: number }> {
  const seconds: number[] = [];
  let checked = 0;
  for (let run = 0; run < RUNS; run += 1) {
    const command = ["log", "verify", folder, "--json", ...options];
    const { answer, tookMs } = await runChild<Verified>("bin/channels.ts", ...command);
    assert(answer.held && answer.length === length, "the recording is a log without fault");
    checked = answer.signatures?.checked ?? 0;
    seconds.push(tookMs / 1000);
  }
  return { seconds: median(seconds), checked };
}

function recoveriesPerSecond(): number {
  const hash = `0x${"5a".repeat(32)}` as Hash;
  const signature = signatureBackend.signHash(hash, `0x${"07".repeat(32)}` as PrivateKey);
  return ratesPerSecond({ recover: () => signatureBackend.recoverSigner(hash, signature) }).recover;
}
