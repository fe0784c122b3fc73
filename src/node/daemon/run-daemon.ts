/** The life of a node's process: a key, a node, its API, and an end in order. */
import { join } from "node:path";
import { openApiSecret } from "../api/api-secret.ts";
import { type ApiOptions, type RunningApi, startApi } from "../api/api-server.ts";
import { readTlsFiles } from "../api/tls-files.ts";
import type { CommandShell } from "../commands/command-shell.ts";
import { wrongUsage } from "../commands/command-shell.ts";
import type { Configuration } from "../config/configuration.ts";
import { SETTINGS } from "../config/configuration-schema.ts";
import type { LoadedConfiguration } from "../config/load-configuration.ts";
import { ChannelTables } from "../derivation/channel-tables.ts";
import { findModule } from "../derivation/known-modules.ts";
import { openNodeDatabase } from "../derivation/node-database.ts";
import { openKey, passwordOf } from "../keystore/open-key.ts";
import { NodeMetrics } from "../metrics/node-metrics.ts";
import { DATA_NAMES, forgetRunning, tellRunning } from "./data-directory.ts";
import type { LivingNode } from "./living-node.ts";
import { createNodeLog, type NodeLog } from "./node-log.ts";
import { startNode } from "./start-node.ts";
import { waitUntil } from "./wait-until.ts";

/** What the process uses of its shell. */
type Shell = Pick<CommandShell, "out" | "onEnd">;

/** Milliseconds beyond the drain that an end may take: the last step, and the closing of the log. */
const CLOSING_MS = 5_000;

/**
 * Runs a node until the program is asked to end, or the node ends by itself: then it throws why. Never resolves.
 * Writes one line to standard output, once the node is reachable.
 */
export async function runDaemon(
  { configuration, warnings }: LoadedConfiguration,
  isJson: boolean,
  shell: Shell,
): Promise<void> {
  const found = await openKey(configuration.key);
  if (!found.ok) throw wrongUsage(found.reason.why);
  const key = found.value;
  const log = openLog(configuration, key);
  forgetSecrets();
  for (const warning of warnings) log.warn(warning);
  const metrics = new NodeMetrics();
  const crash = Promise.withResolvers<never>();
  // Whoever starts the node hears of it first.
  crash.promise.catch(() => {});
  const node = await startNode({ configuration, key, log, metrics, onCrash: crash.reject });
  const tables = tablesOf(node, configuration);
  let api: RunningApi | undefined;
  const end = async (): Promise<void> => {
    forgetRunning(configuration.dataDirectory);
    const stopped = node.stop();
    await closeApi(api);
    await tables.close();
    await stopped;
  };
  const forget = shell.onEnd(end, endMs(configuration));
  try {
    api = await openApi(node, { configuration, log, metrics, tables });
    const { address } = node;
    const place = { address, api: api?.url, processId: process.pid };
    tellRunning(configuration.dataDirectory, place);
    const ready = readyOf(node, api);
    shell.out(isJson ? JSON.stringify(ready) : readyText(ready));
    log.info("the node is reachable", { ...place, places: node.places() });
    await crash.promise;
  } finally {
    forget();
    await end();
  }
}

/** Milliseconds that requests under way have to be answered, once the node is asked to end. */
const LAST_ANSWERS_MS = 1_000;

async function closeApi(api: RunningApi | undefined): Promise<void> {
  if (api === undefined) return;
  await waitUntil(() => api.load().requests === 0, LAST_ANSWERS_MS);
  await api.close();
}

type ApiParts = {
  readonly configuration: Configuration;
  readonly log: NodeLog;
  readonly metrics: NodeMetrics;
  readonly tables: ChannelTables;
};

async function openApi(
  node: LivingNode,
  { configuration, log, metrics, tables }: ApiParts,
): Promise<RunningApi | undefined> {
  const { api, dataDirectory } = configuration;
  if (api.listen === undefined) return undefined;
  const secret = openApiSecret(join(dataDirectory, DATA_NAMES.tokens));
  if (!secret.ok) throw wrongUsage(`${secret.reason.path} cannot be used: ${secret.reason.advice}`);
  return startApi(node, {
    ...api.listen,
    ...tlsOf(api),
    allowed: { hosts: api.hosts, origins: api.origins },
    secret: secret.value,
    goNitroAuth: api.goNitroAuth,
    profileOf: (peer) => node.profileOf(peer),
    tables,
    onAnswer: (method, error) => metrics.answered(method, error),
    onRefused: (code) => metrics.refused("api", code),
    onBug: (error) => {
      metrics.failed("api", "Bug");
      log.error("the API has a fault of its own", { error });
    },
  });
}

/** Nothing is opened before somebody asks. */
function tablesOf(node: LivingNode, { dataDirectory, tables }: Configuration): ChannelTables {
  const folder = (name: string): string => join(dataDirectory, name);
  return new ChannelTables({
    store: node.store,
    snapshots: node.snapshots,
    openSql: () => openNodeDatabase(tables.database, folder(DATA_NAMES.tables)),
    moduleOf: (reducerId) => findModule(reducerId, folder(DATA_NAMES.reducers)),
  });
}

function tlsOf({ tlsCertificate, tlsKey }: Configuration["api"]): Pick<ApiOptions, "tls"> {
  if (tlsCertificate === undefined || tlsKey === undefined) return {};
  const tls = readTlsFiles(tlsCertificate, tlsKey);
  if (!tls.ok) throw wrongUsage(tls.reason.why);
  return { tls: tls.value };
}

function endMs({ drainSec }: Configuration): number {
  return 1_000 * drainSec + CLOSING_MS;
}

function openLog({ key: source, log }: Configuration, key: string): NodeLog {
  const password = passwordOf(source);
  const isForPeople =
    log.format === "auto" ? process.stderr.isTTY === true : log.format === "pretty";
  return createNodeLog({
    level: log.level,
    format: isForPeople ? "pretty" : "json",
    secrets: [key, ...(password.ok ? [password.value] : [])],
    write: (line) => process.stderr.write(line),
  });
}

/** Programs that this one starts, and whoever reads its environment, need not see them. */
function forgetSecrets(): void {
  for (const { isSecret, variable } of SETTINGS) if (isSecret) delete process.env[variable];
}

type Ready = {
  readonly address: string;
  readonly chainId: string;
  readonly places: readonly string[];
  readonly api: string | null;
  readonly events: number;
  /** Milliseconds since the process began. */
  readonly startMs: number;
};

function readyOf(node: LivingNode, api: RunningApi | undefined): Ready {
  return {
    address: node.address,
    chainId: String(node.chainId),
    places: node.places(),
    api: api?.url ?? null,
    events: node.store.length,
    startMs: Math.round(performance.now()),
  };
}

function readyText({ address, api, events, places, startMs }: Ready): string {
  const where = places.length === 0 ? "dials only" : `at ${places.join(", ")}`;
  return `ready: ${address} ${where}, API ${api ?? "off"}, ${events} events, ${startMs} ms`;
}
