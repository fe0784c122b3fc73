/** `docs/CONFIGURATION.md`: everything that a node can be told, written from the schema. */
import { SETTINGS } from "../../src/node/config/configuration-schema.ts";
import type { Setting } from "../../src/node/config/setting.ts";

const INTRODUCTION = `# Configuration of a node

What \`channels node start\` can be told. This page is written from the schema by \`bun run documents\`; a test
compares it. [Run a node](guides/run-a-node.md) shows how it is used.

A setting comes from a flag, an environment variable, or a JSON file that \`--config\` or \`CHANNELS_CONFIG\` names;
a flag counts more than a variable, and a variable more than the file. \`channels node start --print-config\` shows
what is in effect and who said so, and starts nothing; with \`--json\` too. What a file holds and is no setting is
refused, with the name that was probably meant.

In a file, the dots of a key are objects: \`chain.id\` is \`{ "chain": { "id": 1 } }\`. Amounts are whole numbers of an
asset's smallest unit, in quotes where they are large. Relative paths in a file count from its folder. In variables
and flags, lists stand between commas; a peer is written \`name=address@place@place\`, with the name and the places
left out where there are none. Secrets have a variable and nothing else: other users of a machine see flags, and
files are copied.`;

/** The whole document. */
export function configurationDocument(): string {
  const groups = [...new Set(SETTINGS.map(groupOf))];
  const sections = groups.map((group) =>
    [
      `## ${TITLES[group] ?? group}`,
      ...SETTINGS.filter((one) => groupOf(one) === group).map(entry),
    ].join("\n\n"),
  );
  return `${[INTRODUCTION, ...sections].join("\n\n")}\n`;
}

const TITLES: Readonly<Record<string, string>> = {
  "": "The node",
  key: "Key",
  chain: "Chain",
  "chain.contracts": "Contracts",
  listen: "Where it listens",
  libp2p: "libp2p",
  goNitro: "Peers that run go-nitro",
  policy: "What it agrees to",
  api: "API",
  log: "Log lines",
};

function groupOf({ key }: Setting): string {
  return key.split(".").slice(0, -1).join(".");
}

function entry(setting: Setting): string {
  const { doc, flag, key, variable } = setting;
  const names = [flag, variable].filter((name) => name !== undefined).map((name) => `\`${name}\``);
  return `### ${key}\n\n${doc}\n\n${names.join(", ")}. ${otherwiseText(setting)}`;
}

function otherwiseText({ byDefault, isSecret, otherwise }: Setting): string {
  if (byDefault !== undefined) return `By default \`${JSON.stringify(byDefault)}\`.`;
  if (otherwise !== undefined) return `Where it is not set: ${otherwise}.`;
  return isSecret === true ? "A secret." : "No default.";
}
