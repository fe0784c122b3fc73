/** How the one who is left alone gets her money: what her user does, again and again, until nothing is left. */
import type { SimulatedNode } from "../../sim/simulated-node.ts";
import type { World } from "../../sim/world.ts";

/** How the one who is left alone goes on. */
export type Way =
  /** Her user asks for a dispute of each channel. */
  | "asks"
  /** Her user asks to close each channel; what nobody answers her node leaves to the chain by itself. */
  | "closes"
  /** Her user looks away for some minutes first: her node answers what others do by itself. */
  | "waits"
  /** Her node stops as well, and her user asks for disputes when it is back. */
  | "restarts";

/** Virtual milliseconds between two looks of her user: two blocks. */
const LOOK_MS = 24_000;

/** Looks without any news after which nothing more happens: longer than any challenge, or her node's patience. */
const STILL_LOOKS = 18;

/** Looks without any news after which all is over, when nothing is under way. */
const DONE_LOOKS = 4;

/** Looks after which something goes on for ever. */
const LOOKS_MAX = 400;

/** Resolves when nothing more happens. `recorded` counts what has happened. */
export async function claimAll(
  world: World,
  node: SimulatedNode,
  way: Way,
  recorded: () => number,
): Promise<void> {
  if (way === "waits") await world.pause(LOOK_MS * STILL_LOOKS);
  if (way === "restarts") {
    node.crash();
    await world.pause(LOOK_MS);
    await node.start();
  }
  let before = -1;
  let still = 0;
  for (let look = 0; still < STILL_LOOKS; look++) {
    if (look > LOOKS_MAX) throw new Error("she claims for ever");
    askAll(node, way);
    await world.pause(LOOK_MS);
    still = recorded() === before ? still + 1 : 0;
    before = recorded();
    // Who only asked to close waits for the others first.
    if (way !== "closes" && still >= DONE_LOOKS && isAtRest(node)) return;
  }
}

/** What was asked for before is refused, and does no harm. */
function askAll({ engine }: SimulatedNode, way: Way): void {
  for (const { id: channelId, use } of engine.channels()) {
    const closing = use.type === "Virtual" ? "DefundVirtually" : "DefundDirectly";
    const asked = engine.submit({ type: way === "closes" ? closing : "Dispute", channelId });
    void asked.then((answer) => {
      if (!answer.ok && IN_A_GAME.includes(answer.reason.code)) {
        void engine.submit({ type: "Dispute", channelId });
      }
    });
  }
}

/** Why nobody ends a game whose turn it is not: whether the other one plays on is for her user to know. */
const IN_A_GAME: readonly string[] = ["GameNotOver", "NotTheMover"];

/** True when nothing waits for a block. */
function isAtRest({ engine }: SimulatedNode): boolean {
  const isDisputing = engine
    .objectives()
    .some(({ goal, status }) => goal.type === "Dispute" && status === "Approved");
  return !isDisputing && engine.view().transactions.size === 0;
}
