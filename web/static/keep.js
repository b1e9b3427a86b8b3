// What of a recording the server has not acknowledged, kept in this browser (IndexedDB) so that a lost connection
// or a closed tab takes nothing of it. A piece is deleted as soon as the server has it.

/**
 * @typedef {Object} Kept a recording that is not whole at the server
 * @property {string} id made here
 * @property {string} user whose it is
 * @property {number} began milliseconds since 1970
 * @property {Object<string, string>} metadata what the meeting is made of
 * @property {string} [type] of the container
 * @property {ArrayBuffer} [header] the first piece, kept to the end: what comes after cannot be decoded without
 * @property {string} [url] of the upload, once there is one
 * @property {string} [meeting]
 * @property {number} [base] where in what was recorded the upload begins, after the header, when it is not the first
 */

const asked = (request) => new Promise((resolve, reject) => {
  request.onsuccess = () => resolve(request.result);
  request.onerror = () => reject(request.error);
});

let opened;
function database() {
  opened ??= (() => {
    const request = indexedDB.open('referent-recordings', 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore('recordings', { keyPath: 'id' });
      request.result.createObjectStore('pieces'); // under [recording, offset]
    };
    return asked(request);
  })();
  return opened;
}

async function change(act) {
  const db = await database();
  const tx = db.transaction(['recordings', 'pieces'], 'readwrite');
  act(tx.objectStore('recordings'), tx.objectStore('pieces'));
  await new Promise((resolve, reject) => {
    tx.oncomplete = resolve;
    tx.onerror = tx.onabort = () => reject(tx.error);
  });
}

const piecesOf = (id, from = 0) => IDBKeyRange.bound([id, from], [id, Number.MAX_SAFE_INTEGER]);

/** @param {Kept} recording */
export const keepRecording = (recording) => change((recordings) => recordings.put(recording));

/** @param {string} id @param {number} from @param {ArrayBuffer} bytes */
export const keepPiece = (id, from, bytes) => change((_, pieces) => pieces.put(bytes, [id, from]));

/** dropBefore deletes the pieces that end at or before an offset: those that begin before it. */
export const dropBefore = (id, offset) => offset > 0
  ? change((_, pieces) => pieces.delete(IDBKeyRange.bound([id, 0], [id, offset], false, true))) : Promise.resolve();

export const forget = (id) => change((recordings, pieces) => {
  recordings.delete(id);
  pieces.delete(piecesOf(id));
});

/** save gives a person what waits as a file. @param {Blob} blob @param {Kept} recording */
export function save(blob, recording) {
  const a = document.createElement('a');
  a.href = URL.createObjectURL(blob);
  a.download = 'opptak-' + new Date(recording.began).toISOString().slice(0, 16).replace(/[:T]/g, '-')
    + ({ 'audio/ogg': '.ogg', 'audio/mp4': '.mp4' }[blob.type.split(';')[0]] ?? '.webm');
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 60000);
}

/** @returns {Promise<Kept[]>} */
export async function recordings() {
  const db = await database();
  return asked(db.transaction('recordings').objectStore('recordings').getAll());
}

/** @returns {Promise<{from: number, bytes: ArrayBuffer}[]>} in their order */
export async function pieces(id) {
  const db = await database();
  const store = db.transaction('pieces').objectStore('pieces');
  const [keys, values] = await Promise.all([asked(store.getAllKeys(piecesOf(id))), asked(store.getAll(piecesOf(id)))]);
  return keys.map(([, from], i) => ({ from, bytes: values[i] }));
}
