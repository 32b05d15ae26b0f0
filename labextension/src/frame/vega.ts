/** Vega and Vega-Lite as one file for frames. A specification's data must be in it: a frame has no network. */

import embed, { VisualizationSpec } from 'vega-embed';

Object.assign(window, {
  greenroomVega: (host: HTMLElement, spec: unknown) =>
    embed(host, spec as VisualizationSpec, { actions: false, renderer: 'svg' })
});
