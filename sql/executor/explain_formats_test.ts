import { assertEquals } from "@std/assert";
import { Decimal, jsonText, xmlText, yamlText } from "./explain_formats.ts";

const REPORT = {
  "Plan": {
    "Node Type": "Sort",
    "Total Cost": new Decimal(1, 2),
    "Sort Key": ['a < "b"', "c & d"],
    "Plans": [
      { "Node Type": "Seq Scan", "Plans": [{ "Node Type": "Result" }] },
      { "Node Type": "Hash" },
    ],
  },
  "Settings": { "work_mem": "1MB" },
  "Planning Time": new Decimal(0.5, 3),
};

Deno.test("EXPLAIN's report as YAML", () => {
  assertEquals(
    yamlText(REPORT),
    [
      "- Plan: ",
      '    Node Type: "Sort"',
      "    Total Cost: 1.00",
      "    Sort Key: ",
      '      - "a < \\"b\\""',
      '      - "c & d"',
      "    Plans: ",
      '      - Node Type: "Seq Scan"',
      "        Plans: ",
      '          - Node Type: "Result"',
      '      - Node Type: "Hash"',
      "  Settings: ",
      '    work_mem: "1MB"',
      "  Planning Time: 0.500",
    ].join("\n"),
  );
});

Deno.test("EXPLAIN's report as XML", () => {
  assertEquals(
    xmlText(REPORT),
    [
      '<explain xmlns="http://www.postgresql.org/2009/explain">',
      "  <Query>",
      "    <Plan>",
      "      <Node-Type>Sort</Node-Type>",
      "      <Total-Cost>1.00</Total-Cost>",
      "      <Sort-Key>",
      '        <Item>a &lt; "b"</Item>',
      "        <Item>c &amp; d</Item>",
      "      </Sort-Key>",
      "      <Plans>",
      "        <Plan>",
      "          <Node-Type>Seq Scan</Node-Type>",
      "          <Plans>",
      "            <Plan>",
      "              <Node-Type>Result</Node-Type>",
      "            </Plan>",
      "          </Plans>",
      "        </Plan>",
      "        <Plan>",
      "          <Node-Type>Hash</Node-Type>",
      "        </Plan>",
      "      </Plans>",
      "    </Plan>",
      "    <Settings>",
      "      <work_mem>1MB</work_mem>",
      "    </Settings>",
      "    <Planning-Time>0.500</Planning-Time>",
      "  </Query>",
      "</explain>",
    ].join("\n"),
  );
});

Deno.test("EXPLAIN's report as JSON", () => {
  const [query] = JSON.parse(jsonText(REPORT));
  assertEquals(query["Plan"]["Total Cost"], 1);
  assertEquals(query["Planning Time"], 0.5);
  assertEquals(query["Plan"]["Plans"].length, 2);
});
