/** Questions that stay within their tables are passed on, and others are refused, whatever database there is. */
import { describe, expect } from "bun:test";
import fc from "fast-check";
import { adversarial, property, unit } from "../../../test/kind.ts";
import { checkQuestion } from "./question-check.ts";

/** A refusal in short; the question itself where it is passed. */
function checked(text: string, parameters = 0): string {
  const result = checkQuestion(text, parameters);
  if (result.ok) return result.value;
  const { code, ...rest } = result.reason;
  return [code, ...Object.values(rest)].join(" ");
}

describe("checkQuestion", () => {
  unit("passes what applications ask", () => {
    const questions: readonly string[] = [
      "select * from units",
      "  values (1, 'it''s'), (2, '\\x00')",
      "select owner, count(*) from units where not alive group by 1 having count(*) > 2 order by 2 desc limit 5",
      "with near as (select * from units where abs(x - 3.5) + abs(y - .5) <= 2e1) select max(points) from near",
      "with recursive t(n) as (select 1 union all select n + 1 from t where n < 5) select sum(n) from t",
      'select u."order", v.a from "select" u join (values (1, 2)) as v (a, b) on v.a = u."order"',
      "select case when exists (select from units) then coalesce(a, b) else -1 end::numeric(78, 0) from t",
      "select rank() over (partition by owner order by points desc) from units",
      "(select 1) union (select 2)",
      "select substring(name from 1 for 3) from units where name like 'a%' and owner in ('\\x01', '\\x02')",
    ];

    for (const question of questions) expect(checked(question)).toBe(question);
    expect(checked("select * from units where points > $1 and owner = $2", 2)).toStartWith(
      "select",
    );
    expect(checked("select 1 ;\n")).toBe("select 1 ");
  });

  adversarial("refuses whatever is no question", () => {
    for (const text of [
      "",
      "()",
      "insert into units values (1)",
      "copy units to stdout",
      "do 'x'",
    ]) {
      expect(checked(text)).toBe("NotAQuestion");
    }
    for (const text of [
      "set role postgres",
      "explain select 1",
      "table units",
      "'select'",
      '"select"',
    ]) {
      expect(checked(text)).toBe("NotAQuestion");
    }
    expect(checked("select 1; drop table units")).toBe("SecondStatement 8");
    expect(checked(`select ${"1 ".repeat(9_000)}`)).toBe("QuestionTooLong 16384");
  });

  adversarial("refuses functions that are not on the list, however they are written", () => {
    const calls: readonly (readonly [text: string, name: string])[] = [
      ["select set_config('role', 'postgres', false)", "set_config"],
      ["select query_to_xml('select 1', true, true, '')", "query_to_xml"],
      ["select generate_series(1, 1000000000)", "generate_series"],
      ["select Repeat ('x', 1000000000)", "repeat"],
      ['select "count"(*) from units', "count"],
      ["select public.count(*) from units", "count"],
      ["select * from units, lateral dblink('x')", "dblink"],
      ["select * from rows from (version())", "version"],
      ["select (select now())", "now"],
      ["select array(select 1)", "array"],
      ["select 1 as a, sleepy(1)", "sleepy"],
    ];

    for (const [text, name] of calls) expect(checked(text)).toBe(`FunctionRefused ${name}`);
  });

  adversarial("refuses names that lead out of the tables", () => {
    const names: readonly (readonly [text: string, name: string])[] = [
      ["select * from pg_class", "pg_class"],
      ['select * from "PG_class"', "pg_class"],
      ["select pg_sleep(10)", "pg_sleep"],
      ["select pg_catalog.count(*) from units", "pg_catalog"],
      ["select * from information_schema.tables", "information_schema"],
      ["select * from _snapshots", "_snapshots"],
      ["select * from units, _asked", "_asked"],
      ["select current_user", "current_user"],
      ["select * into copied from units", "into"],
      ["select 1 operator(pg_catalog.+) 2", "operator"],
    ];

    for (const [text, name] of names) expect(checked(text)).toBe(`NameRefused ${name}`);
    expect(checked('select "user" from units')).toStartWith("select");
  });

  adversarial("refuses whatever could be read in two ways, with its place", () => {
    const hidden: readonly (readonly [text: string, offset: number])[] = [
      ["select 1 -- comment", 9],
      ["select 1 /* comment */", 9],
      ["select '\\'; drop table units; --'", 7],
      ["select E'\\'' ", 8],
      ["select U&'\\0027'", 8],
      ["select E'a'", 8],
      ["select x'41'", 8],
      ["select 'a'as b", 10],
      ['select "a"b', 10],
      ["select $$x$$", 7],
      ["select $1x", 7],
      ["select 'a", 7],
      ['select "a""b"', 7],
      ["select 1) from (select 2", 8],
      ["select ((1)", 10],
      ["select n\u0430me", 8],
      ["select '\0'", 7],
      ["select a || b", 9],
      ["select a ~ '(x*)*y'", 9],
    ];

    for (const [text, offset] of hidden) {
      expect([text, checked(text)]).toEqual([text, `Unreadable ${offset}`]);
    }
    expect(checked(`select ${"(".repeat(65)}1${")".repeat(65)}`)).toBe("Unreadable 71");
  });

  unit("wants each parameter and each value once", () => {
    expect(checked("select $1, $1, $2", 2)).toStartWith("select");
    expect(checked("select $2", 2)).toBe("ParameterMissing 1");
    expect(checked("select $1", 0)).toBe("ParameterMissing 1");
    expect(checked("select 1", 1)).toBe("ParameterMissing 1");
    expect(checked("select $9999", 1)).toBe("ParameterMissing 1");
  });

  property("what is passed has neither an end nor a comment outside of its texts", () => {
    const piece = fc.constantFrom(
      "select",
      "'",
      "''",
      "\\",
      ";",
      "--",
      "/*",
      "(",
      ")",
      '"',
      "$1",
      "$$",
      " ",
      "E",
      "a",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const result = checkQuestion(`select ${pieces.join("")}`, pieces.includes("$1") ? 1 : 0);
        if (!result.ok) return;
        const outside = result.value.replace(/'(?:[^']|'')*'/g, "").replace(/"[^"]*"/g, "");
        expect(outside).not.toMatch(/[;'"\\]|--|\/\*|\$\$/);
      }),
      { numRuns: 2_000 },
    );
  });
});
