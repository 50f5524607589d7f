import { assertEquals, assertThrows } from "@std/assert";
import { SqlError } from "../errors/sql_error.ts";
import { SETTING_DEFINITIONS } from "./setting_definitions.ts";
import { Settings, settingValues } from "./settings.ts";

const set = (settings: Settings, value: string | undefined, local = false) =>
  settings.set("work_mem", value === undefined ? undefined : [value], local);

Deno.test("[K-021] every setting is there before any table, with a valid default", () => {
  const settings = new Settings();
  for (const { name, initial, effect } of SETTING_DEFINITIONS) {
    assertEquals(settings.show(name), initial);
    assertEquals(settings.find(name.toUpperCase()), initial);
    if (effect === "fixed") continue;
    // What SHOW prints, SET takes.
    const { value } = new Settings().assign(
      name,
      settingValues(name, initial),
    );
    assertEquals(value, initial, name);
  }
  assertEquals(settings.find("nosuch"), undefined);
  assertEquals(
    SETTING_DEFINITIONS.map(({ name }) => name),
    SETTING_DEFINITIONS.map(({ name }) => name).toSorted(),
  );
});

Deno.test("Settings reads units, and prints the largest that divides", () => {
  const settings = new Settings();
  for (
    const [given, shown, value] of [
      ["1024", "1MB", 1024],
      ["1025", "1025kB", 1025],
      ["2GB", "2GB", 2097152],
      ["1.5 MB", "1536kB", 1536],
      ["65536B", "64kB", 64],
    ] as const
  ) {
    assertEquals(set(settings, given).value, shown, given);
    assertEquals(settings.integer("work_mem"), value);
  }
  const timeout = settings.set("statement_timeout", ["2min"], false);
  assertEquals(timeout.value, "2min");
  assertEquals(settings.integer("statement_timeout"), 120_000);
  for (const given of ["1kb", "many", "", "-5", "1e3", "9999999GB"]) {
    const error = assertThrows(() => set(settings, given), SqlError);
    assertEquals(error.code, "22023", given);
  }
  assertEquals(settings.show("work_mem"), "64kB");
});

Deno.test("Settings knows booleans and words by all their names", () => {
  const settings = new Settings();
  for (const word of ["off", "FALSE", "no", "0", "f"]) {
    settings.set("enable_seqscan", [word], false);
    assertEquals(settings.show("enable_seqscan"), "off");
    assertEquals(settings.boolean("enable_seqscan"), false);
    settings.set("enable_seqscan", undefined, false);
    assertEquals(settings.boolean("enable_seqscan"), true);
  }
  assertThrows(
    () => settings.set("enable_seqscan", ["maybe"], false),
    SqlError,
  );
  settings.set("client_min_messages", ["WARNING"], false);
  assertEquals(settings.show("client_min_messages"), "warning");
  const fixed = assertThrows(
    () => settings.set("server_version", ["19"], false),
    SqlError,
  );
  assertEquals(fixed.code, "55P02");
});

Deno.test("Settings: a transaction takes back what it set, a commit keeps it, LOCAL ends", () => {
  const settings = new Settings();
  set(settings, "1MB");
  settings.begin();
  set(settings, "2MB");
  settings.end(false);
  assertEquals(settings.show("work_mem"), "1MB");
  settings.begin();
  set(settings, "2MB");
  set(settings, "3MB", true);
  assertEquals(settings.show("work_mem"), "3MB");
  settings.end(true);
  assertEquals(settings.show("work_mem"), "2MB");
  settings.begin();
  set(settings, "4MB", true);
  set(settings, "5MB");
  settings.end(true);
  assertEquals(settings.show("work_mem"), "5MB");
  assertEquals(settings.inTransaction, false);
});

Deno.test("Settings: a savepoint takes back what was set after it", () => {
  const settings = new Settings();
  settings.begin();
  set(settings, "2MB");
  const mark = settings.mark();
  set(settings, "3MB");
  set(settings, "4MB", true);
  settings.returnTo(mark);
  assertEquals(settings.show("work_mem"), "2MB");
  settings.end(true);
  assertEquals(settings.show("work_mem"), "2MB");
});

Deno.test("Settings: a copy begins with the session's values, and RESET gives the database's", () => {
  const settings = new Settings(new Map([["work_mem", "8MB"]]));
  set(settings, "1MB");
  settings.begin();
  set(settings, "2MB", true);
  const copy = settings.copy();
  assertEquals(copy.show("work_mem"), "1MB");
  set(copy, undefined);
  assertEquals(copy.show("work_mem"), "8MB");
  assertEquals(settings.show("work_mem"), "2MB");
});
