/** Paying by vouchers in one virtual channel: how many payments a second, at both ends together. */
import type { ActorName } from "../sim/actors.ts";
import { ETH } from "../sim/assets.ts";
import { type SimulatedChain, startSimulatedChain } from "../sim/simulated-chain.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import { assert } from "../src/primitives/assert.ts";
import type { Benchmark, Figure } from "./benchmark.ts";
import { HubWorld, type Measured } from "./hub-world.ts";
import { primitivesText } from "./primitive-costs.ts";
import { median } from "./slices.ts";

/** Payments in one slice, each of the smallest unit: some hundred milliseconds. */
const PAYMENTS = 500;

/** Slices measured, after as many that are not: the code is compiled by then. */
const SLICES = 8;

/** Channels that are open beside the one that is paid in. */
const OPEN = { quick: 300, full: 10_000 } as const;

/** Channels that are asked for at once. */
const AT_ONCE = 100;

export const benchmark: Benchmark = {
  name: "payments",
  question: "How many payments a second does one virtual channel take, with real signatures?",
  run: async ({ full }) => {
    const chain = await startSimulatedChain("evm");
    try {
      const oneWay = await payMany(chain, ["alice"], 1);
      const bothWays = await payMany(chain, ["alice", "bob"], 1);
      const open = full ? OPEN.full : OPEN.quick;
      const amongMany = await payMany(chain, ["alice"], open);
      const many = open.toLocaleString("en-US");
      return {
        figures: [
          { what: "payments, one way", value: rate(oneWay), unit: "payments/s", floor: 1_000 },
          figure("payments, one way, both logs included", oneWay),
          figure("payments, both ways at once", bothWays),
          figure(`payments, one way, ${many} channels open`, amongMany),
        ],
      };
    } finally {
      await chain.local.stop();
    }
  },
};

/** Opens channels, and lets some pay in the first of them. */
async function payMany(
  chain: SimulatedChain,
  payers: readonly ActorName[],
  open: number,
): Promise<readonly Measured[]> {
  const hub = await HubWorld.begin(chain, open);
  let channelId: ChannelId | undefined;
  for (let done = 0; done < open; done += AT_ONCE) {
    await hub.run(async () => {
      const opened = await hub.openVirtual(Math.min(AT_ONCE, open - done));
      channelId ??= opened[0];
    });
  }
  assert(channelId !== undefined, "a channel is open");
  const slices: Measured[] = [];
  for (let count = 0; count < 2 * SLICES; count += 1) {
    await hub.rest();
    slices.push(await payOnce(hub, payers, channelId));
  }
  hub.stop();
  return slices.slice(SLICES);
}

/** Each payer pays `PAYMENTS` times; over when everybody has been paid. */
function payOnce(
  hub: HubWorld,
  payers: readonly ActorName[],
  channelId: ChannelId,
): Promise<Measured> {
  return hub.measure(() => Promise.all(payers.map((payer) => payAll(hub, payer, channelId))));
}

async function payAll(hub: HubWorld, payer: ActorName, channelId: ChannelId): Promise<void> {
  const { engine } = hub.world.node(payer);
  const payee = hub.world.node(payer === "alice" ? "bob" : "alice");
  const last = (engine.channel(channelId)?.vouchers.issued?.counter ?? 0) + PAYMENTS;
  const isPaid = payee.next(
    ({ event }) =>
      event.type === "VoucherReceived" && event.channelId === channelId && event.counter === last,
  );
  const payment = { asset: ETH.address, amount: 1n };
  const answers = await Promise.all(
    Array.from({ length: PAYMENTS }, () => engine.pay(channelId, payment)),
  );
  assert(
    answers.every(({ ok }) => ok),
    "every payment is taken",
  );
  await isPaid;
}

function rate(slices: readonly Measured[]): number {
  return paidIn(slices) / median(slices.map(({ seconds }) => seconds));
}

/** Payments in one slice: as many as vouchers were signed. */
function paidIn(slices: readonly Measured[]): number {
  return slices[0]?.work.signatures ?? 0;
}

function figure(what: string, slices: readonly Measured[]): Figure {
  const work = slices[0]?.work;
  assert(work !== undefined, "something was paid");
  return {
    what,
    value: rate(slices),
    unit: "payments/s",
    yardstick: primitivesText(work, paidIn(slices)),
    ratio: median(slices.map(({ bound, seconds }) => bound / seconds)),
    goal: 0.8,
  };
}
