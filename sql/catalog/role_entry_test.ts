import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../base/errors.ts";
import { utf8Encode } from "../../base/bytes.ts";
import { createTypeRegistry } from "../types/type_registry.ts";
import { decodeEntry, encodeEntry, nameKey } from "./catalog_rows.ts";
import { CatalogState } from "./catalog_state.ts";
import type { RoleEntry, SchemaEntry } from "./entries.ts";
import { aclText, changeGrants, grantsOf } from "./privileges.ts";
import { objectsOfRole, roleIdOf, roleNameOf } from "./roles.ts";

const ROLE: RoleEntry = {
  kind: "role",
  schema: "",
  id: 20_000,
  name: "reader",
  attributes: {
    superuser: false,
    inherit: true,
    createRole: false,
    createDb: true,
    canLogin: true,
    replication: false,
    bypassRls: false,
    connectionLimit: 7,
  },
  validUntil: "2030-01-01",
  memberOf: [{ roleId: 20_001, grantorId: 10, admin: true }],
  config: ["work_mem=1MB"],
};

const SCHEMA: SchemaEntry = {
  kind: "schema",
  id: 20_002,
  name: "s",
  ownerId: ROLE.id,
  acl: [
    { granteeId: 0, grantorId: 20_000, privileges: "U", grantable: "" },
    { granteeId: 20_000, grantorId: 20_000, privileges: "UC", grantable: "C" },
  ],
};

Deno.test("a role, an owner and grants are read back as they were written", () => {
  const types = createTypeRegistry();
  for (const entry of [ROLE, SCHEMA]) {
    assertEquals(decodeEntry(encodeEntry(entry), types), entry);
  }
  const damaged = JSON.stringify({ version: 1, ...ROLE, memberOf: 1 });
  assertThrows(() => decodeEntry(utf8Encode(damaged), types), KriyaError);
  assertEquals(nameKey(ROLE)[4], 20);
});

Deno.test("roles are found by name and by OID, and what they own", () => {
  const catalog = new CatalogState([ROLE, SCHEMA]);
  assertEquals(roleIdOf(catalog, "me", "me"), 10);
  assertEquals(roleIdOf(catalog, "me", "reader"), 20_000);
  assertEquals(roleIdOf(catalog, "me", "nobody"), undefined);
  assertEquals(roleNameOf(catalog, "me", 10), "me");
  assertEquals(roleNameOf(catalog, "me", 20_000), "reader");
  assertEquals(roleNameOf(catalog, "me", SCHEMA.id), undefined);
  assertEquals(
    objectsOfRole(catalog, ROLE.id).map(({ entry }) => entry.name),
    ["s"],
  );
  assertEquals(
    aclText(catalog, "me", SCHEMA),
    '{"=U/reader","reader=UC*/reader"}',
  );
});

Deno.test("grants begin with what an owner has, and go when nothing is left", () => {
  const kind = { all: "UC", everybody: "" };
  const { acl: _, ownerId: __, ...schema } = SCHEMA;
  const start = grantsOf(schema, kind);
  assertEquals(start.map(({ privileges }) => privileges), ["UC"]);
  const change = { granteeId: 5, grantorId: 10, privileges: "CU" };
  const granted = changeGrants(start, { ...change, grant: true, option: true });
  assertEquals(granted[1], {
    granteeId: 5,
    grantorId: 10,
    privileges: "UC",
    grantable: "UC",
  });
  const plain = changeGrants(granted, {
    ...change,
    grant: false,
    option: true,
  });
  assertEquals([plain[1]!.privileges, plain[1]!.grantable], ["UC", ""]);
  const revoked = changeGrants(plain, {
    ...change,
    grant: false,
    option: false,
  });
  assertEquals(revoked, [...start]);
});
