/** A receipt, and what can be looked at in it without asking anybody: the twin of greenroom_proctor.receipt. */

import { hex, unbase64 } from './bytes';
import { canonical } from './canonical';

export const SCHEMA = 'greenroom.receipt.v1';

export interface Part {
  name: string;
  sha256: string;
  bytes: number;
}

export interface Receipt {
  schema: string;
  session: string;
  title: string;
  candidate: string;
  handed_in: string;
  reason: string;
  parts: Part[];
  files_missing: string | null;
  document: { rows: number; sha256: string };
  record: { rows: number; sha256: string };
  key: string;
  public_key: string;
  signature: string;
}

export interface PublishedKey {
  organisation: string;
  key: string;
  public_key: string;
}

/** One thing that was looked at. `good` is null when it could not be. */
export interface Check {
  good: boolean | null;
  text: string;
}

export interface Named {
  name: string;
  content: ArrayBuffer;
}

export const sha256 = async (data: BufferSource): Promise<string> => hex(await crypto.subtle.digest('SHA-256', data));

/** The receipt in a file's text; null when it is none. */
export function readReceipt(text: string): Receipt | null {
  try {
    const read = JSON.parse(text) as Receipt;
    return typeof read.schema === 'string' && read.schema.startsWith('greenroom.receipt.') ? read : null;
  } catch {
    return null;
  }
}

/** Looks at the signature and at every file. `published`: the organisation's key; without it whose key it is stays open. */
export async function check(receipt: Receipt, published: PublishedKey | null, files: Named[]): Promise<Check[]> {
  const signature = await signed(receipt, published);
  return [...signature, ...(await Promise.all(files.map(file => handedIn(receipt, file))))];
}

async function signed(receipt: Receipt, published: PublishedKey | null): Promise<Check[]> {
  if (receipt.schema !== SCHEMA) {
    return [{ good: false, text: `This is no receipt that this page knows: ${receipt.schema}, not ${SCHEMA}.` }];
  }
  const { signature, ...content } = receipt;
  try {
    const raw = unbase64(published?.public_key ?? receipt.public_key);
    const key = await crypto.subtle.importKey('raw', raw, 'Ed25519', false, ['verify']);
    if (!(await crypto.subtle.verify('Ed25519', key, unbase64(signature), canonical(content)))) {
      return [{ good: false, text: 'The receipt was changed after it was signed, or another key signed it.' }];
    }
  } catch (error) {
    return [
      { good: false, text: `The signature cannot be read: ${error instanceof Error ? error.message : String(error)}.` }
    ];
  }
  if (published) {
    return [
      { good: true, text: `The receipt is as it was signed, by the key ${published.key} of ${published.organisation}.` }
    ];
  }
  return [
    { good: true, text: `The receipt is as it was signed, by the key ${receipt.key}.` },
    {
      good: null,
      text: `Whose key ${receipt.key} is stays open: the organisation’s published key could not be had. Compare the two.`
    }
  ];
}

async function handedIn(receipt: Receipt, { name, content }: Named): Promise<Check> {
  const digest = await sha256(content);
  const part = receipt.parts.find(one => one.sha256 === digest);
  return part
    ? { good: true, text: `${name} is ${part.name} as it was handed in.` }
    : { good: false, text: `${name} is not what was handed in: its hash is not in the receipt.` };
}
