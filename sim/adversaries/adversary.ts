/** An adversary as her strategies have her: what she sees, what she owns, and what she can do. */
import type { ContractCall } from "../../src/chain/adjudicator.ts";
import type { ChannelId } from "../../src/channel/channel-id.ts";
import { stateHash, type VariablePart } from "../../src/channel/state.ts";
import type { Address } from "../../src/crypto/address.ts";
import type { Hash, Signature } from "../../src/crypto/signature.ts";
import type { Message } from "../../src/messages/message.ts";
import { ACTOR_NAMES, type ActorName, keyOf } from "../actors.ts";
import { createChainVerbs } from "../chain-stage.ts";
import { drawBetween, drawBytes } from "../keyed-random.ts";
import type { SimulatedNode } from "../simulated-node.ts";
import { TOWER_KEEPER } from "../watchtower.ts";
import type { World } from "../world.ts";
import type { Evidence } from "./evidence.ts";
import type { Move } from "./move.ts";
import type { Seat } from "./seat.ts";

type Options = {
  readonly world: World;
  readonly move: Move;
  /** What the strategy of the move leaves open: the least and the most. */
  readonly settings: Readonly<Record<string, readonly [min: number, max: number]>>;
  readonly seat: Seat;
  readonly evidence: Evidence;
};

/** One move of an adversary, under way. */
export class Adversary {
  readonly world: World;
  readonly name: ActorName;
  readonly evidence: Evidence;
  readonly seat: Seat;
  /** How often she did what, by words. */
  readonly deeds: Map<string, number> = new Map();
  readonly #options: Options;
  readonly #drawn = new Map<string, number>();
  #isOver = false;

  constructor(options: Options) {
    this.#options = options;
    this.world = options.world;
    this.name = options.move.by;
    this.evidence = options.evidence;
    this.seat = options.seat;
  }

  /** Her node, which keeps to the rules. */
  get node(): SimulatedNode {
    return this.world.node(this.name);
  }

  get address(): Address {
    return this.node.address;
  }

  get adjudicator(): Address {
    return this.world.options.chain.deployment.adjudicator;
  }

  /** Everybody else with a node, in the order of the cast. */
  get peers(): readonly ActorName[] {
    return this.world.options.cast.filter((name) => name !== this.name);
  }

  /** True while the move is played. */
  get isPlaying(): boolean {
    return !this.#isOver && this.world.virtualMs >= this.#options.move.fromMs;
  }

  /** A setting of the move, held within the bounds of its strategy; the least where the move has none. */
  setting(name: string): number {
    const { move, settings } = this.#options;
    const [min, max] = settings[name] ?? [0, 0];
    return Math.min(max, Math.max(min, move.settings[name] ?? min));
  }

  /** Counts something that she did, and shows it the first time. */
  did(what: string): void {
    const times = (this.deeds.get(what) ?? 0) + 1;
    this.deeds.set(what, times);
    if (times === 1) this.world.note(this.name, what);
  }

  /** Does something later, if the move is still played then. */
  after(delayMs: number, run: () => void): void {
    this.world.timeline.after(delayMs, () => {
      if (this.isPlaying) run();
    });
  }

  /** The move is over. */
  stop(): void {
    this.#isOver = true;
  }

  nameAt(address: Address): ActorName | undefined {
    return [...this.world.nodes.values()].find((node) => node.address === address)?.parts.name;
  }

  sign(hash: Hash): Signature {
    return this.world.options.signatures.signHash(hash, keyOf(this.name));
  }

  signState(channelId: ChannelId, variablePart: VariablePart): Signature {
    return this.sign(stateHash(channelId, variablePart));
  }

  /** Says something in her node's name that her node knows nothing of. */
  tell(to: ActorName, message: Message): void {
    this.seat.tell(to, message);
  }

  tellAll(message: Message): void {
    for (const peer of this.peers) this.tell(peer, message);
  }

  /**
   * Sends a transaction past her node, from an account that nobody in the cast has. Resolves with whether the
   * pool took it: a call that no block could hold wins nothing.
   */
  async send(call: ContractCall, label: string, isFirst = false): Promise<boolean> {
    const purse = ACTOR_NAMES.findLast(
      (name) => name !== TOWER_KEEPER && !this.world.nodes.has(name),
    );
    if (purse === undefined) return false;
    const how = { by: purse, isFirst, label: `${this.name}: ${label}` };
    try {
      await createChainVerbs(this.world).asStranger(call, how);
    } catch {
      return false;
    }
    this.did(label);
    return true;
  }

  /** Bytes by chance, others each time. */
  drawBytes(what: string): Uint8Array {
    return drawBytes(this.world.options.seed, what, this.#key, this.#count(what));
  }

  /** A whole number by chance, both bounds included. */
  draw(what: string, bounds: readonly [min: number, max: number]): number {
    return drawBetween(bounds, this.world.options.seed, what, this.#key, this.#count(what));
  }

  get #key(): string {
    return `move ${this.#options.move.id}`;
  }

  #count(what: string): number {
    const n = this.#drawn.get(what) ?? 0;
    this.#drawn.set(what, n + 1);
    return n;
  }
}
