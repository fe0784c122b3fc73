/** Tests of putting a configuration together from its sources. */
import { describe, expect } from "bun:test";
import { unit } from "../../../test/kind.ts";
import { ETHEREUM, LOCAL, OP_STACK } from "../../chain/chain-profile.ts";
import { ZERO_ADDRESS } from "../../crypto/address.ts";
import { profileOf } from "./configuration-checks.ts";
import { SETTINGS } from "./configuration-schema.ts";
import {
  type ConfigurationSources,
  type LoadedConfiguration,
  loadConfiguration,
} from "./load-configuration.ts";
import { configurationJson, configurationText } from "./show-configuration.ts";

const KEY = "4c".repeat(32);
const BOB = `0xb0b${"0".repeat(37)}`;

const least = {
  CHANNELS_KEY: KEY,
  CHANNELS_CHAIN_RPC: "http://127.0.0.1:8545",
  CHANNELS_CHAIN_ID: "31337",
};

type Given = {
  readonly file?: unknown;
  readonly environment?: Readonly<Record<string, string>>;
  readonly flags?: Readonly<Record<string, string>>;
};

function load({ environment = {}, file, flags = {} }: Given) {
  const sources: ConfigurationSources = {
    environment: { ...least, ...environment },
    flags,
    directory: "/somewhere",
    ...(file === undefined
      ? {}
      : {
          file: {
            path: "/etc/channels/node.json",
            text: typeof file === "string" ? file : JSON.stringify(file),
          },
        }),
  };
  return loadConfiguration(sources);
}

function loaded(given: Given): LoadedConfiguration {
  const result = load(given);
  if (!result.ok) throw new Error(result.reason.problems.join("\n"));
  return result.value;
}

function problems(given: Given): readonly string[] {
  const result = load(given);
  return result.ok ? [] : result.reason.problems;
}

describe("loadConfiguration", () => {
  unit("takes what is usual where nobody says anything else", () => {
    const { configuration } = loaded({});

    expect(configuration.listen).toEqual({
      tcp: { host: "127.0.0.1", port: 3005 },
      libp2p: undefined,
    });
    expect(configuration.assets).toEqual([ZERO_ADDRESS]);
    expect(configuration.policy.depositMax).toBe(0n);
    expect(configuration.openToStrangers).toBe(false);
    expect(configuration.dataDirectory).toBe("/somewhere/channels-data");
    expect(configuration.chain.id).toBe(31_337n);
  });

  unit("a flag counts more than a variable, and that more than the file", () => {
    const file = { fee: 1, strangersMax: 1, policy: { depositMax: "1" } };
    const environment = { CHANNELS_FEE: "2", CHANNELS_STRANGERS_MAX: "2" };
    const { configuration, settings } = loaded({ file, environment, flags: { fee: "3" } });
    const origins = Object.fromEntries(
      settings.map(({ origin, setting }) => [setting.key, origin]),
    );

    expect(configuration.fee).toBe(3n);
    expect(configuration.strangersMax).toBe(2);
    expect(configuration.policy.depositMax).toBe(1n);
    expect(origins["fee"]).toEqual({ type: "Flag", flag: "--fee" });
    expect(origins["strangersMax"]).toEqual({
      type: "Environment",
      variable: "CHANNELS_STRANGERS_MAX",
    });
    expect(origins["policy.depositMax"]).toEqual({ type: "File", path: "/etc/channels/node.json" });
    expect(origins["drainSec"]).toEqual({ type: "Default" });
  });

  unit("a variable that is empty is not set", () => {
    expect(loaded({ environment: { CHANNELS_FEE: "" } }).configuration.fee).toBe(0n);
  });

  unit("peers are written as objects in a file, and in one line elsewhere", () => {
    const places = ["tcp://hub.example:3005", "/ip4/10.0.0.1/tcp/4001/p2p/16Uiu2"];
    const wanted = [{ address: BOB, places, name: "bob" }];

    expect<unknown>(loaded({ file: { peers: wanted } }).configuration.peers).toEqual(wanted);
    const line = `bob=${BOB.toUpperCase().replace("0X", "0x")}@${places.join("@")}`;
    expect<unknown>(loaded({ flags: { peers: line } }).configuration.peers).toEqual(wanted);
    const bare = loaded({ environment: { CHANNELS_PEERS: ` ${BOB} ` } }).configuration.peers;
    expect<unknown>(bare).toEqual([{ address: BOB, places: [] }]);
  });

  unit("paths of a file count from its folder, others from where the program was started", () => {
    const environment = { CHANNELS_KEY: "", CHANNELS_KEY_PASSWORD: "x" };
    const file = { key: { file: "secrets/key.json" } };

    const named = loaded({ environment, file }).configuration;
    expect(named.key.file).toBe("/etc/channels/secrets/key.json");
    const flagged = loaded({ environment, file, flags: { "key.file": "key.json" } }).configuration;
    expect(flagged.key.file).toBe("/somewhere/key.json");
  });

  unit("a place to listen at may be off, or in brackets", () => {
    const listen = { tcp: "off", libp2p: "[::1]:0" };

    expect(loaded({ file: { listen } }).configuration.listen).toEqual({
      tcp: undefined,
      libp2p: { host: "::1", port: 0 },
    });
  });

  unit("every problem says which setting, what is wrong and where it was read", () => {
    const file = { fee: "a lot", peers: [{ address: "0x1", places: [] }] };
    const environment = { CHANNELS_API_LISTEN: "here", CHANNELS_OPEN_TO_STRANGERS: "maybe" };
    const found = problems({ file, environment, flags: { "log.level": "loud" } });

    expect(found).toEqual([
      'peers, item 1, address, in /etc/channels/node.json: write an address as 0x and 40 hexadecimal digits (it is [{"address":"0x1","places":[]}])',
      'openToStrangers, from the environment variable CHANNELS_OPEN_TO_STRANGERS: write true or false (it is "maybe")',
      'fee, in /etc/channels/node.json: write a whole number of the asset\'s smallest unit, in quotes where it is above 2^53 (it is "a lot")',
      'api.listen, from the environment variable CHANNELS_API_LISTEN: write it as host:port, such as 127.0.0.1:4005, or off (it is "here")',
      'log.level, from the flag --log-level: write one of trace, debug, info, warn, error, silent (it is "loud")',
    ]);
  });

  unit("what must be set and is not is named with all ways to set it", () => {
    expect(problems({ environment: { CHANNELS_CHAIN_RPC: "" } })).toEqual([
      "chain.rpc is not set: give --chain-rpc, set the environment variable CHANNELS_CHAIN_RPC, or write chain.rpc into the file of --config",
    ]);
  });

  unit("an unknown key of a file is refused with the nearest name", () => {
    const file = { openToStranger: true, chain: { idd: 1 }, quux: 1, listen: 3 };

    expect(problems({ file })).toEqual([
      "/etc/channels/node.json: there is no setting openToStranger; did you mean openToStrangers?",
      "/etc/channels/node.json: there is no setting chain.idd; did you mean chain.id?",
      "/etc/channels/node.json: there is no setting quux; remove it",
      "listen in /etc/channels/node.json: write an object",
    ]);
  });

  unit("a file that is no JSON object is refused", () => {
    expect(problems({ file: "{" })[0]).toStartWith("/etc/channels/node.json is not JSON: ");
    expect(problems({ file: "[]" })).toEqual([
      "/etc/channels/node.json: a configuration is a JSON object",
    ]);
  });

  unit("a variable that is nearly a setting is warned of, and others are anybody's", () => {
    const environment = { CHANNELS_FEEE: "1", CHANNELS_DEPLOYER_KEY: "x", CHANNELS_MUTATIONS: "9" };

    expect(loaded({ environment }).warnings).toEqual([
      "the environment variable CHANNELS_FEEE is no setting; CHANNELS_FEE is",
    ]);
  });

  unit("one key is needed, and one only", () => {
    const none = problems({ environment: { CHANNELS_KEY: "" } });
    const both = problems({ file: { key: { file: "key.json" } } });
    const locked = problems({
      environment: { CHANNELS_KEY: "" },
      file: { key: { file: "key.json" } },
    });

    expect(none[0]).toStartWith("there is no key: ");
    expect(both[0]).toStartWith(
      "there are two keys, one from the environment variable CHANNELS_KEY and one by key.file in /etc/",
    );
    expect(locked[0]).toStartWith("key.file in /etc/channels/node.json needs a password: ");
  });

  unit("a token for anybody is given on the loopback only", () => {
    const open = { api: { goNitroAuth: true, listen: "0.0.0.0:4005" } };

    expect(problems({ file: open })[0]).toStartWith(
      "api.goNitroAuth, in /etc/channels/node.json: ",
    );
    expect(problems({ file: { api: { goNitroAuth: true } } })).toEqual([]);
    expect(problems({ flags: { "api.tlsKey": "/etc/key.pem" } })[0]).toContain(
      "it needs api.tlsCertificate too",
    );
    const api = { hosts: ["Node.example"], origins: ["https://wallet.example"] };
    expect(loaded({ file: { api } }).configuration.api).toMatchObject({
      hosts: ["node.example"],
      origins: ["https://wallet.example"],
    });
    const wrong = { hosts: ["https://node.example"], origins: ["https://wallet.example/"] };
    expect(problems({ file: { api: wrong } })).toHaveLength(2);
  });
});

describe("secrets", () => {
  const secret = "correct horse battery staple";

  unit("have no flag, and a file that holds one is refused without showing it", () => {
    const secrets = SETTINGS.filter(({ isSecret }) => isSecret);
    expect(secrets.map(({ key }) => key)).toEqual([
      "key.private",
      "key.password",
      "tables.database",
    ]);
    expect(secrets.every(({ flag }) => flag === undefined)).toBe(true);
    const found = problems({ file: { key: { private: secret } } });
    expect(found).toHaveLength(1);
    expect(found[0]).toContain("CHANNELS_KEY");
    expect(found[0]).not.toContain(secret);
  });

  unit("are never shown, nor is the path of an endpoint", () => {
    const environment = {
      CHANNELS_CHAIN_RPC: "https://eth.example/v2/my-api-key,http://127.0.0.1:8545",
      CHANNELS_KEY: secret,
    };
    const { settings } = loaded({ environment });

    for (const text of [configurationText(settings), configurationJson(settings)]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain("my-api-key");
      expect(text).toContain("https://eth.example/...");
      expect(text).toContain("http://127.0.0.1:8545");
    }
    const found = problems({
      environment: { ...environment, CHANNELS_CHAIN_RPC: "ftp://my-api-key" },
    });
    expect(found.join()).not.toContain("my-api-key");
  });

  unit("the shown configuration says who set what", () => {
    const { settings } = loaded({ flags: { fee: "7" } });
    const lines = configurationText(settings)
      .split("\n")
      .map((line) => line.trim().split(/ {2,}/));

    expect(lines).toContainEqual(["fee", "7", "--fee"]);
    expect(lines).toContainEqual(["chain.id", "31337", "CHANNELS_CHAIN_ID"]);
    expect(lines).toContainEqual(["drainSec", "5", "default"]);
    expect(JSON.parse(configurationJson(settings))["fee"]).toEqual({
      value: "7",
      from: { type: "Flag", flag: "--fee" },
    });
  });
});

describe("profileOf", () => {
  const profile = (chain: Readonly<Record<string, unknown>>) =>
    profileOf(loaded({ environment: { CHANNELS_CHAIN_ID: "" }, file: { chain } }).configuration);

  unit("a chain is of the kind that its number says, unless the configuration does", () => {
    expect(profile({ id: 31_337 })).toEqual(LOCAL);
    expect(profile({ id: 1 })).toEqual(ETHEREUM);
    expect(profile({ id: 8_453 })).toEqual(OP_STACK);
    expect(profile({ id: 5, profile: "op-stack" })).toEqual(OP_STACK);
  });

  unit("more confirmations than usual may be asked for, fewer on a local chain only", () => {
    expect(profile({ id: 1, confirmations: 32 }).confirmation).toEqual({
      type: "Depth",
      blocks: 32,
    });
    expect(profile({ id: 31_337, confirmations: 0 }).confirmation).toEqual({
      type: "Depth",
      blocks: 0,
    });
    const refused = [
      { id: 1, confirmations: 7 },
      { id: 1, confirmations: 65 },
      { id: 8_453, confirmations: 20 },
    ];
    for (const chain of refused) {
      const found = problems({ environment: { CHANNELS_CHAIN_ID: "" }, file: { chain } });
      expect(found[0]).toStartWith(
        "chain.confirmations, in /etc/channels/node.json: on a chain of the kind",
      );
    }
  });
});

describe("SETTINGS", () => {
  unit("every setting has a key, a variable and a flag of its own", () => {
    for (const name of ["key", "variable", "flag"] as const) {
      const names = SETTINGS.map((one) => one[name]).filter((one) => one !== undefined);
      expect(new Set(names).size).toBe(names.length);
    }
    expect(SETTINGS.find(({ key }) => key === "listen.tcp")?.byDefault).toBe("127.0.0.1:3005");
    expect(SETTINGS.find(({ key }) => key === "libp2p.dht")?.variable).toBe("CHANNELS_LIBP2P_DHT");
    expect(SETTINGS.find(({ key }) => key === "api.goNitroAuth")?.flag).toBe("--go-nitro-auth");
  });
});
