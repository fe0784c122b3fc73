/** The stage on which Eve is hostile to Alice, and how Eve gets there honestly. */
import { expect } from "bun:test";
import type { SimulatedChain } from "../../sim/simulated-chain.ts";
import { createStage } from "../../sim/stage.ts";
import type { World } from "../../sim/world.ts";
import { type ChannelId, channelIdOf } from "../../src/channel/channel-id.ts";
import { directDefundId, type ObjectiveId, updateId } from "../../src/channel/objective-id.ts";
import type { Outcome } from "../../src/channel/outcome.ts";
import type { VariablePart } from "../../src/channel/state.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import type { Message, ResyncMessage } from "../../src/messages/message.ts";
import { playWorld } from "../played-world.ts";
import { fixedPartOf, outcomeOf, Puppet, prefundOf, stateOf } from "./puppet.ts";

/** How far the channel is when the hostile message comes. */
export type Stage = "unknown" | "funding" | "running" | "final";

/** Everything that a row may use to make its message. */
export type Scene = {
  readonly world: World;
  readonly eve: Puppet;
  readonly ivan: Puppet;
  readonly people: readonly Address[];
  readonly channelId: ChannelId;
  /** What the channel pays once it runs: six to Eve, four to Alice, at turn 3. Turn 4 is Eve's. */
  readonly outcome: Outcome;
};

/** Eve's next move: she pays Alice one. */
export const next = (scene: Scene, changes: Partial<VariablePart> = {}): VariablePart => ({
  outcome: outcomeOf(scene.people, [5n, 5n]),
  appData: "0x",
  turnNum: 4,
  isFinal: false,
  ...changes,
});

/** The objective of that move. */
export const nextId = ({ channelId }: Scene): ObjectiveId => updateId(channelId, 0, 0);

/** The honest end of the channel, signed by Eve first. */
export function finalOf(scene: Scene, changes: Partial<VariablePart> = {}): Message {
  const { channelId, eve, outcome } = scene;
  const variablePart = { ...next(scene), outcome, isFinal: true, ...changes };
  return stateOf(eve, channelId, variablePart, directDefundId(channelId));
}

/** Plays a story with Alice's node and two puppets. */
export async function playScene(
  chain: SimulatedChain,
  stage: Stage,
  act: (scene: Scene) => Promise<void>,
): Promise<void> {
  const cast = ["alice", "eve", "ivan"] as const;
  const options = {
    seed: 1,
    cast,
    chain,
    signatures: "real",
    puppets: cast.slice(1),
  } as const;
  await playWorld(options, async (world) => {
    const fixedPart = fixedPartOf(world);
    const people = fixedPart.participants;
    const scene: Scene = {
      world,
      eve: new Puppet(world, "eve"),
      ivan: new Puppet(world, "ivan"),
      people,
      channelId: channelIdOf(fixedPart),
      outcome: outcomeOf(people, [6n, 4n]),
    };
    await reach(scene, stage);
    await act(scene);
    await quiet(world);
    for (const puppet of [scene.eve, scene.ivan]) puppet.leave();
  });
}

/** Brings the channel to the stage, with an Eve who is honest until then. */
async function reach(scene: Scene, stage: Stage): Promise<void> {
  const { channelId, eve, people, world } = scene;
  if (stage === "unknown") return;
  const opening = outcomeOf(people, [0n, 10n]);
  expect(await eve.say(prefundOf(eve, fixedPartOf(world), opening))).toBe("Accepted");
  await quiet(world);
  expect(world.node("alice").engine.channel(channelId)?.mySignedTurn).toBe(1);
  if (stage === "funding") return;
  const postfund = { outcome: opening, appData: "0x", turnNum: 1, isFinal: false } as const;
  expect(await eve.say(stateOf(eve, channelId, postfund))).toBe("Accepted");
  await takePayment(scene, 0, 5n, outcomeOf(people, [5n, 5n]));
  await takePayment(scene, 1, 1n, scene.outcome);
  if (stage === "final") expect(await eve.say(finalOf(scene))).toBe("Accepted");
  await quiet(world);
}

/** Alice pays Eve, who signs first where it is her move, and otherwise second. */
async function takePayment(scene: Scene, count: number, amount: bigint, outcome: Outcome) {
  const { channelId, eve, world } = scene;
  const { engine } = world.node("alice");
  const change = { type: "Pay", asset: ZERO_ADDRESS, to: 0, amount } as const;
  const answer = await engine.submit({ type: "UpdateChannel", channelId, change });
  expect(answer.ok).toBe(true);
  const paid = { outcome, appData: "0x", turnNum: 2 + count, isFinal: false } as const;
  await world.pause(1_000);
  const signed = stateOf(eve, channelId, paid, updateId(channelId, 1, count));
  expect(await eve.say(signed)).toBe("Accepted");
  expect(engine.channel(channelId)?.supported?.variablePart).toEqual(paid);
}

/** The round that Alice asked Eve about. */
export function roundOf({ eve }: Scene): number {
  const asked = eve.heard.findLast(({ type }) => type === "ResyncRequest");
  return (asked as ResyncMessage & { readonly type: "ResyncRequest" }).round;
}

/** Waits until Alice has nothing left to do by herself. */
export async function quiet(world: World): Promise<void> {
  do await createStage(world, {}).pause(60_000);
  while (!world.node("alice").engine.isIdle());
}

/** What an honest Eve would say next; Alice must take it as if nothing had happened. */
export async function goOn(scene: Scene, stage: Stage): Promise<void> {
  const { channelId, eve, people, world } = scene;
  const { engine } = world.node("alice");
  if (stage === "unknown") return reach(scene, "funding");
  if (stage === "funding") {
    const opening = outcomeOf(people, [0n, 10n]);
    const postfund = { outcome: opening, appData: "0x", turnNum: 1, isFinal: false } as const;
    expect(await eve.say(stateOf(eve, channelId, postfund))).toBe("Accepted");
    expect(engine.channel(channelId)?.supported?.variablePart.turnNum).toBe(1);
    return;
  }
  if (stage === "running") {
    expect(await eve.say(stateOf(eve, channelId, next(scene), nextId(scene)))).toBe("Accepted");
    expect(engine.channel(channelId)?.supported?.variablePart).toEqual(next(scene));
    return;
  }
  expect(await eve.say(finalOf(scene))).toBe("Accepted");
  expect(engine.channel(channelId)?.supported?.variablePart.isFinal).toBe(true);
}
