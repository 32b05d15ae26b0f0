/** Checks a receipt or an export in the browser: what is dropped here is read here and sent nowhere. */

import { ask, Common, said } from './api';
import { h, props, replace, show } from './dom';
import { frame } from './frame';
import { many, moment, size } from './time';
import { checkExport, Manifest, readManifest } from '../verify/export';
import { unzip } from '../verify/zip';
import { Check, check, Named, PublishedKey, readReceipt, Receipt } from '../verify/receipt';

const LARGEST_RECEIPT = 10e6; // bytes; beyond that a file is no receipt

const page = props<Common>();
const result = h('section', { 'aria-live': 'polite', 'aria-label': 'Result' });

const REASONS: Record<string, string> = {
  submitted: 'handed in by the candidate',
  expired: 'taken in when the time ran out',
  terminated: 'taken in when the session was ended'
};

async function look(files: File[]): Promise<void> {
  if (files.length === 0) {
    return;
  }
  replace(result, h('p', null, `Checking ${many(files.length, 'file')} …`));
  let receipt: Receipt | null = null;
  const others: Named[] = [];
  const zip = files.find(file => file.name.toLowerCase().endsWith('.zip'));
  for (const file of files.filter(one => one !== zip)) {
    const found = file.size < LARGEST_RECEIPT ? readReceipt(await file.text()) : null;
    if (found && !receipt) {
      receipt = found;
    } else {
      others.push({ name: file.name, content: await file.arrayBuffer() });
    }
  }
  if (zip) {
    const unpacked = await unzip(await zip.arrayBuffer());
    const manifest = readManifest(unpacked);
    const checks = await checkExport(unpacked, manifest, await published(), receipt);
    return replace(result, verdict(checks), exported(manifest));
  }
  if (!receipt) {
    const text =
      'There is neither a receipt nor an export among these files. The receipt is the .json file that was downloaded after handing in; an export is a .zip.';
    return replace(result, h('p', { class: 'note', 'data-tone': 'bad' }, text));
  }
  replace(result, verdict(await check(receipt, await published(), others)), content(receipt));
}

async function published(): Promise<PublishedKey | null> {
  try {
    return (await (await ask(`${page.prefix}key`)).json()) as PublishedKey;
  } catch {
    return null; // offline: the receipt's own key, and the open question is said
  }
}

function verdict(checks: Check[]): HTMLElement {
  const bad = checks.filter(one => one.good === false).length;
  const open = checks.filter(one => one.good === null).length;
  const title =
    bad > 0
      ? `${many(bad, 'check')} failed`
      : open > 0
        ? 'Nothing is wrong, one question is open'
        : 'Everything that was checked is right';
  const mark = (one: Check): string => (one.good === null ? '?' : one.good ? '✓' : '✗');
  const words = (one: Check): string => (one.good === null ? 'Open: ' : one.good ? 'Right: ' : 'Failed: ');
  return h(
    'div',
    { class: 'panel verdict', 'data-tone': bad > 0 ? 'bad' : open > 0 ? 'wait' : 'good' },
    h('h2', null, title),
    h(
      'ul',
      { class: 'checks' },
      checks.map(one =>
        h(
          'li',
          { 'data-good': String(one.good) },
          h('span', { class: 'sign', 'aria-hidden': 'true' }, mark(one)),
          h('span', null, h('span', { class: 'unseen' }, words(one)), one.text)
        )
      )
    )
  );
}

function exported({ session, made, versions, record, key }: Manifest): HTMLElement {
  const rows: [string, string][] = [
    ['Session', session],
    ['Exported', moment(Date.parse(made))],
    ['Record', `${many(record.rows, 'event')}, the newest with hash ${record.sha256.slice(0, 16)}…`],
    [
      'Written by',
      Object.entries(versions)
        .map(([name, version]) => `${name} ${version}`)
        .join(', ')
    ],
    ['Signed by', `key ${key}`]
  ];
  return h(
    'div',
    { class: 'panel' },
    h('h2', null, 'What the export is'),
    h(
      'dl',
      { class: 'facts' },
      rows.map(([what, value]) => [h('dt', null, what), h('dd', null, value)])
    ),
    h(
      'p',
      { class: 'soft' },
      'An export shows that nothing in it was changed since this key signed it. Drop your receipt beside it, and it is seen whether both name the same record.'
    )
  );
}

function content(receipt: Receipt): HTMLElement {
  const rows: [string, string][] = [
    ['Candidate', receipt.candidate],
    ['Session', `${receipt.title} (${receipt.session})`],
    ['When', `${moment(Date.parse(receipt.handed_in))}, ${REASONS[receipt.reason] ?? receipt.reason}`],
    ['Notebook’s log', `${receipt.document.rows} changes`],
    ['Record', `${receipt.record.rows} events, the newest with hash ${receipt.record.sha256.slice(0, 16)}…`],
    ['Signed by', `key ${receipt.key}`]
  ];
  return h(
    'div',
    { class: 'panel' },
    h('h2', null, 'What the receipt says'),
    h(
      'dl',
      { class: 'facts' },
      rows.map(([what, value]) => [h('dt', null, what), h('dd', null, value)])
    ),
    receipt.files_missing && h('p', { class: 'note', 'data-tone': 'bad' }, receipt.files_missing),
    h('h3', null, 'Files'),
    h(
      'ul',
      { class: 'lines' },
      receipt.parts.map(one =>
        h(
          'li',
          null,
          h('span', null, one.name),
          h('small', { title: one.sha256 }, `${size(one.bytes)}, SHA-256 ${one.sha256.slice(0, 16)}…`)
        )
      )
    ),
    h(
      'p',
      { class: 'soft' },
      'A receipt shows that this key signed these hashes. It says nothing about who typed the work.'
    )
  );
}

function drop(): HTMLElement {
  const input = h('input', { type: 'file', id: 'files', multiple: true, class: 'unseen' });
  const run = (files: FileList | null | undefined): void =>
    void look([...(files ?? [])]).catch((error: unknown) =>
      replace(result, h('p', { class: 'note', 'data-tone': 'bad' }, said(error)))
    );
  input.addEventListener('change', () => run(input.files));
  const zone = h(
    'div',
    { class: 'drop' },
    input,
    h('label', { for: 'files', class: 'button' }, 'Choose files'),
    h('span', null, 'or drop them here: the receipt, and the notebook and files if you have them; or an export.')
  );
  zone.addEventListener('dragover', event => {
    event.preventDefault();
    zone.classList.add('over');
  });
  zone.addEventListener('dragleave', () => zone.classList.remove('over'));
  zone.addEventListener('drop', event => {
    event.preventDefault();
    zone.classList.remove('over');
    run(event.dataTransfer?.files);
  });
  return zone;
}

/** Whether this browser can check an Ed25519 signature; and if not, what would mend it. */
async function obstacle(): Promise<string | null> {
  if (!window.isSecureContext || !crypto.subtle) {
    return 'This page was opened without https, so the browser withholds its cryptography. Open it with an address that begins with https (or on the very computer that runs Greenroom), or check with the command: greenroom verify FILE';
  }
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify']);
    return null;
  } catch {
    return 'This browser cannot check Ed25519 signatures. Use a current Chrome, Edge, Firefox or Safari, or the command: greenroom verify FILE';
  }
}

async function start(): Promise<void> {
  const missing = await obstacle();
  frame(page);
  show(
    h('h1', null, 'Check a receipt or an export'),
    h(
      'p',
      { class: 'lead' },
      `Whoever hands in at ${page.organisation} gets a signed receipt. Here anybody can see whether a receipt is genuine, and whether a file is the one that was handed in.`
    ),
    missing ? h('p', { class: 'note', 'data-tone': 'bad', role: 'alert' }, missing) : drop(),
    h(
      'p',
      { class: 'soft' },
      'The files stay on this computer: the check runs in your browser, and nothing is uploaded.'
    ),
    result
  );
}

void start();
