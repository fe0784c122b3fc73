/**
 * A writing process is killed at random moments, and nothing that it acknowledged is lost. 30 deaths; for
 * more: `CHANNELS_KILLS=1000 bun test test/crash/kill.test.ts`.
 */
import { describe, expect } from "bun:test";
import { join } from "node:path";
import { crash } from "../kind.ts";
import { withFolder } from "../ports-temporary-folder.ts";
import { killOften } from "./kill-run.ts";

const KILLS = Number(process.env["CHANNELS_KILLS"] ?? 30);

/** Logs that live at the same time: a process starts while another one writes. */
const LOGS_AT_ONCE = 2;

/** Deaths of one log: enough for some hundred segments, few enough to see many beginnings. */
const DEATHS_OF_A_LOG = 50;

/** Forty times what one death takes: others may keep the machine busy. */
const TIMEOUT_MS = KILLS * 4_000;

describe("killing the writer of a log", () => {
  crash(
    "loses nothing that was acknowledged, leaves no half batch, and the end stays proven",
    () =>
      withFolder(async (folder) => {
        const logs = Math.ceil(KILLS / DEATHS_OF_A_LOG);
        let acknowledged = 0;
        const liveFrom = async (first: number): Promise<void> => {
          for (let log = first; log < logs; log += LOGS_AT_ONCE) {
            const deaths = Math.min(DEATHS_OF_A_LOG, KILLS - log * DEATHS_OF_A_LOG);
            const report = await killOften(join(folder, `${log}`), deaths, log * DEATHS_OF_A_LOG);
            acknowledged += report.acknowledged;
          }
        };
        await Promise.all(Array.from({ length: LOGS_AT_ONCE }, (_, first) => liveFrom(first)));

        // On a busy machine most die before they have written anything.
        expect(acknowledged).toBeGreaterThan(0);
      }),
    TIMEOUT_MS,
  );
});
