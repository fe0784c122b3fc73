/** What others may let a node owe them. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import { ANSWERS_PER_PEER_MAX, overgrown } from "./growth.ts";

/** A node that owes each of these peers so many answers. */
function owing(answers: Readonly<Record<string, number>>): SimulatedNode {
  const open = Object.entries(answers).flatMap(([to, count]) =>
    Array.from({ length: count }, (_, n) => [
      `${to}/${n}`,
      { to, message: { type: "ResyncAnswer" } },
    ]),
  );
  const none = new Map();
  const tables = { channels: none, objectives: none, peers: none, transactions: none };
  const kept = { bytes: 0, unsettled: 0 };
  const engine = {
    load: () => ({ kept, inputs: 0, wishes: 0 }),
    view: () => ({ ...tables, messages: new Map(open as [string, unknown][]) }),
  };
  return { engine, parts: { name: "alice" }, store: { length: 0 } } as unknown as SimulatedNode;
}

describe("answers that nobody takes", () => {
  unit("may be as many as one peer is ever owed, for each of them", () => {
    expect(overgrown(owing({ bob: ANSWERS_PER_PEER_MAX, eve: ANSWERS_PER_PEER_MAX }), 0)).toEqual(
      [],
    );
  });

  unit("are too many where one of them asks on and on", () => {
    const [found, ...others] = overgrown(owing({ bob: 1, eve: ANSWERS_PER_PEER_MAX + 1 }), 0);

    expect(others).toEqual([]);
    expect(found?.resource).toBe("answers to one peer");
  });
});
