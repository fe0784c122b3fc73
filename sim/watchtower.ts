/** A watchtower in a simulated world: the real one, on a virtual disk and clock, and with a door to the chain. */
import type { ContractCall } from "../src/chain/adjudicator.ts";
import type { ChainSettings } from "../src/chain/chain-settings.ts";
import {
  type SignedTransaction,
  signTransaction,
  type Transaction,
} from "../src/chain/transaction.ts";
import type { Address } from "../src/crypto/address.ts";
import type { SignatureBackend } from "../src/crypto/signature.ts";
import type { TowerDoor } from "../src/engine/tower-client.ts";
import type { EventRecord } from "../src/events/record.ts";
import type { EthereumRpc } from "../src/ports/ethereum-rpc.ts";
import { assertDefined } from "../src/primitives/assert.ts";
import type { App } from "../src/protocols/protocol.ts";
import type { LogDisk } from "../src/store/log-disk.ts";
import type { Appointment } from "../src/watchtower/appointment.ts";
import type { TowerEvent } from "../src/watchtower/tower-event.ts";
import { openTowerStore, type TowerFault, Watchtower } from "../src/watchtower/watchtower.ts";
import { type ActorName, keyOf } from "./actors.ts";
import { drawBytes } from "./keyed-random.ts";
import { addressOf } from "./simulated-chain.ts";
import { makeReal } from "./stand-in-signatures.ts";
import type { Timeline } from "./timeline.ts";

/** Who keeps the tower of a world: Igor, whose account pays its fees. He has no node then. */
export const TOWER_KEEPER: ActorName = "igor";

/** Channels that the tower of a world watches for each client: more than any story has. */
const CHANNELS_PER_CLIENT_MAX = 1_000;

/** Virtual milliseconds that an appointment, or the end of one, is under way to the tower. */
const WAY_MS = 20;

/** What a tower is made from. It stays over restarts of the tower. */
export type TowerParts = {
  readonly seed: number;
  readonly timeline: Timeline;
  readonly disk: LogDisk;
  readonly rpcs: readonly EthereumRpc[];
  readonly chain: ChainSettings;
  readonly signatures: SignatureBackend;
  readonly apps: ReadonlyMap<Address, App>;
  readonly onRecord: (record: EventRecord<TowerEvent>) => void;
  readonly onFault: (fault: TowerFault) => void;
  /** Told of each appointment that the tower did not take. */
  readonly onRefusal: (client: ActorName, code: string) => void;
};

/** Something that a client says to the tower. It ends when the tower has answered. */
type Telling = (tower: Watchtower) => Promise<void>;

/** A tower that can crash and come back. */
export class SimulatedTower {
  readonly parts: TowerParts;
  #tower: Watchtower | undefined;
  #unsubscribe: (() => void) | undefined;
  #recorded = 0;
  #lives = 0;
  /** What the tower has not answered yet, in the order in which clients said it. */
  readonly #untold = new Set<Telling>();

  constructor(parts: TowerParts) {
    this.parts = parts;
  }

  /** The running tower. */
  get tower(): Watchtower {
    return assertDefined(this.#tower, "the tower, running");
  }

  get isRunning(): boolean {
    return this.#tower !== undefined;
  }

  /** True when nothing is under way at the tower; one that is down has nothing. */
  get isIdle(): boolean {
    return this.#tower?.isIdle() ?? true;
  }

  /** Starts the tower from its log: the first time an empty one, later whatever is on the disk. */
  async start(): Promise<void> {
    const { apps, chain, disk, onFault, rpcs, seed, signatures, timeline } = this.parts;
    const life = this.#lives++;
    const logId = drawBytes(seed, "log id", "tower", 0).slice(0, 16);
    const store = await openTowerStore(disk, logId);
    this.#recorded = Math.min(this.#recorded, store.length);
    this.#unsubscribe = store.subscribe(this.#recorded, (record) => {
      this.#recorded = record.offset + 1;
      this.parts.onRecord(record);
    });
    let drawn = 0;
    this.#tower = await Watchtower.start({
      rules: {
        appOf: (app) => apps.get(app),
        recoverSigner: signatures.recoverSigner,
        channelsPerClientMax: CHANNELS_PER_CLIENT_MAX,
      },
      store,
      clock: { nowMs: () => timeline.nowMs, after: (delayMs, run) => timeline.after(delayMs, run) },
      random: {
        bytes: (sizeBytes) =>
          drawBytes(seed, "random", `tower ${life}`, drawn++).slice(0, sizeBytes),
      },
      rpcs,
      chain,
      account: {
        address: addressOf(TOWER_KEEPER),
        complete: (call) => this.#complete(call),
        sign: (transaction) => this.#sign(transaction),
      },
      onFault,
    });
    for (const tell of this.#untold) void this.#tell(tell);
  }

  /** Stops at once. What is on the disk stays; everything else is lost. */
  crash(): void {
    this.tower.stop();
    this.#unsubscribe?.();
    this.#tower = undefined;
  }

  /** The way of one client to the tower. It is short, but not in no time; and it goes on until the tower answers. */
  doorOf(client: ActorName): TowerDoor {
    const address = this.parts.signatures.addressOf(keyOf(client));
    return {
      give: (appointment: Appointment) =>
        this.#carry(async (tower) => {
          const answer = await tower.give(address, appointment);
          if (!answer.ok) this.parts.onRefusal(client, answer.reason.code);
        }),
      end: (channelId) => this.#carry((tower) => tower.end(address, channelId)),
    };
  }

  #carry(tell: Telling): void {
    this.#untold.add(tell);
    this.parts.timeline.after(WAY_MS, () => void this.#tell(tell));
  }

  async #tell(tell: Telling): Promise<void> {
    if (this.#tower === undefined) return;
    await tell(this.#tower);
    this.#untold.delete(tell);
  }

  /** Contracts check signatures for themselves: stand-ins become real here. */
  #complete<Call extends ContractCall>(call: Call): Call {
    return { ...call, data: makeReal(this.parts.signatures, call.data) };
  }

  /** The keeper's own key pays. */
  #sign(transaction: Transaction): SignedTransaction {
    const { signatures } = this.parts;
    return signTransaction(this.#complete(transaction), (digest) =>
      signatures.signDigest(digest, keyOf(TOWER_KEEPER)),
    );
  }
}
