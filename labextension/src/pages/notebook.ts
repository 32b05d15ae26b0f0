/**
 * A notebook to read. Nothing in it runs: outputs are text and pictures only, built from text nodes and data addresses;
 * HTML, SVG, JavaScript and widgets are named and left out, since they are the candidate's speech, not this page's.
 */

import { h } from './dom';
import { markdown } from './markdown';

type Text = string | string[];

interface Output {
  output_type: string;
  name?: string;
  text?: Text;
  data?: Record<string, Text>;
  ename?: string;
  evalue?: string;
  traceback?: string[];
}

interface Cell {
  cell_type: string;
  source: Text;
  execution_count?: number | null;
  outputs?: Output[];
}

export interface Notebook {
  cells: Cell[];
}

const PICTURES = ['image/png', 'image/jpeg', 'image/gif', 'image/webp'];
const LONGEST = 200_000; // letters of one output: more is for an editor, not for a page

const joined = (text: Text | undefined): string => (Array.isArray(text) ? text.join('') : (text ?? ''));

export function notebook({ cells }: Notebook): HTMLElement[] {
  return (Array.isArray(cells) ? cells : []).map((one, index) =>
    h(
      'section',
      { class: `cell ${one.cell_type === 'code' ? 'code' : 'prose'}`, 'aria-label': `Cell ${index + 1}` },
      one.cell_type === 'code'
        ? code(one)
        : one.cell_type === 'markdown'
          ? markdown(joined(one.source))
          : h('pre', null, joined(one.source))
    )
  );
}

function code(cell: Cell): HTMLElement[] {
  return [
    h('div', { class: 'count', 'aria-hidden': 'true' }, cell.execution_count ? `[${cell.execution_count}]` : '[ ]'),
    h('pre', { class: 'source', tabindex: 0 }, h('code', null, joined(cell.source))),
    ...(cell.outputs ?? []).map(output)
  ];
}

function output(one: Output): HTMLElement {
  if (one.output_type === 'stream') {
    return text(joined(one.text), one.name === 'stderr' ? 'output error' : 'output');
  }
  if (one.output_type === 'error') {
    return text((one.traceback ?? [`${one.ename}: ${one.evalue}`]).join('\n'), 'output error');
  }
  const data = one.data ?? {};
  const picture = PICTURES.find(type => type in data);
  if (picture) {
    return h('img', {
      class: 'output',
      alt: plain(joined(data['text/plain'])) || 'A picture',
      src: `data:${picture};base64,${joined(data[picture]).replace(/\s/g, '')}`
    });
  }
  if ('text/plain' in data) {
    const richer = Object.keys(data).filter(type => type !== 'text/plain');
    return h(
      'div',
      null,
      text(joined(data['text/plain']), 'output'),
      richer.length > 0 && h('small', null, `Shown as text. In the room it is ${richer.map(named).join(', ')}.`)
    );
  }
  return h(
    'p',
    { class: 'output soft' },
    `An output of the kind ${Object.keys(data).join(', ') || 'unknown'} is not shown here.`
  );
}

const NAMES: Record<string, string> = {
  'text/html': 'HTML',
  'image/svg+xml': 'an SVG picture',
  'application/javascript': 'JavaScript, which does not run',
  'application/vnd.jupyter.widget-view+json': 'a widget'
};
const named = (type: string): string => NAMES[type] ?? type;

function text(content: string, kind: string): HTMLElement {
  const cut = content.length > LONGEST;
  return h(
    'pre',
    { class: kind, tabindex: 0 },
    plain(content.slice(0, LONGEST)),
    cut && '\n… The rest is in the downloaded notebook.'
  );
}

/** Without the colour codes of terminals. */
export function plain(content: string): string {
  // eslint-disable-next-line no-control-regex -- the codes begin with a control character
  return content.replace(/\u001b\[[0-9;?]*[A-Za-z]/g, '');
}
