/** Checks a receipt in the browser, offline: canonical JSON, SHA-256, Ed25519. */

import { Common } from './api';
import { h, props, show } from './dom';
import { canonical, hex, unbase64 } from '../verify/canonical';

const page = props<Common>();
const out = h('ul', { role: 'status', class: 'checks' });

interface Receipt {
  schema: string;
  parts: { name: string; sha256: string; bytes: number }[];
  key: string;
  public_key: string;
  signature: string;
  [name: string]: unknown;
}

const sha256 = async (data: BufferSource): Promise<string> => hex(await crypto.subtle.digest('SHA-256', data));

function say(good: boolean, text: string): void {
  out.append(h('li', { class: good ? 'good' : 'bad' }, `${good ? '✓' : '!'} ${text}`));
}

async function check(files: File[]): Promise<void> {
  out.replaceChildren();
  let receipt: Receipt | undefined;
  const others: File[] = [];
  for (const file of files) {
    const read = file.size < 1e7 ? parse(await file.text()) : undefined;
    if (read?.schema === 'greenroom.receipt.v1') {
      receipt = read;
    } else {
      others.push(file);
    }
  }
  if (receipt === undefined) {
    return say(
      false,
      'There is no receipt among these files. It is a .json file that you downloaded after handing in.'
    );
  }
  const published = (await (await fetch(`${page.prefix}key`)).json()) as { key: string; public_key: string };
  const { signature, ...content } = receipt;
  const key = await crypto.subtle.importKey('raw', unbase64(published.public_key), 'Ed25519', false, ['verify']);
  const good = await crypto.subtle.verify('Ed25519', key, unbase64(signature), canonical(content));
  say(
    good,
    good
      ? `Signed by ${page.organisation}’s key ${published.key}.`
      : 'The receipt was changed after it was signed, or another key signed it.'
  );
  for (const file of others) {
    const digest = await sha256(await file.arrayBuffer());
    const part = receipt.parts.find(one => one.sha256 === digest);
    say(
      part !== undefined,
      part ? `${file.name} is ${part.name} as it was handed in.` : `${file.name} is not what was handed in.`
    );
  }
}

function parse(text: string): Receipt | undefined {
  try {
    return JSON.parse(text) as Receipt;
  } catch {
    return undefined;
  }
}

const input = h('input', { type: 'file', id: 'files', multiple: true }) as HTMLInputElement;
input.addEventListener(
  'change',
  () => void check([...(input.files ?? [])]).catch((error: unknown) => say(false, String(error)))
);
const usable = window.isSecureContext && 'subtle' in crypto;
show(
  h('h1', {}, 'Check a receipt'),
  h(
    'p',
    {},
    'Choose the receipt and, if you like, the notebook and files. Nothing is uploaded: your browser does the check.'
  ),
  usable
    ? h('p', {}, h('label', { for: 'files' }, 'Receipt and files'), input)
    : h(
        'p',
        { role: 'alert' },
        'This page was opened without https, so the browser withholds its cryptography. Open it with https, or use `greenroom verify`.'
      ),
  out
);
