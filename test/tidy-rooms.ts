/** Who may import whom. */
import { importsOf } from "./tidy-text.ts";

/** The rooms of `src` from the ground up. Rooms on one line never import each other. */
const FLOORS: readonly (readonly string[])[] = [
  ["primitives"],
  ["ports"],
  ["crypto"],
  ["channel"],
  ["messages"],
  ["protocols"],
  ["events"],
  ["store", "network", "chain"],
  ["watchtower"],
  ["derivation"],
  ["engine"],
  ["node"],
];

/** Rooms whose code is pure: synchronous, without clock, chance, input or output. */
export const CORE_ROOMS: readonly string[] = FLOORS.slice(0, 7).flat();

const BELOW_NODE = [...FLOORS.flat().filter((room) => room !== "node"), "adapters"];

/** What stands beside the floors, and what it may import besides itself. */
const BESIDE: Readonly<Record<string, readonly string[]>> = {
  adapters: ["primitives", "ports"],
  contracts: ["primitives", "ports", "crypto", "channel", "chain"],
  reducers: ["primitives", "crypto", "derivation"],
  sim: [...BELOW_NODE, "contracts"],
  scenarios: [...BELOW_NODE, "sim"],
  bench: [...BELOW_NODE, "node", "sim", "contracts", "reducers", "test"],
  test: [...BELOW_NODE, "node", "sim", "scenarios", "bench", "bin", "contracts", "reducers"],
  bin: ["primitives", "node", "sim"],
  planted: [...BELOW_NODE, "sim", "scenarios"],
};

/** The compiled contracts are data: these rooms of `src` may read them. */
const READERS_OF_CONTRACTS: readonly string[] = ["chain", "node"];

/** What any test file may import, whatever its room may. */
const FOR_TESTS: readonly string[] = ["sim", "test", "adapters", "contracts", "reducers"];

/** The room of a path: the folder below `src`, or the top folder outside it. */
export function roomOf(path: string): string {
  const [top = "", below = ""] = path.split("/");
  return top === "src" ? below : top;
}

/** True for a file that only the tests load. */
export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** True when a file at `from` may import the file at `to`. */
export function mayImport(from: string, to: string): boolean {
  const room = roomOf(from);
  const target = roomOf(to);
  if (room === target || !to.includes("/")) return true;
  if (isTest(from) && FOR_TESTS.includes(target)) return true;
  const beside = BESIDE[room];
  if (beside !== undefined) return beside.includes(target);
  if (target === "contracts") return READERS_OF_CONTRACTS.includes(room);
  const floor = FLOORS.findIndex((rooms) => rooms.includes(room));
  return FLOORS.slice(0, Math.max(floor, 0)).flat().includes(target) || usesAdapters(room, target);
}

/** Adapters are wired in by the program, and by nobody else in `src`. */
function usesAdapters(room: string, target: string): boolean {
  return room === "node" && target === "adapters";
}

/** Imports of a file that its room does not allow, each as `path -> target`. */
export function wrongImports(path: string, text: string): readonly string[] {
  const files = importsOf(path, text).filter((target) => /\.[a-z]+$/.test(target));
  const own = files.filter((target) =>
    /^(?:src|sim|scenarios|bench|test|bin|contracts|planted|reducers)\//.test(target),
  );
  return own.filter((target) => !mayImport(path, target)).map((target) => `${path} -> ${target}`);
}
