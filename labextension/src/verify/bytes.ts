/** Bytes as text and back. */

export const hex = (data: ArrayBuffer): string =>
  [...new Uint8Array(data)].map(byte => byte.toString(16).padStart(2, '0')).join('');

export const unbase64 = (encoded: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0));
