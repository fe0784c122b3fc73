/** Whether a copy with a planted bug compiles, and holds where nothing goes wrong. */
import { join } from "node:path";
import type { Hunted } from "./hunt.ts";

/** Scenarios in which something goes wrong, or somebody cheats: a bug may show in these. */
const TROUBLED: readonly string[] = [
  "challenge-at-fee-spike",
  "challenge-reorganised",
  "counterparty-silent",
  "deep-reorg",
  "deposit-reorganised",
  "endpoint-lies",
  "hop-refuses",
  "hop-silent",
  "hop-vanishes",
  "hub-vanishes",
  "restart",
  "rock-paper-scissors-on-chain",
  "stale-challenge",
  "stranger-interferes",
  "token-returns-false",
  "watchtower",
];

/** Calm plans that a copy must hold in: what most of the fault-free ground of the generator takes. */
const CALM_RUNS = 60;

/** What is wrong with the copy, in words; nothing for a bug that shows only when something goes wrong. */
export async function checkBug(folder: string): Promise<readonly string[]> {
  const types = await run(folder, [join("node_modules", ".bin", "tsc"), "-p", "."]);
  const errors = types.split("\n").filter((line) => line.startsWith("src/"));
  const calm = linesOf(await run(folder, ["planted/hunt.ts", "calm", `${CALM_RUNS}`]));
  const told = linesOf(await run(folder, ["planted/hunt.ts", "stories"]));
  return [
    ...errors,
    ...[...calm, ...told].flatMap(({ violations, where }) => {
      if (where === undefined || TROUBLED.includes(`${where}`)) return [];
      const [first] = violations;
      return [`${where}: ${first?.oracle}: ${first?.message.slice(0, 160)}`];
    }),
    ...(calm.length < CALM_RUNS || told.length === 0 ? ["the copy cannot be run"] : []),
  ];
}

async function run(folder: string, command: readonly string[]): Promise<string> {
  const words = [process.execPath, ...command];
  const { stdout } = Bun.spawn(words, { cwd: folder, stdout: "pipe", stderr: "ignore" });
  return new Response(stdout).text();
}

/** What a hunt in the copy told; lines of other kinds are left out. */
function linesOf(text: string): readonly Hunted[] {
  return text.split("\n").flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}
