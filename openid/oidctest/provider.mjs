// A certified OpenID provider on loopback, for tests: node provider.mjs SETTINGS.json
// It asks everybody who they are and believes them. What it then says of them is read anew each time from a file.
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { Provider } = await import(pathToFileURL(createRequire(settings.packages).resolve('oidc-provider')).href);

// page is a page with nothing from elsewhere; ours, since the provider's own ask another host for letters.
const page = (title, body) => `<!doctype html><html lang="en"><link rel="icon" href="data:,"><title>${title}</title><h1>${title}</h1>${body}</html>`;

const provider = new Provider(settings.issuer, {
  clients: [{
    client_id: settings.client,
    client_secret: settings.secret,
    redirect_uris: [settings.redirect],
    post_logout_redirect_uris: [settings.after],
  }],
  cookies: { keys: ['only for tests'] },
  claims: { openid: ['sub', 'groups', 'pid'], profile: ['name', 'preferred_username'] },
  conformIdTokenClaims: settings.conform,
  pkce: { required: () => true },
  features: {
    devInteractions: { enabled: false },
    rpInitiatedLogout: {
      enabled: true,
      async logoutSource(ctx, form) {
        ctx.body = page('Sign out', `${form}<button type="submit" form="op.logoutForm" name="logout" value="yes">Yes</button>`);
      },
    },
  },
  async findAccount(_, id) {
    const said = JSON.parse(readFileSync(settings.people, 'utf8'))[id] ?? {};
    return { accountId: id, claims: async () => ({ sub: id, ...said }) };
  },
  async loadExistingGrant(ctx) {
    const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
    grant.addOIDCScope('openid profile');
    await grant.save();
    return grant;
  },
});
provider.proxy = true;
const answer = provider.callback();
const server = createServer(async (req, res) => {
  if (!req.url.startsWith('/interaction/')) {
    answer(req, res);
  } else if (req.method === 'POST') {
    const accountId = new URLSearchParams(await text(req)).get('login');
    await provider.interactionFinished(req, res, { login: { accountId } });
  } else {
    res.setHeader('Content-Type', 'text/html');
    res.end(page('Sign-in', `<form action="${req.url}" method="post"><label>Who are you? <input name="login"></label><button>Sign in</button></form>`));
  }
}).listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
