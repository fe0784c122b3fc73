/** A process that plays the seeds it is handed, one after the other. Started by `workers.ts`. */
import "../banned-globals.ts";
import { NodeError } from "../../src/primitives/node-error.ts";
import { type ChainPair, playSeed, startChains } from "./play-seed.ts";
import type { FromWorker, ToWorker } from "./worker-messages.ts";

let chains: Promise<ChainPair> | undefined;

function tell(message: FromWorker): void {
  process.send?.(message);
}

async function play({ seeds, settings }: ToWorker): Promise<void> {
  chains ??= startChains(settings);
  try {
    const pair = await chains;
    for (const seed of seeds) {
      tell({ type: "Played", result: await playSeed(seed, settings, pair) });
    }
    tell({ type: "Ready" });
  } catch (error) {
    const isOutside = error instanceof NodeError;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    tell({ type: "Broke", isOutside, message: isOutside ? error.message : text });
  }
}

process.on("message", (message: ToWorker) => void play(message));
process.on("disconnect", () => process.exit(0));
tell({ type: "Ready" });
