'use strict';
// Holds a case's folder against its chain, as docs/evidence-format.md says it. Runs in the page of an export, without
// any network; tests/evidence/page_test.mjs runs it without a page.

/** SHA-256 (FIPS 180-4) of bytes as they come: browsers offer it for whole buffers only, and not on every file:// page. */
class Sha256 {
  static constants = Sha256.firstBits(64, 3);
  static firstBits(count, root) {
    const words = new Uint32Array(count);
    for (let prime = 2, found = 0; found < count; ++prime) {
      let divisor = 2;
      while (divisor * divisor <= prime && prime % divisor) ++divisor;
      if (divisor * divisor <= prime) continue;
      // The first 32 bits behind the point of the root, found by halving: exact where a double is not.
      let low = 0n, high = BigInt(prime) << 32n;
      const target = BigInt(prime) << BigInt(32 * root);
      while (low < high) {
        const middle = (low + high + 1n) / 2n;
        if (middle ** BigInt(root) <= target) low = middle; else high = middle - 1n;
      }
      words[found++] = Number(low & 0xffffffffn);
    }
    return words;
  }
  constructor() {
    this.state = Sha256.firstBits(8, 2);
    this.words = new Uint32Array(64);
    this.rest = new Uint8Array(64);
    this.filled = 0;
    this.bytes = 0;
  }
  update(data) {
    this.bytes += data.length;
    let at = 0;
    if (this.filled) {
      at = Math.min(64 - this.filled, data.length);
      this.rest.set(data.subarray(0, at), this.filled);
      this.filled += at;
      if (this.filled < 64) return this;
      this.block(this.rest, 0);
      this.filled = 0;
    }
    for (; at + 64 <= data.length; at += 64) this.block(data, at);
    this.rest.set(data.subarray(at));
    this.filled = data.length - at;
    return this;
  }
  block(data, at) {
    const w = this.words, k = Sha256.constants, s = this.state;
    for (let i = 0; i < 16; ++i, at += 4)
      w[i] = (data[at] << 24) | (data[at + 1] << 16) | (data[at + 2] << 8) | data[at + 3];
    for (let i = 16; i < 64; ++i) {
      const x = w[i - 15], y = w[i - 2];
      const low = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const high = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + low + w[i - 7] + high) | 0;
    }
    let a = s[0], b = s[1], c = s[2], d = s[3], e = s[4], f = s[5], g = s[6], h = s[7];
    for (let i = 0; i < 64; ++i) {
      const s1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + k[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      h = g; g = f; f = e; e = (d + t1) | 0; d = c; c = b; b = a; a = (t1 + t2) | 0;
    }
    s[0] += a; s[1] += b; s[2] += c; s[3] += d; s[4] += e; s[5] += f; s[6] += g; s[7] += h;
  }
  digest() {
    const bits = this.bytes * 8, end = new Uint8Array(((this.filled + 72) & ~63) - this.filled);
    end[0] = 0x80;
    const view = new DataView(end.buffer);
    view.setUint32(end.length - 8, Math.floor(bits / 4294967296));
    view.setUint32(end.length - 4, bits >>> 0);
    this.update(end);
    const out = new DataView(new ArrayBuffer(32));
    this.state.forEach((word, i) => out.setUint32(4 * i, word));
    return new Uint8Array(out.buffer);
  }
}

const utf8 = new TextEncoder();
const hex = bytes => Array.from(bytes, byte => byte.toString(16).padStart(2, '0')).join('');
const unhex = text => Uint8Array.from(text.match(/../g), pair => parseInt(pair, 16));
const unbase64 = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0));
const sha256 = data => hex(new Sha256().update(typeof data === 'string' ? utf8.encode(data) : data).digest());
/** Of objects whose values are strings, whole numbers and the like: sorted keys and the shortest spelling (RFC 8785). */
const canonical = value => Array.isArray(value) ? '[' + value.map(canonical).join(',') + ']'
  : value && typeof value === 'object'
    ? '{' + Object.keys(value).sort().map(key => JSON.stringify(key) + ':' + canonical(value[key])).join(',') + '}'
    : JSON.stringify(value);

class Break extends Error {
  constructor(kind, where) { super(kind + ': ' + where); }
}
const expect = (truth, kind, where) => { if (!truth) throw new Break(kind, where); };

/** Whether this browser can check the signatures; hashes can be checked in any. */
async function verifierOf(publicKey) {
  try {
    const key = await crypto.subtle.importKey('raw', publicKey, 'Ed25519', false, ['verify']);
    return (hash, sig) => crypto.subtle.verify('Ed25519', key, unbase64(sig), unhex(hash));
  } catch {
    return null;
  }
}

const wholeMax = 32 * 1024 * 1024, partBytes = 4 * 1024 * 1024;
async function digestOf(file, progress) {
  if (file.size <= wholeMax && globalThis.crypto && crypto.subtle)
    return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', await file.arrayBuffer())));
  const hash = new Sha256();
  for (let at = 0; at < file.size; at += partBytes) {
    hash.update(new Uint8Array(await file.slice(at, at + partBytes).arrayBuffer()));
    progress(at);
  }
  return hex(hash.digest());
}

async function signedObject(text, fields, verify, where) {
  let object;
  try { object = JSON.parse(text); } catch { throw new Break('file altered', where); }
  const { sig, ...unsigned } = object;
  expect(canonical(object) + '\n' === text && fields.every(field => field in unsigned), 'file altered', where);
  if (verify) expect(await verify(sha256(canonical(unsigned)), sig), 'file altered', where);
  return object;
}

const line = /^\{"at":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z)","body":(\{.*\}),"body_sha256":"([0-9a-f]{64})",(?:"held":(\{.+\}),)?"kind":"([a-z_]{1,20})","n":([1-9]\d*),"prev":"([0-9a-f]{64})","sig":"([A-Za-z0-9+/]{86}==)"\}$/s;

async function readChain(text, head, verify) {
  const lines = text.split('\n');
  expect(lines.pop() === '', 'record altered', 'chain.jsonl, last line');
  const records = [];
  let prev = '0'.repeat(64);
  for (const [i, one] of lines.entries()) {
    const where = 'chain.jsonl line ' + (i + 1), found = line.exec(one);
    expect(found && sha256(found[2]) === found[3], 'record altered', where);
    const [, at, body, bodyHash, held, kind, n, before, sig] = found;
    const hash = sha256('{"at":"' + at + '","body_sha256":"' + bodyHash + '","kind":"' + kind + '","n":' + n + ',"prev":"' + before + '"}');
    expect(Number(n) === i + 1 && before === prev, 'record replaced or removed', where);
    if (verify) expect(await verify(hash, sig), 'signature wrong', where);
    records.push({ n: i + 1, kind, body: JSON.parse(body), held: held ? JSON.parse(held) : {}, hash });
    prev = hash;
  }
  expect(records.length && head.count === records.length && head.hash === prev, 'tail cut or head differs', 'chain.jsonl');
  return records;
}

/** What the records name: path to hash. */
function namedFiles(records) {
  const files = new Map(), folders = new Map(), pruned = new Set(), open = new Set();
  for (const { kind, body } of records) {
    if (kind === 'run') {
      folders.set(body.run_id, [body.folder, body.task]);
      open.add(body.folder);
      files.set(body.folder + '/' + body.script, body.script_sha256);
      files.set(body.folder + '/' + body.task + '.input.json', body.input_sha256);
    } else if (kind === 'sealed') {
      const [folder, task] = folders.get(body.run_id) || [];
      expect(folder && open.delete(folder), 'records disagree', 'chain.jsonl');
      for (const file of body.files) files.set(folder + '/' + file.path, file.sha256);
      files.set(folder + '/' + task + '.manifest.json', body.manifest_sha256);
    } else if (kind === 'attachment' && body.path) {
      files.set(body.path, body.sha256);
    } else if (kind === 'pruned') {
      for (const file of body.files || []) pruned.add((folders.get(file.run_id) || [''])[0] + '/' + file.path);
    }
  }
  return { files, pruned, open };
}

/** Everything that a record holds beside its body has a hash that some record names. */
function checkHeld(records, files) {
  const known = new Set(files.values());
  for (const { n, held } of records)
    for (const value of Object.values(held))
      expect(known.has(sha256(typeof value === 'string' ? value : unbase64(value.base64))), 'record altered', 'chain.jsonl line ' + n);
}

/**
 * `folder`: path within the case to File. `anchor`: what the page was made of. `tell(path, state)` hears of each file,
 * `progress(text, part)` how far it is. Gives {ok, found, counts, notes}.
 */
async function verifyCase(folder, anchor, tell = () => {}, progress = () => {}) {
  const notes = [], counts = { records: 0, files: 0, bytes: 0, withheld: 0, pruned: 0 };
  const text = async name => {
    expect(folder.has(name), 'file missing', name);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await folder.get(name).arrayBuffer());
    } catch { throw new Break('file altered', name); }
  };
  try {
    const headText = await text('head.json');
    let publicKey;
    try { publicKey = unbase64(JSON.parse(headText).public_key); } catch { throw new Break('file altered', 'head.json'); }
    const verify = await verifierOf(publicKey);
    if (!verify) notes.push('This browser cannot check Ed25519 signatures: the hashes were checked, who signed was not. casefile verify checks both.');
    const head = await signedObject(headText, ['count', 'hash', 'key_fingerprint', 'runs'], verify, 'head.json');
    expect(sha256(publicKey) === head.key_fingerprint, 'file altered', 'head.json');
    expect(head.key_fingerprint === anchor.key, 'wrong key', 'the folder is signed by another key than the case of this page');
    expect(head.hash === anchor.head && head.count === anchor.count, 'head differs', 'the folder is another state of the case than this page shows');
    progress('checking the chain', 0);
    const records = await readChain(await text('chain.jsonl'), head, verify);
    counts.records = records.length;
    const { files, pruned, open } = namedFiles(records);
    checkHeld(records, files);
    let withheld = new Map();
    if (folder.has('export.json')) {
      const list = await signedObject(await text('export.json'), ['withheld', 'files', 'hash'], verify, 'export.json');
      expect(list.hash === head.hash && list.key_fingerprint === head.key_fingerprint, 'head differs', 'export.json');
      withheld = new Map(list.withheld.map(file => [file.path, file.sha256]));
    }
    let total = 0, done = 0;
    for (const path of files.keys()) total += folder.has(path) ? folder.get(path).size : 0;
    for (const [path, hash] of files) {
      const file = folder.get(path);
      if (!file && withheld.get(path) === hash) { ++counts.withheld; tell(path, 'withheld'); continue; }
      if (!file && pruned.has(path)) { ++counts.pruned; tell(path, 'destroyed'); continue; }
      if (!file) { tell(path, 'missing'); throw new Break('file missing', path); }
      const got = await digestOf(file, at => progress(path, (done + at) / total));
      if (got !== hash) { tell(path, 'altered'); throw new Break('file altered', path); }
      ++counts.files; counts.bytes += file.size; done += file.size;
      tell(path, 'verified');
      progress(path, total ? done / total : 1);
    }
    for (const path of folder.keys())
      if (/^(runs|attachments)\//.test(path) && !files.has(path) && ![...open].some(name => path.startsWith(name + '/')))
        throw new Break('file added', path);
    return { ok: true, found: null, counts, notes };
  } catch (error) {
    return { ok: false, found: error instanceof Break ? error.message : 'cannot be read: ' + error.message, counts, notes };
  }
}

/** The files of a picked folder by their path within the case: the case is where chain.jsonl lies. */
function caseFolder(picked) {
  const paths = Array.from(picked, file => [file.webkitRelativePath || file.name, file]);
  const chain = paths.map(([path]) => path).filter(path => /(^|\/)chain\.jsonl$/.test(path)).sort((a, b) => a.length - b.length)[0];
  if (!chain) return null;
  const root = chain.slice(0, -'chain.jsonl'.length);
  return new Map(paths.filter(([path]) => path.startsWith(root)).map(([path, file]) => [path.slice(root.length), file]));
}

function startPage() {
  const { head, key, count } = document.body.dataset, verdict = document.getElementById('verdict');
  const cells = new Map(Array.from(document.querySelectorAll('[data-path]'), cell => [cell.dataset.path, cell]));
  const looks = { verified: 'good', withheld: 'held', destroyed: 'held' };
  const put = (tag, text, look, into) => {
    const node = document.createElement(tag);
    node.textContent = text;
    if (look) node.className = look;
    into.append(node);
    return node;
  };
  const tell = (path, state) => {
    const cell = cells.get(path);
    if (!cell) return;
    cell.replaceChildren();
    put('span', state, 'mark ' + (looks[state] || 'bad'), cell);
  };
  document.getElementById('folder').addEventListener('change', async event => {
    verdict.replaceChildren();
    for (const cell of cells.values()) cell.replaceChildren();
    const folder = caseFolder(event.target.files);
    if (!folder) {
      put('div', 'No chain.jsonl in that folder: expected the folder that this page lies in.', 'line bad', verdict);
      return;
    }
    const bar = put('progress', '', '', verdict), said = put('div', '', 'soft', verdict);
    let shown = 0;
    const progress = (text, part) => {
      if (performance.now() - shown < 80) return;
      shown = performance.now();
      said.textContent = text;
      bar.value = part;
    };
    const result = await verifyCase(folder, { head, key, count: Number(count) }, tell, progress);
    verdict.replaceChildren();
    const { records, files, bytes, withheld, pruned } = result.counts;
    put('div', result.ok ? 'Verified: ' + records + ' records, ' + files + ' files, ' + bytes.toLocaleString('en') + ' bytes are what the chain says.'
      : 'Broken. First break: ' + result.found, 'line ' + (result.ok ? 'good' : 'bad'), verdict);
    const list = put('ul', '', '', verdict);
    if (withheld) put('li', withheld + ' sensitive files were withheld by the exporter; their hashes are in the chain.', '', list);
    if (pruned) put('li', pruned + ' outputs were destroyed on record; their hashes are in the chain.', '', list);
    for (const note of result.notes) put('li', note, '', list);
    if (result.ok) put('li', 'Who signed is not established by the folder alone: compare the key fingerprint with one that the owner gave you.', '', list);
    document.body.dataset.verdict = result.ok ? 'verified' : 'broken';
  });
}

if (typeof document !== 'undefined') startPage();
