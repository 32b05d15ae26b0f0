/** Canonical JSON (RFC 8785): one value, one sequence of bytes. JavaScript's own number and string forms are the standard's. */

/** The bytes that are hashed and signed. TypeError for what JSON cannot carry the same way everywhere. */
export const canonical = (value: unknown): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text(value));

function text(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(text).join(',')}]`;
  }
  if (value !== null && typeof value === 'object') {
    const record = value as Record<string, unknown>;
    // Array.prototype.sort compares UTF-16 code units, as the standard asks.
    return `{${Object.keys(record)
      .sort()
      .map(name => `${string(name)}:${text(record[name])}`)
      .join(',')}}`;
  }
  if (typeof value === 'string') {
    return string(value);
  }
  if (typeof value === 'number') {
    return number(value);
  }
  if (value === null || typeof value === 'boolean') {
    return String(value);
  }
  throw new TypeError(`a ${typeof value} was refused: JSON has no such value`);
}

function number(value: number): string {
  if (!Number.isFinite(value)) {
    throw new TypeError(`the number ${value} was refused: JSON has no such number`);
  }
  return JSON.stringify(value);
}

function string(value: string): string {
  if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value)) {
    throw new TypeError('a text with half a surrogate pair was refused: it has no bytes');
  }
  return JSON.stringify(value);
}
