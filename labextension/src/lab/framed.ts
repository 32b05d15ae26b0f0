/** Outputs that want to run, in frames: plots that a library draws, and HTML with programs in it. */

import { IRenderMimeRegistry } from '@jupyterlab/rendermime';
import { IRenderMime } from '@jupyterlab/rendermime-interfaces';
import { Widget } from '@lumino/widgets';

import { Frame } from '../frame/host';
import { Content } from '../frame/messages';
import { room } from './config';

const RANK = 40; // before HTML, which has 50: plotly brings both
const PLOTLY = 'application/vnd.plotly.v1+json';
const VEGA = ['v3', 'v4', 'v5', 'v6'].flatMap(version => [
  `application/vnd.vegalite.${version}+json`,
  `application/vnd.vega.${version}+json`
]);

/** One output in its frame. */
export class Framed extends Widget implements IRenderMime.IRenderer {
  constructor(private readonly contentOf: (model: IRenderMime.IMimeModel) => Content) {
    super();
    this.addClass('gr-framed');
  }

  renderModel(model: IRenderMime.IMimeModel): Promise<void> {
    this.shown?.dispose();
    const content = this.contentOf(model); // a copy: the model may change before the frame is loaded
    this.shown = new Frame({ page: room.paths.frame, programs: room.paths.programs, content: () => content });
    this.node.replaceChildren(this.shown.node);
    return Promise.resolve();
  }

  dispose(): void {
    this.shown?.dispose();
    super.dispose();
  }

  private shown: Frame | null = null;
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

/** Teaches a registry the outputs that libraries draw. */
export function addFrames(registry: IRenderMimeRegistry): void {
  const add = (mimeTypes: string[], contentOf: (data: unknown) => Content): void =>
    registry.addFactory(
      {
        safe: true, // nothing of it is in the page
        mimeTypes,
        createRenderer: ({ mimeType }) => new Framed(model => contentOf(plain(model.data[mimeType])))
      },
      RANK
    );
  add([PLOTLY], figure => ({ kind: 'plotly', figure }));
  add(VEGA, spec => ({ kind: 'vega', spec }));
}

const RUNS = 'script, iframe, object, embed';

/** Whether some HTML wants to run something. */
export function wantsToRun(source: string): boolean {
  const inert = new DOMParser().parseFromString(source, 'text/html');
  const listens = (one: Element): boolean => [...one.attributes].some(({ name }) => /^on/i.test(name));
  return inert.querySelector(RUNS) !== null || [...inert.querySelectorAll('*')].some(listens);
}
