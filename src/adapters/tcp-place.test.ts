/** Places of TCP as text, and the hosts of addresses. */
import { describe, expect } from "bun:test";
import { unit } from "../../test/kind.ts";
import { hostOf } from "./tcp-host.ts";
import { formatTcpPlace, parseTcpPlace } from "./tcp-place.ts";

describe("parseTcpPlace", () => {
  unit("reads what is written, of names and of both kinds of addresses", () => {
    const places = [
      { host: "127.0.0.1", port: 1 },
      { host: "::1", port: 65_535 },
      { host: "fe80::1%eth0", port: 80 },
      { host: "node-1.example.org", port: 9_000 },
    ];

    expect(places.map((place) => parseTcpPlace(formatTcpPlace(place)))).toEqual(places);
    expect(formatTcpPlace({ host: "::1", port: 9 })).toBe("tcp://[::1]:9");
  });

  unit("reads nothing else", () => {
    const texts = [
      "",
      "tcp-in:7",
      "tcp://host",
      "tcp://host:0",
      "tcp://host:65536",
      "tcp://::1:80",
      "tcp://a b:80",
      "tcp://host:80/path",
      "http://host:80",
      `tcp://${"a".repeat(254)}:80`,
      "/ip4/127.0.0.1/tcp/80",
    ];

    expect(texts.filter((text) => parseTcpPlace(text) !== undefined)).toEqual([]);
  });
});

describe("hostOf", () => {
  unit("is the address of IPv4, also where it is written as one of IPv6", () => {
    expect(["10.0.0.1", "::ffff:10.0.0.1", "::FFFF:10.0.0.1"].map(hostOf)).toEqual([
      "10.0.0.1",
      "10.0.0.1",
      "10.0.0.1",
    ]);
  });

  unit("is the network of an address of IPv6, however it is written", () => {
    const one = ["2001:db8:0:1::5", "2001:0DB8:0:1:ffff:0:0:9", "2001:db8::1:2:3:4:5"].map(hostOf);

    expect(one).toEqual(["2001:db8:0:1", "2001:db8:0:1", "2001:db8:0:1"]);
    expect(hostOf("fe80::1%eth0")).toBe("fe80:0:0:0");
    expect(hostOf("::1")).toBe("0:0:0:0");
  });
});
