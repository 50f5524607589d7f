import { assert, assertEquals } from "@std/assert";
import {
  cellFolder,
  collectCell,
  judgeCell,
  nextVersionName,
  readCell,
} from "./file_cell.ts";
import { factsAt, type FileFacts } from "./file_io.ts";

/** An object in a folder of its own, and ways to change its versions. */
class Cell {
  readonly folder = Deno.makeTempDirSync({ prefix: "kriya-cell-" });
  readonly file = `${this.folder}/p`;

  constructor() {
    Deno.writeTextFileSync(this.file, "0");
    Deno.mkdirSync(cellFolder(this.file));
  }

  /** Makes the version after the current one, as a writer does. */
  advance(): FileFacts {
    return this.link(nextVersionName(readCell(this.file)!));
  }

  /** Makes a version of that name. */
  link(name: string): FileFacts {
    const file = `${cellFolder(this.file)}/${name}`;
    Deno.writeTextFileSync(file, name, { createNew: true });
    return factsAt(file)!;
  }

  versions(): number[] {
    return [...Deno.readDirSync(cellFolder(this.file))]
      .map(({ name }) => Number(name.split("~")[1])).sort((a, b) => a - b);
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.folder, { recursive: true });
  }
}

Deno.test("a writer has won while its version is the newest, or the next names it", () => {
  using cell = new Cell();
  const before = readCell(cell.file)!;
  const own = cell.advance();
  assertEquals(judgeCell(cell.file, before, own), "won");
  cell.advance();
  assertEquals(judgeCell(cell.file, before, own), "won");
});

Deno.test("a writer whose version was collected before its link has lost", () => {
  using cell = new Cell();
  const before = readCell(cell.file)!;
  for (let i = 0; i < 2; i++) cell.advance();
  // The stalled writer's file is there before version 1 is collected, so the
  // two have different numbers; only its link comes late.
  const written = `${cell.folder}/written`;
  Deno.writeTextFileSync(written, "");
  const name = nextVersionName(before);
  const file = `${cellFolder(cell.file)}/${name}`;
  Deno.removeSync(file);
  Deno.linkSync(written, file);
  const own = factsAt(file)!;
  assertEquals(judgeCell(cell.file, before, own), "lost");
  assertEquals(readCell(cell.file)!.version, 2);
});

Deno.test("what cannot be told any more is unknown", () => {
  using cell = new Cell();
  const before = readCell(cell.file)!;
  const own = cell.advance();
  for (let i = 0; i < 4; i++) cell.advance();
  collectCell(cell.file);
  assertEquals(cell.versions(), [4, 5]);
  assertEquals(judgeCell(cell.file, before, own), "unknown");
  Deno.removeSync(cell.file);
  assertEquals(judgeCell(cell.file, before, own), "unknown");
});

Deno.test("collecting keeps the two newest versions of the object, and no others", () => {
  using cell = new Cell();
  for (let i = 0; i < 5; i++) cell.advance();
  cell.link("fdead-beef-1~000000000009~1");
  collectCell(cell.file);
  assertEquals(cell.versions(), [4, 5]);
  assertEquals(readCell(cell.file)!.version, 5);
  Deno.removeSync(cell.file);
  collectCell(cell.file);
  assertEquals(readCell(cell.file), undefined);
  assertEquals(factsAt(cellFolder(cell.file)), undefined);
});

Deno.test("names that are no versions are not read as versions", () => {
  using cell = new Cell();
  const { root, etag } = readCell(cell.file)!;
  for (
    const name of [
      `${root}~1~1`,
      `${root}~00000000000a~1`,
      `${root}~000000000001`,
      `${root}~000000000001~`,
      "x",
      "~",
    ]
  ) {
    cell.link(name);
  }
  assertEquals(readCell(cell.file)!.etag, etag);
  collectCell(cell.file);
  assert([...Deno.readDirSync(cellFolder(cell.file))].length === 6);
});
