/** What an engine is made from, and what it tells its owner. */
import type { Account, ChainSettings } from "../chain/chain-settings.ts";
import type { Address } from "../crypto/address.ts";
import type { NodeEvent } from "../events/event.ts";
import type { SessionFault } from "../network/session.ts";
import type { Clock } from "../ports/clock.ts";
import type { EthereumRpc } from "../ports/ethereum-rpc.ts";
import type { Random } from "../ports/random.ts";
import type { Endpoint, Transport } from "../ports/transport.ts";
import type { NodeError } from "../primitives/node-error.ts";
import type { EventStore } from "../store/event-store.ts";
import type { SnapshotProblem, SnapshotSettings } from "./node-snapshots.ts";
import type { Rules } from "./rules.ts";
import type { TowerDoor } from "./tower-client.ts";

/** Where the peers of a node are. */
export type AddressBook = {
  readonly peers: readonly Address[];
  readonly endpointOf: (peer: Address) => Endpoint | undefined;
  readonly peerAt: (endpoint: Endpoint) => Address | undefined;
};

/** Something that went wrong outside, or in this program, and that the owner of the node must know. */
export type EngineFault =
  | { readonly type: "Peer"; readonly fault: SessionFault }
  | { readonly type: "Refusal"; readonly from: Address; readonly code: string }
  | { readonly type: "Chain"; readonly error: NodeError }
  /** The next start takes longer. Nothing else follows from it. */
  | { readonly type: "Snapshot"; readonly problem: SnapshotProblem }
  /** The engine has stopped. A bug or a failed disk; the log holds what was acknowledged. */
  | { readonly type: "Crash"; readonly error: unknown };

/** Everything that an engine needs, each part already open. */
export type EngineOptions = {
  readonly rules: Rules;
  readonly store: EventStore<NodeEvent>;
  /** Without it the node takes no snapshots, and folds its whole log at each start. */
  readonly snapshots?: SnapshotSettings;
  readonly clock: Clock;
  readonly random: Random;
  readonly transport: Transport;
  readonly addressBook: AddressBook;
  /** Endpoints of the chain: the first is followed, the others watch it. At least one. */
  readonly rpcs: readonly EthereumRpc[];
  readonly chain: ChainSettings;
  readonly account: Account;
  /** Who answers on the chain while the node is away; nobody when absent. */
  readonly tower?: TowerDoor | undefined;
  readonly onFault: (fault: EngineFault) => void;
};
