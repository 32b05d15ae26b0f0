/** The score with every reason and weight. It decides nothing. */

import { h } from '../dom';
import { kindInWords } from '../events';
import { many } from '../time';
import { capital } from '../words';

export interface Score {
  value: number;
  start: number;
  rules: number;
  reasons: {
    signal: string;
    kind: string;
    warnings: number;
    flags: number;
    warning_weight: number;
    flag_weight: number;
    points: number;
    why: string;
  }[];
  bounds: { signal: string; points: number; most: number; taken: number }[];
}

export function scored(score: Score): HTMLElement {
  return h(
    'section',
    { class: 'score', 'aria-labelledby': 'score' },
    h('h3', { id: 'score', tabindex: -1 }, `Score: ${score.value} of ${score.start}`),
    h(
      'p',
      null,
      'It adds up what rules picked up and was not excused. It says nothing about why, and decides nothing: that is a person’s to do.'
    ),
    score.reasons.length === 0
      ? h('p', { class: 'soft' }, 'Nothing was taken away.')
      : h(
          'ul',
          { class: 'lines' },
          score.reasons.map(one =>
            h(
              'li',
              { 'data-kind': one.kind },
              h('span', null, capital(kindInWords(one.kind))),
              h('strong', null, points(one)),
              h('small', null, one.why)
            )
          )
        ),
    score.bounds.map(one =>
      h(
        'p',
        { class: 'soft' },
        `Signal ${one.signal}: ${one.points > one.most ? `${one.points} points, of which at most ${one.most} count` : many(one.taken, 'point')}. It takes ${one.taken} away.`
      )
    ),
    h('p', { class: 'soft' }, `By version ${score.rules} of the rules. Anybody can compute it anew from the export.`)
  );
}

function points(one: Score['reasons'][number]): string {
  const parts = [
    one.warnings > 0 && `${many(one.warnings, 'warning')} × ${one.warning_weight}`,
    one.flags > 0 && `${many(one.flags, 'flag')} × ${one.flag_weight}`
  ].filter(Boolean);
  return `${parts.join(' + ')} = ${one.points}`;
}
