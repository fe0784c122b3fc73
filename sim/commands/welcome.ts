/** What a newcomer is told before and after the first run. */

import { textTable } from "../../src/primitives/text-table.ts";
import type { Scenario } from "../scenario.ts";
import type { Shell } from "./shell.ts";

/** What will happen now. */
export function welcomeLines({ summary }: Scenario, { paint }: Shell): readonly string[] {
  return [
    paint.bold("channels: event-sourced state channels, and a world to try them in"),
    "",
    "This starts a chain of your own, deploys the contracts, and runs one story on it:",
    `${summary}.`,
    "Nodes, signatures and contracts are real; time and network are simulated.",
    "",
  ];
}

/** What to try next, as commands that work. */
export function whatNextLines({ name, paint }: Shell): readonly string[] {
  const commands = [
    ["list", "all scenarios"],
    ["run demo --seed 7 --twice", "one seed in two processes: the same run, to the byte"],
    ["run demo --set updates=3", "a parameter changed"],
    ["run demo --keep kept", "every message, event and block, in files"],
    ["step kept/trace.json", "a walk through them, one by one"],
    ["log show kept/alice", "what happened at one node, event by event"],
    ["new my-story", "a scenario of your own, to start from"],
  ];
  const rows = commands.map(([command = "", what = ""]) => [`${name} ${command}`, what]);
  return ["", paint.bold("What to try next"), ...textTable(rows, ["left", "left"])];
}
