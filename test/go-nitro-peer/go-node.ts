/** A go-nitro node of a simulated world: its engine, its key, its lines, and its view of the chain. */
import { type ActorName, keyOf } from "../../sim/actors.ts";
import { createChainVerbs } from "../../sim/chain-stage.ts";
import type { World } from "../../sim/world.ts";
import { concludeAndTransferAllAssetsCall, depositCall } from "../../src/chain/adjudicator.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import type { ObjectiveId } from "../../src/channel/objective-id.ts";
import { type Address, ZERO_ADDRESS } from "../../src/crypto/address.ts";
import { decodeGoNitro, encodeGoNitro } from "../../src/messages/go-nitro/codec.ts";
import type { Content } from "../../src/network/go-nitro/word.ts";
import type { Transport } from "../../src/ports/transport.ts";
import { allSignatures } from "../../src/protocols/signing.ts";
import { GoEngine } from "./go-engine.ts";
import { goKeyOf } from "./go-key.ts";
import type { GoTransaction } from "./go-objective.ts";
import { panic } from "./go-panic.ts";

/** Milliseconds between two looks of somebody who waits for an objective. */
const LOOK_MS = 100;

/** Blocks that a go-nitro node waits for. Source: go-nitro, REQUIRED_BLOCK_CONFIRMATIONS. */
const CONFIRMATIONS = 2;

/** Times that go-nitro tries to reach a peer, and the milliseconds between. Source: go-nitro, service.go. */
const ATTEMPTS_MAX = 10;
const ATTEMPT_MS = 5_000;

/** Milliseconds that they take here. */
const CONFIRMATION_MS = CONFIRMATIONS * 12_000;

export class GoNode {
  readonly engine: GoEngine;
  readonly address: Address;
  readonly name: ActorName;
  readonly #world: World;
  readonly #transport: Transport;
  readonly #isGo: (name: ActorName) => boolean;
  readonly #nameOf: (address: Address) => ActorName;
  /** Every line that came, oldest first. */
  readonly heard: string[] = [];

  constructor(
    world: World,
    name: ActorName,
    isGo: (name: ActorName) => boolean,
    approves?: () => boolean,
  ) {
    this.#isGo = isGo;
    const { signatures } = world.options;
    const key = goKeyOf(signatures, keyOf(name));
    this.name = name;
    this.address = key.address;
    this.#world = world;
    this.#transport = world.wire.transportOf(name);
    const names = new Map([...world.nodes].map(([other, node]) => [node.address, other]));
    this.#nameOf = (address) => names.get(address) ?? panic("routing: not found");
    this.engine = new GoEngine({
      key,
      send: (to, content) => this.#send(to, content),
      submit: (transaction) => this.#submit(transaction),
      ...(approves === undefined ? {} : { approves }),
    });
  }

  /** Listens to its peers and to the chain. Whatever stops it ends the run of the world. */
  start(): void {
    this.#transport.listen((_, line) => this.#guard(() => this.#hear(line)));
    this.#world.witnesses.push({
      sawRecord: () => undefined,
      sawReorg: () => Promise.resolve(),
      sawBlock: ({ logs }) => {
        for (const log of logs) {
          if (log.type === "Deposited") this.#sawHoldings(log.channelId, log.holdings);
          if (log.type === "AllocationUpdated") this.#sawHoldings(log.channelId, log.finalHoldings);
        }
        return Promise.resolve();
      },
    });
  }

  /** Resolves once this node has completed the objective. */
  async completed(id: ObjectiveId): Promise<void> {
    while (this.engine.objectives.get(id)?.status !== "Completed") {
      await this.#world.pause(LOOK_MS);
    }
  }

  #hear(bytes: Uint8Array): void {
    const line = new TextDecoder().decode(bytes);
    this.heard.push(line);
    const message = decodeGoNitro(line);
    if (!message.ok) panic(`could not unmarshal: ${message.reason.problem}`);
    else this.engine.handle(message.value);
  }

  #send(to: Address, content: Content): void {
    const line = encodeGoNitro({ ...content, to, from: this.address });
    this.#sendLine(this.#nameOf(to), new TextEncoder().encode(line), 0);
  }

  /** A peer that is away is tried ten times; then go-nitro calls it a success. Source: go-nitro, service.go. */
  #sendLine(to: ActorName, line: Uint8Array, attempts: number): void {
    const isAway = this.#world.node(to).isRunning === false && !this.#isGo(to);
    if (!isAway) this.#transport.send(to, line);
    else if (attempts < ATTEMPTS_MAX) {
      this.#world.timeline.after(ATTEMPT_MS, () => this.#sendLine(to, line, attempts + 1));
    }
  }

  #sawHoldings(channelId: ChannelId, holdings: bigint): void {
    this.#world.timeline.after(CONFIRMATION_MS, () =>
      this.#guard(() => this.engine.handleHoldings(channelId, holdings)),
    );
  }

  #submit(transaction: GoTransaction): void {
    const { adjudicator } = this.#world.options.chain.deployment;
    const chain = createChainVerbs(this.#world);
    const call =
      transaction.type === "Deposit"
        ? depositCall(adjudicator, {
            asset: ZERO_ADDRESS,
            channelId: transaction.channelId,
            expectedHeld: this.engine.channels.get(transaction.channelId)?.holdings ?? 0n,
            amount: transaction.amount,
          })
        : concludeAndTransferAllAssetsCall(
            adjudicator,
            transaction.channel.fixedPart,
            transaction.state.variablePart,
            allSignatures(transaction.state),
          );
    const label = `${this.name}'s ${transaction.type}`;
    chain.asStranger(call, { label }).catch((error: unknown) => this.#world.fail(error));
  }

  #guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.#world.fail(error);
    }
  }
}
