/** Calls by which a participant cheats on the chain: with states that all signed, and that are not the newest. */
import { type ContractCall, challengeCall } from "../src/chain/adjudicator.ts";
import type { ChannelId } from "../src/channel/channel-id.ts";
import type { SignedState } from "../src/channel/signed-state.ts";
import { stateHash } from "../src/channel/state.ts";
import { challengeHash } from "../src/channel/state-challenge.ts";
import { reconstructChannel } from "../src/engine/reconstruction.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import { allSignatures } from "../src/protocols/signing.ts";
import { keyOf } from "./actors.ts";
import type { SimulatedNode } from "./simulated-node.ts";

/** Every state of a channel that all had signed at some moment, as the log of one participant has it, oldest first. */
export async function supportedStates(
  { store }: SimulatedNode,
  channelId: ChannelId,
): Promise<readonly SignedState[]> {
  const states: SignedState[] = [];
  for await (const { event, offset } of store.readFrom(0)) {
    if (event.type !== "SupportedStateAdvanced" || event.channelId !== channelId) continue;
    const channel = await reconstructChannel(store, channelId, offset + 1);
    states.push(assertDefined(channel?.supported, "the state that has just become supported"));
  }
  return states;
}

/** The challenge of a channel by one participant with such a state. Anybody can send it. */
export async function challengeWith(
  node: SimulatedNode,
  channelId: ChannelId,
  turnNum: number,
  adjudicator: ContractCall["to"],
): Promise<ContractCall> {
  const states = await supportedStates(node, channelId);
  const state = states.find(({ variablePart }) => variablePart.turnNum === turnNum);
  const shown = assertDefined(state, `a state of turn ${turnNum}`);
  const channel = await reconstructChannel(node.store, channelId, node.store.length);
  const { fixedPart } = assertDefined(channel, "the channel");
  const { name, signatures: backend } = node.parts;
  const hash = challengeHash(stateHash(channelId, shown.variablePart));
  const candidate = { variablePart: shown.variablePart, signatures: allSignatures(shown) };
  const claim = { fixedPart, proof: [], candidate };
  return challengeCall(adjudicator, claim, backend.signHash(hash, keyOf(name)));
}
