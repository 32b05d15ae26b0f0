/** The little of Markdown that task texts use, as elements: headings, lists, tables, code, emphasis. Everything else stays text; links do not work. */

import { Child, h } from './dom';

export function markdown(source: string): HTMLElement {
  const host = h('div', { class: 'markdown' });
  for (const block of blocks(source.replace(/\r\n?/g, '\n'))) {
    host.append(block);
  }
  return host;
}

function blocks(source: string): HTMLElement[] {
  const made: HTMLElement[] = [];
  // A fence hides what is in it from every other rule, so it is cut out first.
  for (const [index, part] of source.split(/^```[^\n]*\n?/m).entries()) {
    if (index % 2 === 1) {
      made.push(h('pre', { class: 'source' }, h('code', null, part.replace(/\n$/, ''))));
    } else {
      made.push(
        ...part
          .split(/\n\s*\n/)
          .filter(one => one.trim())
          .flatMap(paragraph)
      );
    }
  }
  return made;
}

function paragraph(text: string): HTMLElement[] {
  const lines = text.trim().split('\n');
  const heading = /^(#{1,6})\s+(.*)$/.exec(lines[0]);
  if (heading) {
    // The page's own headings are h1 and h2.
    const level = `h${Math.min(6, heading[1].length + 2)}` as 'h3';
    const rest = lines.slice(1).join('\n');
    return [h(level, null, inline(heading[2])), ...(rest.trim() ? paragraph(rest) : [])];
  }
  if (lines.every(line => /^\s*[-*+]\s+/.test(line))) {
    return [
      h(
        'ul',
        null,
        lines.map(line => h('li', null, inline(line.replace(/^\s*[-*+]\s+/, ''))))
      )
    ];
  }
  if (lines.every(line => /^\s*\d+[.)]\s+/.test(line))) {
    return [
      h(
        'ol',
        null,
        lines.map(line => h('li', null, inline(line.replace(/^\s*\d+[.)]\s+/, ''))))
      )
    ];
  }
  if (lines.length > 1 && lines[0].includes('|') && RULER.test(lines[1])) {
    return [table(lines)];
  }
  return [h('p', null, inline(lines.join('\n')))];
}

/** The second line of a table: dashes and bars, with colons for the alignment, which is left out. */
const RULER = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function table(lines: string[]): HTMLElement {
  const cells = (line: string): string[] =>
    line
      .trim()
      .replace(/^\||\|$/g, '')
      .split('|')
      .map(one => one.trim());
  const head = cells(lines[0]);
  return h(
    'table',
    null,
    head.some(Boolean) &&
      h(
        'thead',
        null,
        h(
          'tr',
          null,
          head.map(one => h('th', { scope: 'col' }, inline(one)))
        )
      ),
    h(
      'tbody',
      null,
      lines.slice(2).map(line =>
        h(
          'tr',
          null,
          cells(line).map(one => h('td', null, inline(one)))
        )
      )
    )
  );
}

function inline(text: string): Child[] {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*|\*[^*\s][^*]*\*)/).map(part => {
    if (part.length > 2 && part.startsWith('`')) {
      return h('code', null, part.slice(1, -1));
    }
    if (part.length > 4 && part.startsWith('**')) {
      return h('strong', null, part.slice(2, -2));
    }
    return part.length > 2 && part.startsWith('*') ? h('em', null, part.slice(1, -1)) : part;
  });
}
