/** The numbers that are taken from one picture. */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  Face,
  features,
  grain,
  GREY_HEIGHT,
  GREY_WIDTH,
  Grey,
  greyOf,
  light,
  Point,
  quality
} from '../src/camera/features';
import { begin, measured, Pace, perSecond, TOO_SLOW } from '../src/camera/pace';

const plain = (value: number): Grey => new Uint8ClampedArray(GREY_WIDTH * GREY_HEIGHT).fill(value);

/** A face of 478 points in a square of this width; eyes as wide open as said. */
function face(width: number, opening = 0.3, shapes: [string, number][] = [], matrix: number[] | null = null): Face {
  const points: Point[] = Array.from({ length: 478 }, (_, index) => ({
    x: 0.5 + (index % 2 ? width / 2 : -width / 2),
    y: 0.5 + (index % 3 ? width / 2 : -width / 2)
  }));
  for (const [top, bottom, left, right] of [
    [159, 145, 33, 133],
    [386, 374, 362, 263]
  ]) {
    points[left] = { x: 0.45, y: 0.5 };
    points[right] = { x: 0.55, y: 0.5 };
    points[top] = { x: 0.5, y: 0.5 - (0.1 * opening) / 2 };
    points[bottom] = { x: 0.5, y: 0.5 + (0.1 * opening) / 2 };
  }
  return { points, matrix, shapes: new Map(shapes) };
}

/** A rotation about the upright axis, 4×4, column by column, as the reader gives it. */
function turned(degrees: number): number[] {
  const [s, c] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return [c, 0, -s, 0, 0, 1, 0, 0, s, 0, c, 0, 0, 0, 0, 1];
}

function nodding(degrees: number): number[] {
  const [s, c] = [Math.sin((degrees * Math.PI) / 180), Math.cos((degrees * Math.PI) / 180)];
  return [1, 0, 0, 0, 0, c, s, 0, 0, -s, c, 0, 0, 0, 0, 1];
}

const near = (found: number | null, wanted: number): void =>
  assert.ok(found !== null && Math.abs(found - wanted) < 1e-6, `${found} is not ${wanted}`);

test('a picture without a face has its light and nothing else', () => {
  const { luma, std, diff, ...rest } = features(1, [], plain(90), plain(88), 4 / 3);
  assert.deepEqual([luma, std, diff], [90, 0, 2]);
  assert.deepEqual(rest, {
    t: 1,
    faces: 0,
    area_ratio: null,
    yaw: null,
    pitch: null,
    roll: null,
    gaze: null,
    ear: null,
    blink: null,
    noise: 0
  });
});

test('the first picture differs from nothing', () => {
  assert.equal(light(plain(10), null).diff, null);
});

test('half black and half white spreads by half the range', () => {
  const grey = plain(0).map((_, index) => (index % 2 ? 255 : 0));
  assert.deepEqual(light(grey, null), { luma: 127.5, std: 127.5, diff: null });
});

test('a turned head is turned by its angle, a nodding one nods by it', () => {
  near(features(0, [face(0.3, 0.3, [], turned(25))], plain(90), null, 1).yaw, 25);
  near(features(0, [face(0.3, 0.3, [], turned(-25))], plain(90), null, 1).yaw, -25);
  near(features(0, [face(0.3, 0.3, [], nodding(12))], plain(90), null, 1).pitch, 12);
});

test('a second face is measured against the larger one, whichever comes first', () => {
  for (const faces of [
    [face(0.4), face(0.2)],
    [face(0.2), face(0.4)]
  ]) {
    near(features(0, faces, plain(90), null, 1).area_ratio, 0.25);
  }
});

test("the eyes' opening does not depend on how wide the picture is", () => {
  near(features(0, [face(0.3, 0.3)], plain(90), null, 1).ear, 0.3);
  near(features(0, [face(0.3, 0.3)], plain(90), null, 2).ear, 0.15);
});

test('eyes that look aside give degrees, with the sign of the side', () => {
  const left = [
    ['eyeLookOutLeft', 0.28],
    ['eyeLookInRight', 0.28]
  ] as [string, number][];
  const right = [
    ['eyeLookInLeft', 0.28],
    ['eyeLookOutRight', 0.28]
  ] as [string, number][];
  near(features(0, [face(0.3, 0.3, left)], plain(90), null, 1).gaze, 10);
  near(features(0, [face(0.3, 0.3, right)], plain(90), null, 1).gaze, -10);
});

test('grey weighs colours as an eye does', () => {
  assert.deepEqual([...greyOf(new Uint8ClampedArray([255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255]))], [76, 150, 29]);
});

test('a dark picture and a slow computer are trusted less', () => {
  assert.deepEqual(
    [quality({ luma: 110 }, 8, 8), quality({ luma: 20 }, 8, 8), quality({ luma: 110 }, 4, 8)],
    [1, 0, 0.5]
  );
});

const paceAt = (pace: Pace, milliseconds: number, pictures = 60): Pace =>
  Array.from({ length: pictures }).reduce((before: Pace) => measured(before, milliseconds), pace);

test('a slow computer is asked less often, then twice a second, and at last it is said to be too slow', () => {
  const at = (milliseconds: number): number => perSecond(paceAt(begin(8), milliseconds));
  assert.deepEqual([at(20), at(140), at(250), at(380)].map(Math.round), [8, 5, 2, 2]);
  assert.ok(at(700) < TOO_SLOW);
});

test('the pace does not swing between slow and usual, and the first pictures decide nothing', () => {
  const slow = paceAt(begin(8), 250);
  assert.deepEqual([slow.slow, paceAt(slow, 180).slow, paceAt(slow, 80).slow], [true, true, false]);
  assert.equal(perSecond(paceAt(begin(8), 900, 3)), 8);
});

test('grain is told from what is smooth, and from an edge', () => {
  const made = (value: (x: number, y: number) => number): Grey =>
    Uint8ClampedArray.from({ length: GREY_WIDTH * GREY_HEIGHT }, (_, i) =>
      value(i % GREY_WIDTH, Math.floor(i / GREY_WIDTH))
    );
  assert.equal(grain(made(x => x)), 0);
  assert.ok(grain(made(x => (x < 80 ? 40 : 200))) < 4);
  const noisy = grain(made((x, y) => 100 + ((x * 7919 + y * 104729 + x * y * 31) % 61) - 30));
  assert.ok(noisy > 15, String(noisy));
});
