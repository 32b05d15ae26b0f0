/**
 * A cell's output is the candidate's speech: it is shown, and nothing in it runs in the reader's page.
 *
 * JupyterLab trusts the outputs of cells that were inserted or run in it. Here nobody's output is trusted, whatever the
 * models say: the registry by which everything is rendered, and every clone of it, takes the trust away.
 */

import { Sanitizer } from '@jupyterlab/apputils';
import { IRenderMimeRegistry, MimeModel, RenderedHTML, RenderedSVG } from '@jupyterlab/rendermime';
import { IRenderMime } from '@jupyterlab/rendermime-interfaces';

import { addFrames, Framed, wantsToRun } from './framed';
import { mind, patient } from './widgets';

const WIDGET_VIEW = 'application/vnd.jupyter.widget-view+json';
const [HTML_RANK, SVG_RANK] = [50, 80]; // JupyterLab's own

const HTML_WIDGETS = '.widget-html-content, .widget-htmlmath-content';

/** What JupyterLab gives tables outside; inside, no style of the page holds. */
const TABLES = `
  table { border-collapse: collapse; border-spacing: 0; font-size: var(--jp-ui-font-size1); }
  th, td { padding: 0.5em; text-align: right; line-height: normal; vertical-align: middle; }
  thead { border-bottom: var(--jp-border-width) solid var(--jp-border-color1); }
`;

/** SVG as a picture: in an <img> it runs no script and loads nothing. */
class Picture extends RenderedSVG {
  render(model: IRenderMime.IMimeModel): Promise<void> {
    return super.render(copy(model, true));
  }
}

/**
 * HTML: in a frame when it wants to run something, and else sanitised in the page. What it says about styles (pandas'
 * Styler does) holds for itself alone, in a shadow tree.
 */
class Spoken extends RenderedHTML {
  render(model: IRenderMime.IMimeModel): Promise<void> {
    const source = String(model.data[this.mimeType]);
    this.framed?.dispose();
    if (wantsToRun(source)) {
      this.framed = new Framed(() => ({ kind: 'html', html: source }));
      this.node.replaceChildren(this.framed.node);
      return this.framed.renderModel(model);
    }
    const css = stylesOf(source);
    return css === '' ? super.render(model) : this.renderStyled(source, css);
  }

  private async renderStyled(source: string, css: string): Promise<void> {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(TABLES + css); // leaves @import out
    const host = document.createElement('div');
    const shadow = host.attachShadow({ mode: 'open' });
    shadow.adoptedStyleSheets = [sheet];
    shadow.addEventListener('submit', stay);
    shadow.innerHTML = named.sanitize(source);
    for (const link of shadow.querySelectorAll('a[href]')) {
      link.setAttribute('target', '_blank');
      link.setAttribute('rel', 'noopener noreferrer nofollow');
    }
    this.node.replaceChildren(host);
  }

  dispose(): void {
    this.framed?.dispose();
    super.dispose();
  }

  private framed: Framed | null = null;
}

/** Ids are kept where no script of the page looks them up: in a shadow tree. */
const named = new Sanitizer();
named.setAllowNamedProperties(true);
named.setAllowCommandLinker(false);

/** The styles of some HTML. `<style scoped>`, which plain data frames bring, says what JupyterLab says already. */
function stylesOf(source: string): string {
  const inert = new DOMParser().parseFromString(source, 'text/html');
  return [...inert.querySelectorAll('style:not([scoped])')].map(style => style.textContent).join('\n');
}

/** A form of an output leads nowhere. */
const stay = (event: Event): void => event.preventDefault();

function copy(model: IRenderMime.IMimeModel, trusted: boolean): IRenderMime.IMimeModel {
  const { data, metadata } = model;
  return new MimeModel({ data, metadata, trusted, callback: options => model.setData(options) });
}

/** Makes a registry trust nothing, and its clones neither. */
export function distrust(registry: IRenderMimeRegistry): IRenderMimeRegistry {
  registry.addFactory({ safe: true, mimeTypes: ['text/html'], createRenderer: made => new Spoken(made) }, HTML_RANK);
  registry.addFactory(
    { safe: true, mimeTypes: ['image/svg+xml'], createRenderer: made => new Picture(made) },
    SVG_RANK
  );
  addFrames(registry);
  sanitizeWidgets(registry.sanitizer);
  return wrap(registry);
}

function wrap(registry: IRenderMimeRegistry): IRenderMimeRegistry {
  const create = registry.createRenderer.bind(registry);
  const clone = registry.clone.bind(registry);
  const shown = (type: string): boolean => type === WIDGET_VIEW || registry.getFactory(type)?.safe === true;
  return Object.assign(registry, {
    preferredMimeType: (bundle: object) => registry.mimeTypes.find(type => type in bundle && shown(type)),
    createRenderer: (type: string) => {
      const renderer = create(type);
      const render = renderer.renderModel.bind(renderer);
      const shown = (model: IRenderMime.IMimeModel): Promise<void> => render(copy(model, false));
      renderer.renderModel = type === WIDGET_VIEW ? patient(renderer, shown) : shown;
      renderer.node.style.contain = 'layout paint'; // whatever its styles say, it stays in its place
      renderer.node.addEventListener('submit', stay);
      if (type === WIDGET_VIEW) {
        mind(renderer.node);
      }
      return renderer;
    },
    clone: (options?: IRenderMimeRegistry.ICloneOptions) => wrap(clone(options))
  });
}

/** Widgets put HTML into the page themselves, unsanitised, when they are made and when their value changes. A `<meta>`
 * or an `<iframe>` takes effect the moment it is put in, so that cleaning up afterwards is too late. */
function sanitizeWidgets(sanitizer: IRenderMime.ISanitizer): void {
  const found = Object.getOwnPropertyDescriptor(Element.prototype, 'innerHTML');
  Object.defineProperty(Element.prototype, 'innerHTML', {
    ...found,
    set(this: Element, html: unknown) {
      found?.set?.call(this, this.matches(HTML_WIDGETS) ? sanitizer.sanitize(String(html)) : html);
    }
  });
}
