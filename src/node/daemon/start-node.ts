/** Puts a node together from its configuration, and starts it. */
import { join } from "node:path";
import { connectEthereumHttp } from "../../adapters/ethereum-http.ts";
import { systemClock } from "../../adapters/system-clock.ts";
import { systemRandom } from "../../adapters/system-random.ts";
import { LOCAL } from "../../chain/chain-profile.ts";
import type { ChainSettings } from "../../chain/chain-settings.ts";
import type { Deployment } from "../../chain/deployment.ts";
import { signTransaction } from "../../chain/transaction.ts";
import type { Address } from "../../crypto/address.ts";
import type { PrivateKey } from "../../crypto/signature.ts";
import { createLogJudges } from "../../derivation/log-judges.ts";
import { Engine } from "../../engine/engine.ts";
import type { NodeView } from "../../engine/node-state.ts";
import { openNodeStore } from "../../engine/node-store.ts";
import type { NodeSnapshots } from "../../engine/reconstruction.ts";
import type { NodeEvent } from "../../events/event.ts";
import { GO_NITRO_SCHEME } from "../../network/go-nitro/lines.ts";
import { SecureTransport } from "../../network/secure/secure-transport.ts";
import type { Endpoint } from "../../ports/transport.ts";
import { NodeError } from "../../primitives/node-error.ts";
import type { EventStore } from "../../store/event-store.ts";
import { readLogId } from "../../store/log-disk.ts";
import type { Configuration } from "../config/configuration.ts";
import { profileOf } from "../config/configuration-checks.ts";
import { modulesIn } from "../derivation/known-modules.ts";
import { createSigner, type Signer } from "../keystore/signer.ts";
import { type LogDirectory, openLogDirectory } from "../log-directory.ts";
import type { NodeMetrics } from "../metrics/node-metrics.ts";
import { ChainGate } from "./chain-gate.ts";
import { Closings } from "./closings.ts";
import { configuredDeployment } from "./configured-deployment.ts";
import {
  claimDataDirectory,
  DATA_NAMES,
  keepPeers,
  keptPeers,
  openDataDirectory,
} from "./data-directory.ts";
import { withGoNitro } from "./go-nitro-way.ts";
import { LivingNode } from "./living-node.ts";
import { NodeEars } from "./node-ears.ts";
import type { NodeLog } from "./node-log.ts";
import { nodeRules } from "./node-rules.ts";
import { joinWires, type OpenWires, openWires } from "./open-wires.ts";
import { PeerBook } from "./peer-book.ts";

/** What a node is started with. */
export type StartOptions = {
  readonly configuration: Configuration;
  /** Of the channels, of the account that pays for transactions, and of this node among its peers. */
  readonly key: PrivateKey;
  readonly log: NodeLog;
  readonly metrics: NodeMetrics;
  /** The node has ended by itself, and why. `stop` still has to be called. */
  readonly onCrash: (error: unknown) => void;
};

/** Milliseconds until a call to the chain without an answer fails: public endpoints answer within two seconds. */
const CALL_TIMEOUT_MS = 15_000;

/**
 * Milliseconds that a start waits for the chain to show what it is: 2,000. Without an answer the node starts all the
 * same, is not ready, and sends and believes nothing before the check was made.
 */
const CHAIN_PATIENCE_MS = 2_000;

/** Bytes of the id of a log. */
const LOG_ID_BYTES = 16;

/**
 * Starts a node. Throws `NodeError`: `WrongChain` and `CodeMismatch` for a chain that is not as the configuration
 * says, `LogInUse`, `NotALog`, `LogTooNew`, `LogDamaged`, `DiskFull`, `DiskFailed`, `ListenFailed`. Nothing is left
 * open then.
 */
export async function startNode(options: StartOptions): Promise<LivingNode> {
  const closings = new Closings();
  try {
    return await assemble(options, closings);
  } catch (error) {
    await closings.closeAll();
    throw error;
  }
}

async function assemble(options: StartOptions, closings: Closings): Promise<LivingNode> {
  const { configuration, key, log } = options;
  const signer = createSigner(key);
  const deployment = configuredDeployment(configuration);
  const { adjudicator, chainId } = deployment;
  const identity = { address: signer.address, chainId, adjudicator };
  openDataDirectory(configuration.dataDirectory, identity);
  const foundPlaces = (peer: Address): readonly Endpoint[] => wires.libp2p?.knownPlaces(peer) ?? [];
  const book = openBook(configuration, signer.address, foundPlaces);
  const ears = new NodeEars({ ...options, book });
  const gate = openGate(options, deployment, ears);
  const { directory, store } = await openLog(options, closings);
  log.info("the log is open", { events: store.length });
  await awaitChain(gate, log);
  claimDataDirectory(configuration.dataDirectory, identity);
  const wires = await openWires(configuration, key);
  const joined = joinWires(wires);
  closings.add(() => joined.close());
  const secure = new SecureTransport({
    transport: joined.transport,
    clock: systemClock,
    random: systemRandom,
    identity: signer,
    chainId,
    adjudicator,
    profiles: ["enforceable", "go-nitro"],
    placesOf: (peer) => book.placesOf(peer).filter((place) => !place.startsWith(GO_NITRO_SCHEME)),
    isWelcome: (peer) => book.isWelcome(peer),
    trust: (place) => joined.trust(place),
    onPeer: (change) => ears.peerChanged(change),
    report: (fault) => ears.secureFault(fault),
  });
  closings.add(() => secure.close());
  const { engine, snapshots } = await startEngine({
    ...{ options, closings, signer, book, gate, secure, wires, store, directory, ears },
  });
  book.followLog(engine.view().peers.keys(), (peer) => engine.view().peers.has(peer));
  ears.listenFor(engine, secure);
  return new LivingNode({
    ...{
      address: signer.address,
      deployment,
      engine,
      snapshots,
      store,
      secure,
      wires,
      gate,
      book,
      ears,
    },
    ...{ configuration, log, metrics: options.metrics, closings },
  });
}

function openGate(
  { configuration, metrics }: StartOptions,
  deployment: Deployment,
  ears: NodeEars,
): ChainGate {
  return new ChainGate({
    rpcs: configuration.chain.rpc.map((url) =>
      connectEthereumHttp(url, { timeoutMs: CALL_TIMEOUT_MS }),
    ),
    deployment,
    clock: systemClock,
    onMismatch: (error) => ears.crashed(error),
    onCall: (method, outcome, tookMs) => metrics.chainCall(method, outcome, tookMs / 1_000),
  });
}

/** The address book: of the configuration, and of what requests of earlier lives have added. */
function openBook(
  { dataDirectory, openToStrangers, peers, strangersMax }: Configuration,
  me: Address,
  foundPlaces: (peer: Address) => readonly Endpoint[],
): PeerBook {
  return new PeerBook({
    ...{ me, configured: peers, openToStrangers, strangersMax, foundPlaces },
    added: keptPeers(dataDirectory),
    keep: (added) => keepPeers(dataDirectory, added),
  });
}

/** What an engine is made of. */
type EngineParts = {
  readonly options: StartOptions;
  readonly closings: Closings;
  readonly wires: OpenWires;
  readonly signer: Signer;
  readonly book: PeerBook;
  readonly gate: ChainGate;
  readonly secure: SecureTransport;
  readonly store: EventStore<NodeEvent>;
  readonly directory: LogDirectory;
  readonly ears: NodeEars;
};

async function startEngine(
  parts: EngineParts,
): Promise<{ readonly engine: Engine; readonly snapshots: NodeSnapshots }> {
  const { book, closings, directory, ears, gate, options, secure, signer, store } = parts;
  const { configuration } = options;
  const { snapshotEvents } = configuration;
  const deployment = configuredDeployment(configuration);
  const judgeOf = createLogJudges(
    modulesIn(join(configuration.dataDirectory, DATA_NAMES.reducers)),
  );
  let engine: Engine | undefined;
  let snapshots: NodeSnapshots;
  const view = (): NodeView | undefined => engine?.view();
  const way = await withGoNitro({
    ...{ me: signer.address, book, wires: parts.wires, transport: secure.transport, view },
    report: (fault) => ears.goNitroFault(fault),
  });
  closings.add(() => way.close());
  engine = await Engine.start({
    rules: nodeRules({ configuration, deployment, signer, book, judgeOf, view }),
    store,
    snapshots: {
      keyValue: directory.keyValue,
      onOpened: (opened) => {
        snapshots = opened;
      },
      ...(snapshotEvents === undefined ? {} : { eventsPerSnapshot: snapshotEvents }),
    },
    clock: systemClock,
    random: systemRandom,
    transport: way.transport,
    addressBook: book.addressBook,
    rpcs: gate.rpcs,
    chain: chainSettings(configuration),
    account: {
      address: signer.address,
      complete: (call) => call,
      sign: (transaction) => signTransaction(transaction, signer.signDigest),
    },
    onFault: (fault) => ears.engineFault(fault),
  });
  closings.add(() => engine.stop());
  return { engine, snapshots };
}

/** Milliseconds between two looks at a local chain, whose blocks come when somebody makes them. */
const LOCAL_POLL_MS = 500;

/** Looks at the chain in the time of one block, where nobody says how many. */
const LOOKS_PER_BLOCK = 3;

function chainSettings(configuration: Configuration): ChainSettings {
  const { chain } = configuration;
  const profile = profileOf(configuration);
  const usualMs =
    profile.name === LOCAL.name
      ? LOCAL_POLL_MS
      : Math.ceil((1_000 * profile.blockTimeSec) / LOOKS_PER_BLOCK);
  const { adjudicator, chainId } = configuredDeployment(configuration);
  const { firstBlock, pollMs = usualMs } = chain;
  const begin = firstBlock === undefined ? { beginsAtHead: true } : { firstBlock };
  return { chainId, adjudicator, profile, pollMs, ...begin };
}

async function openLog(
  { configuration, metrics }: StartOptions,
  closings: Closings,
): Promise<{ readonly directory: LogDirectory; readonly store: EventStore<NodeEvent> }> {
  const directory = await openLogDirectory(join(configuration.dataDirectory, DATA_NAMES.log));
  closings.add(() => directory.close());
  const { head, journal, keyValue } = directory;
  const timed: typeof journal = {
    ...journal,
    write: async (position, bytes) => {
      const startedMs = performance.now();
      await journal.write(position, bytes);
      metrics.appended((performance.now() - startedMs) / 1_000);
    },
  };
  const logId = (await readLogId(keyValue)) ?? systemRandom.bytes(LOG_ID_BYTES);
  const store = await openNodeStore({ keyValue, journal: timed, head }, logId);
  closings.add(store.subscribe(store.length, ({ event }) => metrics.event(event.type)));
  return { directory, store };
}

/** A chain that does not answer is waited for while the node runs; one that is the wrong one ends the start. */
async function awaitChain(gate: ChainGate, log: NodeLog): Promise<void> {
  let cancel: (() => void) | undefined;
  const late = new Promise<NodeError>((resolve) => {
    const why = `no answer came in ${CHAIN_PATIENCE_MS} ms`;
    const giveUp = (): void => resolve(new NodeError("RpcUnreachable", why));
    cancel = systemClock.after(CHAIN_PATIENCE_MS, giveUp);
  });
  const opened = gate.open();
  // When it is late, a mismatch is told to the gate's owner; the rejection itself has no other reader.
  opened.catch(() => {});
  const away = await Promise.race([opened, late]);
  cancel?.();
  if (away === undefined) return;
  log.warn("the chain is away: the node starts, and is not ready before it has seen it", {
    error: away.message,
  });
}
