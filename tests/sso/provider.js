/**
 * A real OpenID provider for the tests (tests/sso/conftest.py starts it). Everyone signs in by typing
 * a name. `POST /control` tells it what to be next: who is known, which clock it has, what it breaks.
 *
 * It prints one line with its issuer once it listens.
 */
import { createHmac, generateKeyPairSync, randomUUID, sign } from "node:crypto";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

const CLIENT = "chatroom";
const SECRET = "a-secret-for-tests-only-of-the-chatroom";
const HUGE = 4 << 20;

const realNow = Date.now;
/** What `/control` sets; the tests begin with these. */
const START = {
  /** Seconds by which this provider's clock is ahead. */
  clock: 0,
  /** @type {Record<string, object>} claims by the name that is typed */
  accounts: {},
  redirects: ["http://localhost/sign-in/sso/callback/"],
  /** What is changed in an id token before it is signed; `alg` in its header. */
  claims: {},
  alg: "RS256",
  /** up, gone (hangs up), stalled (says nothing), slow (a byte a second), huge, broken (500). */
  mode: "up",
  /** The only address that `mode` is about; all of them if empty. */
  at: "",
};
let is = structuredClone(START);
let key = newKey();
/** @type {(request: any, response: any) => void} */
let answer;
/** How often each address was asked. @type {Record<string, number>} */
let asked = {};

Date.now = () => realNow() + is.clock * 1000;

const server = createServer((request, response) => {
  const path = new URL(request.url ?? "/", "http://localhost").pathname;
  if (path === "/control") {
    control(request, response);
    return;
  }
  asked[path] = (asked[path] ?? 0) + 1;
  if (is.mode !== "up" && (!is.at || is.at === path)) {
    misbehave(response);
  } else {
    response.setHeader("Date", new Date(Date.now()).toUTCString());
    answer(request, response);
  }
});
server.listen(Number(process.argv[2] ?? 0), "localhost", () => {
  renew();
  console.log(issuer());
});

function issuer() {
  const address = server.address();
  return `http://localhost:${address && typeof address === "object" ? address.port : 0}`;
}

function newKey() {
  const pair = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const jwk = pair.privateKey.export({ format: "jwk" });
  return { pair, jwk: { ...jwk, kid: randomUUID(), use: "sig", alg: "RS256" } };
}

/** A provider with the present key and clients. */
function renew() {
  const provider = new Provider(issuer(), {
    clients: [{ client_id: CLIENT, client_secret: SECRET, redirect_uris: is.redirects }],
    cookies: { keys: ["only-for-tests"] },
    jwks: { keys: [key.jwk] },
    scopes: ["openid", "profile", "email", "groups"],
    claims: {
      openid: ["sub"],
      profile: ["name", "preferred_username"],
      email: ["email", "email_verified"],
      groups: ["groups"],
    },
    features: { devInteractions: { enabled: true } },
    pkce: { required: () => true },
    ttl: { IdToken: 3600, Session: 3600, Grant: 3600, Interaction: 3600, AccessToken: 3600 },
    findAccount: (_, name) => ({
      accountId: name,
      claims: async () => ({ sub: name, name: called(name), ...is.accounts[name] }),
    }),
    loadExistingGrant: grantAll,
  });
  provider.use(async (context, next) => {
    await next();
    const body = /** @type {any} */ (context.body);
    if (body?.id_token && (is.alg !== "RS256" || Object.keys(is.claims).length > 0)) {
      body.id_token = signedAnew(body.id_token);
    }
  });
  answer = provider.callback();
}

/** Nobody is asked whether the chatroom may know them. @param {any} context */
async function grantAll(context) {
  const { provider, session, client } = context.oidc;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  grant.addOIDCScope("openid profile email groups");
  await grant.save();
  return grant;
}

/** @param {string} name */
function called(name) {
  return name.charAt(0).toUpperCase() + name.slice(1);
}

/** The token with other claims, or another algorithm. @param {string} token */
function signedAnew(token) {
  const said = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString());
  const header = { alg: is.alg, kid: key.jwk.kid };
  const text = [header, { ...said, ...is.claims }]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${signature(text)}`;
}

/** @param {string} text */
function signature(text) {
  if (is.alg === "none") {
    return "";
  }
  if (is.alg === "HS256") {
    return createHmac("sha256", SECRET).update(text).digest("base64url");
  }
  const other = is.alg === "RS256" ? key.pair : newKey().pair;
  return sign("sha256", Buffer.from(text), other.privateKey).toString("base64url");
}

/** @param {import("node:http").ServerResponse} response */
function misbehave(response) {
  if (is.mode === "gone") {
    response.destroy();
  } else if (is.mode === "broken") {
    response.writeHead(500).end("out of order");
  } else if (is.mode === "huge") {
    response.writeHead(200, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ issuer: issuer(), more: "x".repeat(HUGE) }));
  } else if (is.mode === "slow") {
    response.writeHead(200, { "Content-Type": "application/json" });
    const timer = setInterval(() => response.write(" "), 500);
    response.on("close", () => clearInterval(timer));
  }
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {import("node:http").ServerResponse} response
 */
async function control(request, response) {
  const parts = [];
  for await (const part of request) {
    parts.push(part);
  }
  const { rotate, reset, ...changes } = JSON.parse(Buffer.concat(parts).toString());
  const told = asked;
  if (reset) {
    is = structuredClone(START);
    asked = {};
  }
  Object.assign(is, changes);
  if (rotate) {
    key = newKey();
  }
  if (rotate || reset || changes.redirects) {
    renew();
  }
  response.end(JSON.stringify({ asked: told }));
}
