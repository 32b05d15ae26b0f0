/** Canonical JSON (RFC 8785). JavaScript's own number and string forms are the standard's. */

function text(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(text).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const record = value as Record<string, unknown>;
    // Array.prototype.sort compares UTF-16 code units, as the standard asks.
    return `{${Object.keys(record)
      .sort()
      .map(name => `${JSON.stringify(name)}:${text(record[name])}`)
      .join(',')}}`;
  }
  return JSON.stringify(value);
}

export const canonical = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text(value));

export const hex = (data: ArrayBuffer): string =>
  [...new Uint8Array(data)].map(byte => byte.toString(16).padStart(2, '0')).join('');

export const unbase64 = (encoded: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(atob(encoded), letter => letter.charCodeAt(0));
