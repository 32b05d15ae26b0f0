/** What a page and the frame of an output say to each other, over a channel of their own. */

/** What is shown in a frame. */
export type Content =
  | { kind: 'html'; html: string }
  | { kind: 'plotly'; figure: unknown }
  | { kind: 'vega'; spec: unknown }
  | { kind: 'anywidget'; esm: string; css: string; state: Record<string, unknown> };

export interface Look {
  dark: boolean;
  text: string;
  ground: string;
}

export type ToFrame =
  | { type: 'show'; content: Content; program: string; look: Look }
  | { type: 'look'; look: Look }
  | { type: 'changed'; state: Record<string, unknown> }
  | { type: 'custom'; content: unknown; buffers: unknown[] };

export type FromFrame =
  | { type: 'height'; pixels: number }
  | { type: 'blocked'; what: string }
  | { type: 'failed'; why: string }
  | { type: 'save'; state: Record<string, unknown> }
  | { type: 'send'; content: unknown; buffers: unknown[] };
