/** The browser's canonical JSON gives the bytes that Python signs. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { hex, unbase64 } from '../src/verify/bytes';
import { canonical } from '../src/verify/canonical';

const written = (value: unknown): string => new TextDecoder().decode(canonical(value));

test('names are sorted by UTF-16 units', () => {
  assert.equal(
    written({ '\u{1f600}': 1, '\ufb33': 2, b: [null, true, 'x'], a: {} }),
    '{"a":{},"b":[null,true,"x"],"\u{1f600}":1,"\ufb33":2}'
  );
});

test('numbers and text are written as RFC 8785 asks', () => {
  assert.equal(
    written({ n: [333333333.5, 1e30, 4.5, 2e-3, 1e-27], s: '€$\u000f\n' }),
    '{"n":[333333333.5,1e+30,4.5,0.002,1e-27],"s":"€$\\u000f\\n"}'
  );
});

test('bytes read and write', () => {
  assert.equal(hex(unbase64('AAEC/w==').buffer), '000102ff');
});
