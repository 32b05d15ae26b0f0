/**
 * Widgets: those of ipywidgets are drawn in the page, as data. One that brings its own program runs it in a frame, when
 * it is written for anywidget; any other says in its place that it does not run here.
 */

import { DOMWidgetModel, DOMWidgetView, IJupyterWidgetRegistry, WidgetModel, WidgetView } from '@jupyter-widgets/base';
import { JupyterFrontEndPlugin } from '@jupyterlab/application';
import { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { Frame } from '../frame/host';
import { FromFrame } from '../frame/messages';
import { room } from './config';

const OURS = new Set(['layout', 'tooltip', 'tabbable', 'comm', 'style']); // the page's, not the widget's
const usable = room.seat !== 'observer';

type State = Record<string, unknown>;

const theirs = (state: State): State =>
  Object.fromEntries(Object.entries(state).filter(([name]) => !name.startsWith('_') && !OURS.has(name)));

/** Its state, and no program. */
class AnyModel extends DOMWidgetModel {
  defaults(): Backbone.ObjectHash {
    return { ...super.defaults(), _model_module: 'anywidget', _view_module: 'anywidget', _esm: '', _css: '' };
  }
}

class AnyView extends DOMWidgetView {
  render(): void {
    const text = (name: string): string => String(this.model.get(name) ?? '');
    this.shown = new Frame({
      page: room.paths.frame,
      programs: room.paths.programs,
      usable,
      content: () => ({
        kind: 'anywidget',
        esm: text('_esm'),
        css: text('_css'),
        state: theirs(this.model.attributes as State)
      }),
      heard: message => this.hear(message)
    });
    this.el.append(this.shown.node);
    this.listenTo(this.model, 'change', () => {
      this.shown?.post({ type: 'changed', state: theirs(this.model.changedAttributes() || {}) });
    });
    this.listenTo(this.model, 'msg:custom', (content: unknown, buffers: unknown[]) => {
      this.shown?.post({ type: 'custom', content, buffers: buffers ?? [] });
    });
  }

  remove(): void {
    this.shown?.dispose();
    super.remove();
  }

  /** A frame may change what the kernel gave the widget, and nothing of the page's. */
  private hear(message: FromFrame): void {
    if (!usable) {
      return;
    }
    if (message.type === 'save') {
      const known = Object.entries(theirs(message.state)).filter(([name]) => this.model.has(name));
      this.model.set(Object.fromEntries(known));
      this.model.save_changes();
    } else if (message.type === 'send') {
      const buffers = message.buffers.filter(one => one instanceof ArrayBuffer || ArrayBuffer.isView(one));
      this.model.send(message.content as never, undefined, buffers as ArrayBuffer[]);
    }
  }

  private shown: Frame | null = null;
}

export const widgetsPlugin: JupyterFrontEndPlugin<void> = {
  id: '@greenroom/lab:widgets',
  autoStart: true,
  requires: [IJupyterWidgetRegistry],
  activate: (_app, registry: IJupyterWidgetRegistry) => {
    const exports = { AnyModel, AnyView } as unknown as Record<string, typeof WidgetModel | typeof WidgetView>;
    registry.registerWidget({ name: 'anywidget', version: '0.9.99', exports });
  }
};

const MISSING = 'Error displaying widget: model not found';
const GONE = 'This widget is gone: the kernel that made it was restarted. Run the cell again to have it back.';
const TRIES = 10; // of two seconds each, which is how long ipywidgets waits for a model by itself

type Show = (model: IRenderMime.IMimeModel) => Promise<void>;

/** A widget's model comes by another socket than its view, and may come long after it when the machine is busy. */
export function patient(renderer: IRenderMime.IRenderer, show: Show): Show {
  return async model => {
    await show(model);
    for (let tries = 1; tries < TRIES && renderer.node.textContent === MISSING && !renderer.isDisposed; tries++) {
      await show(model);
    }
    if (renderer.node.textContent === MISSING) {
      renderer.node.textContent = GONE;
    }
  };
}

const FAILED = '.jupyter-widgets-error-widget';
const SENTENCE =
  'This widget brings a program of its own, which does not run in this room. The widgets of ipywidgets, plotly, altair and widgets written for anywidget do.';

/** Watches what a widget's view becomes: says in plain words what is not shown, and lets those who look on look on. */
export function mind(node: HTMLElement): void {
  new MutationObserver(() => {
    for (const failed of node.querySelectorAll(FAILED)) {
      const said = document.createElement('p');
      said.className = 'gr-frame-note';
      said.textContent = SENTENCE;
      failed.replaceWith(said);
    }
  }).observe(node, { childList: true, subtree: true });
  if (!usable) {
    lookOn(node);
  }
}

const USES = ['pointerdown', 'mousedown', 'click', 'keydown', 'beforeinput', 'input', 'change', 'wheel', 'drop'];
const MOVES = ['Tab', 'Escape', 'PageUp', 'PageDown'];

/** An observer's page shows a widget as the others see it: what is done to it here would be seen here alone. */
function lookOn(node: HTMLElement): void {
  node.setAttribute('aria-disabled', 'true');
  node.title = 'Observers look on.';
  const stop = (event: Event): void => {
    if (
      !(event instanceof KeyboardEvent && MOVES.includes(event.key)) &&
      !(event.target instanceof HTMLAnchorElement)
    ) {
      event.stopImmediatePropagation();
      event.preventDefault();
    }
  };
  for (const use of USES) {
    node.addEventListener(use, stop, { capture: true, passive: false });
  }
}
