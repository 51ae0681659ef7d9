// page_test.mjs FOLDER: runs the script of an export's page, without a page, on an unpacked export. The folder has to
// verify; with a byte changed anywhere that counts, or a file taken out or put in, it must not. Ends with 1 otherwise.
import { createHash, randomBytes, webcrypto } from 'node:crypto';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import vm from 'node:vm';

const source = readFileSync(new URL('../../cases/page/page.js', import.meta.url), 'utf8');
const load = crypto => {
  const context = vm.createContext({ TextEncoder, TextDecoder, atob, crypto, Uint8Array });
  vm.runInContext(source + '\nthis.page = { Sha256, verifyCase };', context);
  return context.page;
};
let failed = 0;
const check = (truth, what) => {
  if (!truth) ++failed;
  console.log((truth ? 'ok   ' : 'FAIL ') + what);
};

const { Sha256 } = load(undefined);
const sizes = [0, 1, 55, 56, 63, 64, 65, 119, 120, 127, 128, 1000, 100_003];
check(sizes.every(size => {
  const bytes = randomBytes(size), hash = new Sha256();
  for (let at = 0; at < size; at += 37) hash.update(new Uint8Array(bytes.subarray(at, at + 37)));
  return Buffer.from(hash.digest()).toString('hex') === createHash('sha256').update(bytes).digest('hex');
}), 'SHA-256 of our own agrees with OpenSSL');

const root = process.argv[2], files = new Map();
for (const name of readdirSync(root, { recursive: true }))
  if (statSync(join(root, name)).isFile()) files.set(relative(root, join(root, name)), readFileSync(join(root, name)));
const html = files.get('index.html').toString();
const data = name => html.match(new RegExp(`data-${name}="([^"]*)"`))[1];
const anchor = { head: data('head'), key: data('key'), count: Number(data('count')) };
const verdict = async (crypto, change = () => {}) => {
  const changed = new Map(files);
  change(changed);
  return load(crypto).verifyCase(new Map(Array.from(changed, ([name, bytes]) => [name, new Blob([bytes])])), anchor);
};
const flip = (name, at) => map => {
  const bytes = Buffer.from(map.get(name));
  bytes[at ?? bytes.length >> 1] ^= 1;
  map.set(name, bytes);
};

const good = await verdict(webcrypto);
check(good.ok && good.notes.length === 0, 'the folder verifies, signatures too: ' + (good.found || good.counts.files + ' files'));
const plain = await verdict(undefined);
check(plain.ok && plain.notes.length === 1, 'without WebCrypto the hashes are checked, and that signatures were not is said');
for (const name of files.keys()) {
  if (name === 'index.html' || name === 'case.json' || name.endsWith('.inspect.md') || name.startsWith('drafts/')) continue;
  for (const crypto of [webcrypto, undefined]) {
    if (!crypto && (name === 'export.json' || name === 'head.json')) continue; // their signatures are all that holds them
    if (!files.get(name).length) continue;
    const found = await verdict(crypto, flip(name));
    check(!found.ok, 'a byte of ' + name + ' changed: ' + found.found);
  }
  const gone = await verdict(webcrypto, map => map.delete(name));
  check(!gone.ok || (name === 'export.json' && !good.counts.withheld), name + ' taken out: ' + gone.found);
}
const added = await verdict(webcrypto, map => map.set([...files.keys()].find(name => name.startsWith('runs/')).replace(/[^/]*$/, 'planted.csv'), Buffer.from('x')));
check(!added.ok, 'a file put in: ' + added.found);
const cut = await verdict(webcrypto, map => map.set('chain.jsonl', Buffer.from(map.get('chain.jsonl').toString().split('\n').slice(0, -2).join('\n') + '\n')));
check(!cut.ok, 'the last record cut off: ' + cut.found);
process.exit(failed ? 1 : 0);
