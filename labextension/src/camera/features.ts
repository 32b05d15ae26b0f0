/**
 * The numbers that are taken from one picture, and nothing else leaves the worker: `greenroom detect` reads the same.
 * Angles in degrees; luma, std and diff 0–255 on a grey picture of 160×120; a number that cannot be had is null.
 */

export interface Features {
  t: number;
  faces: number;
  area_ratio: number | null;
  yaw: number | null;
  pitch: number | null;
  roll: number | null;
  gaze: number | null;
  ear: number | null;
  blink: number | null;
  luma: number;
  std: number;
  diff: number | null;
  /** Grain, 0–255: what is left of the picture when everything smooth is taken out. No rule asks for it. */
  noise: number;
}

export interface Point {
  x: number;
  y: number;
}

/** One face as the landmark reader gives it. `matrix` is 4×4, column by column. */
export interface Face {
  points: Point[];
  matrix: ArrayLike<number> | null;
  shapes: Map<string, number>;
}

export type Grey = Uint8ClampedArray;

export const GREY_WIDTH = 160;
export const GREY_HEIGHT = 120;

/** Blendshape per degree that the eyes turn sideways: measured on rendered heads, linear to ±25°. */
const SHAPE_PER_DEGREE = 0.028;
const DEGREES = 180 / Math.PI;

export function features(t: number, faces: Face[], grey: Grey, before: Grey | null, aspect: number): Features {
  const byArea = faces.map(face => ({ face, area: area(face.points) })).sort((a, b) => b.area - a.area);
  const first = byArea[0]?.face;
  return {
    t,
    faces: faces.length,
    area_ratio: byArea.length > 1 ? byArea[1].area / byArea[0].area : null,
    ...pose(first?.matrix ?? null),
    ...eyes(first, aspect),
    ...light(grey, before),
    noise: grain(grey)
  };
}

/** Four bytes a pixel to one: ITU-R BT.601, as OpenCV does it. */
export function greyOf(rgba: Uint8ClampedArray): Grey {
  const grey = new Uint8ClampedArray(rgba.length / 4);
  for (let i = 0, j = 0; i < grey.length; i += 1, j += 4) {
    grey[i] = 0.299 * rgba[j] + 0.587 * rgba[j + 1] + 0.114 * rgba[j + 2];
  }
  return grey;
}

export function light(grey: Grey, before: Grey | null): Pick<Features, 'luma' | 'std' | 'diff'> {
  let [sum, squares, moved] = [0, 0, 0];
  for (let i = 0; i < grey.length; i += 1) {
    sum += grey[i];
    squares += grey[i] * grey[i];
    moved += before ? Math.abs(grey[i] - before[i]) : 0;
  }
  const luma = sum / grey.length;
  const std = Math.sqrt(Math.max(0, squares / grey.length - luma * luma));
  return { luma, std, diff: before ? moved / grey.length : null };
}

/** The spread of noise by the Laplacian's mask (Immerkær, 1996): even surfaces and straight slopes give zero. */
export function grain(grey: Grey): number {
  let sum = 0;
  for (let y = 1; y < GREY_HEIGHT - 1; y += 1) {
    for (let i = y * GREY_WIDTH + 1; i < (y + 1) * GREY_WIDTH - 1; i += 1) {
      const [up, down] = [i - GREY_WIDTH, i + GREY_WIDTH];
      const corners = grey[up - 1] + grey[up + 1] + grey[down - 1] + grey[down + 1];
      const sides = grey[up] + grey[down] + grey[i - 1] + grey[i + 1];
      sum += Math.abs(corners - 2 * sides + 4 * grey[i]);
    }
  }
  return (sum * Math.sqrt(Math.PI / 2)) / (6 * (GREY_WIDTH - 2) * (GREY_HEIGHT - 2));
}

/** Turned left–right, up–down and tilted, from the rotation in the face's matrix. */
function pose(matrix: ArrayLike<number> | null): Pick<Features, 'yaw' | 'pitch' | 'roll'> {
  if (!matrix) {
    return { yaw: null, pitch: null, roll: null };
  }
  const at = (row: number, column: number): number => matrix[column * 4 + row];
  return {
    yaw: Math.atan2(-at(2, 0), Math.hypot(at(0, 0), at(1, 0))) * DEGREES,
    pitch: Math.atan2(at(2, 1), at(2, 2)) * DEGREES,
    roll: Math.atan2(at(1, 0), at(0, 0)) * DEGREES
  };
}

function eyes(face: Face | undefined, aspect: number): Pick<Features, 'gaze' | 'ear' | 'blink'> {
  if (!face) {
    return { gaze: null, ear: null, blink: null };
  }
  const shape = (name: string): number => face.shapes.get(name) ?? 0;
  const sideways =
    (shape('eyeLookOutLeft') + shape('eyeLookInRight') - shape('eyeLookInLeft') - shape('eyeLookOutRight')) / 2;
  return {
    gaze: sideways / SHAPE_PER_DEGREE,
    ear: (opening(face.points, aspect, 159, 145, 33, 133) + opening(face.points, aspect, 386, 374, 362, 263)) / 2,
    blink: (shape('eyeBlinkLeft') + shape('eyeBlinkRight')) / 2
  };
}

/** How far one eye is open: the distance of its lids over the distance of its corners (Soukupová and Čech, 2016). */
function opening(points: Point[], aspect: number, top: number, bottom: number, left: number, right: number): number {
  const distance = (a: Point, b: Point): number => Math.hypot((a.x - b.x) * aspect, a.y - b.y);
  return distance(points[top], points[bottom]) / distance(points[left], points[right]);
}

function area(points: Point[]): number {
  const [xs, ys] = [points.map(p => p.x), points.map(p => p.y)];
  return (Math.max(...xs) - Math.min(...xs)) * (Math.max(...ys) - Math.min(...ys));
}

/** From this brightness on a webcam's picture is as good as it gets; below the first number faces get lost. */
const [DARK, BRIGHT_ENOUGH] = [25, 70];

/** How far a picture can be trusted, 0–1: its light, and how many pictures a second there are of those wanted. */
export function quality(read: Pick<Features, 'luma'>, perSecond: number, wanted: number): number {
  const lit = Math.min(1, Math.max(0, (read.luma - DARK) / (BRIGHT_ENOUGH - DARK)));
  return lit * Math.min(1, perSecond / wanted);
}
