/** What two nodes hear arrives in every order there is, and every order ends well. */
import { describe, expect } from "bun:test";
import type { Policy } from "../../src/engine/policy.ts";
import { reject } from "../../src/primitives/result.ts";
import { concurrency } from "../../test/kind.ts";
import { exploreOrders } from "./delivery-orders.ts";
import { ORDER_SCRIPTS, type OrderScript } from "./order-scripts.ts";
import { arrive, type PureWorld } from "./pure-world.ts";

/** Scripts with more moments than that are for the command, which tells all; so is one that is told in one asset. */
const STATES_MAX = 700;

const isForCommand = ({ name }: OrderScript): boolean => /top-ups|in two assets/.test(name);

const scriptNamed = (name: string): OrderScript => {
  const script = ORDER_SCRIPTS.find((one) => one.name === name);
  if (script === undefined) throw new Error(`there is no script "${name}"`);
  return script;
};

describe("exploreOrders", () => {
  for (const script of ORDER_SCRIPTS.filter((one) => !isForCommand(one))) {
    concurrency(`finds no order in which the ${script.name} goes wrong`, () => {
      const { endings, failures, orders, states } = exploreOrders(script);

      expect(failures).toEqual([]);
      expect(states).toBeLessThan(STATES_MAX);
      expect(orders).toBeGreaterThan(BigInt(states));
      expect(endings).toBeGreaterThan(0);
    });
  }

  concurrency("counts each order of a fund of two", () => {
    const { endings, orders, states } = exploreOrders(scriptNamed("fund of two"));

    expect({ endings, orders, states }).toEqual({ endings: 1, orders: 54_201n, states: 131 });
  });

  concurrency(
    "tells the order after which a node waits for ever, when what it says is lost",
    () => {
      const script = scriptNamed("close of two");
      const begin = (): PureWorld => {
        const world = script.begin();
        arrive(world, "user 0");
        world.queues.set("0 to 1", []);
        return world;
      };

      const { failures } = exploreOrders({ ...script, begin });

      expect(failures.map(({ problem }) => problem)).toContain(
        "node 0 waits for DirectDefund for ever",
      );
    },
  );

  concurrency("tells who gives up what should come about", () => {
    const script = scriptNamed("fund of two");
    const policy: Policy = () => reject({ code: "PolicyRefused", why: "no" });
    const begin = (): PureWorld => {
      const world = script.begin();
      const rules = world.rules.map((one, index) => (index === 1 ? { ...one, policy } : one));
      return { ...world, rules };
    };

    const [failure] = exploreOrders({ ...script, begin }).failures;

    expect(failure?.problem).toBe("node 0 gives up: PolicyRefused");
  });
});
