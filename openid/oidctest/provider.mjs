// A certified OpenID provider on loopback, for tests: node provider.mjs SETTINGS.json
// It asks everybody who they are and believes them. What it then says of them is read anew each time from a file.
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const settings = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const { Provider } = await import(pathToFileURL(createRequire(settings.packages).resolve('oidc-provider')).href);

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
  features: { devInteractions: { enabled: true }, rpInitiatedLogout: { enabled: true } },
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
const server = provider.listen(0, '127.0.0.1', () => console.log(`listening ${server.address().port}`));
