import { assertEquals, assertThrows } from "@std/assert";
import { KriyaError } from "../../../base/errors.ts";
import { s3Config, type S3Options } from "./s3_options.ts";

const NOTHING = (): undefined => undefined;

Deno.test("s3Config: options go before the environment, it before defaults", () => {
  const variables: Record<string, string> = {
    AWS_ENDPOINT_URL: "http://general:9000",
    AWS_REGION: "eu-west-1",
    AWS_DEFAULT_REGION: "eu-west-2",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    AWS_SESSION_TOKEN: "token",
  };
  const variable = (name: string): string | undefined => variables[name];
  const config = s3Config("words", {}, variable);
  assertEquals(config.endpoint, "http://general:9000");
  assertEquals(config.region, "eu-west-1");
  assertEquals(config.pathStyle, true);
  assertEquals(config.credentials, {
    accessKeyId: "key",
    secretAccessKey: "secret",
    sessionToken: "token",
  });
  variables["AWS_ENDPOINT_URL_S3"] = "http://special:9000";
  assertEquals(
    s3Config("words", {}, variable).endpoint,
    "http://special:9000",
  );
  const credentials = { accessKeyId: "a", secretAccessKey: "b" };
  const given = s3Config("words", {
    endpoint: "https://given",
    region: "auto",
    pathStyle: false,
    credentials,
  }, variable);
  assertEquals(given.endpoint, "https://given");
  assertEquals(given.region, "auto");
  assertEquals(given.pathStyle, false);
  assertEquals(given.credentials, credentials);

  const plain = s3Config("words", {}, NOTHING);
  assertEquals(plain.endpoint, undefined);
  assertEquals(plain.region, "us-east-1");
  assertEquals(plain.pathStyle, false);
  assertEquals(plain.credentials, undefined);
  assertEquals(s3Config("my.words", {}, NOTHING).pathStyle, true);
});

Deno.test("s3Config: refuses what makes no sense, without repeating it", () => {
  const wrong: S3Options[] = [
    { endpoint: "127.0.0.1:9000" },
    { endpoint: "ftp://host" },
    { endpoint: "http://me:hidden@host" },
    { endpoint: "http://host/?key=hidden" },
    { region: "us east" },
    { region: "" },
    { attemptsMax: 0 },
    { requestTimeoutMs: Number.NaN },
    { partBytes: 1024 },
    { partsInFlightMax: 1.5 },
  ];
  for (const options of wrong) {
    const error = assertThrows(
      () => s3Config("words", options, NOTHING),
      KriyaError,
    );
    assertEquals(error.kind, "invalid", JSON.stringify(options));
    assertEquals(/hidden/.test(`${error.message}${error.hint}`), false);
  }
});
