/** How a script pays by vouchers. */
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { Payment } from "../src/protocols/payments.ts";
import type { ActorName } from "./actors.ts";
import { ScenarioFailure } from "./scenario.ts";
import type { SimulatedNode } from "./simulated-node.ts";
import type { World } from "./world.ts";

/**
 * Pays, and waits until the payee's node has the voucher, however often it crashes meanwhile. Gives the code of
 * a refusal, the payer's own or the payee's.
 */
export async function payByVoucher(
  world: World,
  name: ActorName,
  { channelId, ...payment }: Payment & { readonly channelId: ChannelId },
): Promise<string | undefined> {
  const payer = world.node(name);
  if (!payer.isRunning) throw new ScenarioFailure(`${name} has crashed and cannot pay`);
  const participants = payer.engine.channel(channelId)?.fixedPart.participants ?? [];
  const ends = [participants[0], participants.at(-1)];
  const payee = [...world.nodes.values()].find(
    ({ address }) => address !== payer.address && ends.includes(address),
  );
  if (payee === undefined) throw new ScenarioFailure(`${channelId} has no other end`);
  const dropped = payer.next(
    ({ event }) => event.type === "MessageDropped" && event.peer === payee.address,
  );
  const answer = await payer.engine.pay(channelId, payment);
  if (!answer.ok) return answer.reason.code;
  return Promise.race([
    taken(payee, channelId, answer.value.counter),
    dropped.then(({ event }) => (event.type === "MessageDropped" ? event.code : undefined)),
  ]);
}

async function taken(
  payee: SimulatedNode,
  channelId: ChannelId,
  counter: number,
): Promise<undefined> {
  const known = payee.isRunning ? payee.engine.channel(channelId)?.vouchers.received : undefined;
  if (known !== undefined && known.counter >= counter) return undefined;
  await payee.next(
    ({ event }) =>
      event.type === "VoucherReceived" && event.channelId === channelId && event.counter >= counter,
  );
  return undefined;
}
