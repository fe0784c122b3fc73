/** Strategies by which a node is there twice, or never for long. */
import { createMemoryDisk } from "../../src/adapters/memory-disk.ts";
import type { ActorName } from "../actors.ts";
import { SimulatedNode } from "../simulated-node.ts";
import type { Adversary } from "./adversary.ts";
import type { Strategy } from "./strategy.ts";

export const CRASH_LOOP: Strategy = {
  summary: "crashes and comes back again and again",
  attack: "E2",
  role: "Any",
  settings: { everyMs: [50, 20_000], awayMs: [0, 20_000], times: [1, 20] },
  play: (adversary) => {
    const crash = (left: number): void => {
      if (adversary.node.isRunning) {
        adversary.did("crashes");
        adversary.node.crash();
      }
      adversary.after(adversary.setting("awayMs"), () => {
        if (!adversary.node.isRunning) void restart(adversary);
        if (left > 1) adversary.after(adversary.setting("everyMs"), () => crash(left - 1));
      });
    };
    return { begins: () => crash(adversary.setting("times")) };
  },
};

export const TWIN: Strategy = {
  summary:
    "is there twice, with one key and one log, and each of the two talks to half of her peers",
  attack: "S6",
  role: "Any",
  settings: { half: [0, 1] },
  play: (adversary) => {
    let twin: SimulatedNode | undefined;
    return {
      begins: () => {
        const isTwins = (peer: ActorName): boolean =>
          adversary.peers.indexOf(peer) % 2 === adversary.setting("half");
        twin = twinOf(adversary, isTwins);
        adversary.did("is there twice");
        // A copy that cannot start is none: she goes on alone.
        twin.start().catch(() => adversary.did("is there once"));
      },
      ends: () => {
        if (twin?.isRunning) twin.crash();
      },
    };
  },
};

async function restart(adversary: Adversary): Promise<void> {
  // A disk that fails is a fault of another kind; she stays away then.
  await adversary.node.start().catch(() => adversary.did("stays away"));
}

function twinOf({ name, node, seat }: Adversary, talksTo: (peer: ActorName) => boolean) {
  const disk = createMemoryDisk();
  disk.restore(node.parts.disk.snapshot());
  const wire = { disconnect: () => undefined, transportOf: () => seat.transport(talksTo) };
  const parts = { ...node.parts, name, disk, wire, tower: undefined };
  return new SimulatedNode({ ...parts, onRecord: () => undefined, onFault: () => undefined });
}
