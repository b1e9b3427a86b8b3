// Uploads a file with the official tus client, in the way that the first argument says; the settings
// come as JSON on stdin. Prints JSON lines: {"url"}, {"offset"} and finally {"done"} or {"error"}.
import { createReadStream, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const settings = JSON.parse(readFileSync(0, 'utf8'));
// The packages lie in a cache folder and not beside this file.
const tus = createRequire(settings.packages + '/package.json')('tus-js-client');

const say = (o) => console.log(JSON.stringify(o));
const seen = { methods: [], offsets: [] };

const upload = new tus.Upload(createReadStream(settings.file), {
  endpoint: settings.endpoint,
  uploadUrl: settings.url ?? null,
  uploadSize: settings.size,
  chunkSize: settings.chunk,
  metadata: settings.metadata,
  headers: { Authorization: 'Bearer ' + settings.token },
  retryDelays: [0, 200, 500, 1000],
  parallelUploads: 1,
  storeFingerprintForResuming: false,
  uploadDataDuringCreation: settings.withCreation ?? false,
  onBeforeRequest: (request) => { seen.methods.push(request.getMethod()); },
  onUploadUrlAvailable: () => say({ url: upload.url }),
  onChunkComplete: async (chunk, accepted) => {
    seen.offsets.push(accepted);
    if (settings.stopAfter && accepted >= settings.stopAfter) {
      await upload.abort();
      say({ done: false, ...seen });
      process.exit(0);
    }
  },
  onSuccess: () => say({ done: true, url: upload.url, ...seen }),
  onError: (error) => {
    say({ error: String(error), status: error.originalResponse?.getStatus() ?? 0 });
    process.exitCode = 1;
  },
});

if (settings.terminate) {
  await tus.Upload.terminate(settings.url, { headers: { Authorization: 'Bearer ' + settings.token } });
  say({ done: true });
} else {
  upload.start();
}
