/** What interviewers read and write among themselves, as the service's REST API has it. */

export interface Criterion {
  criterion: string;
  levels: string[];
}

export interface Task {
  name: string;
  title: string;
  pushed: boolean;
}

export interface Brief {
  brief: string | null;
  solution: string | null;
  rubric: Criterion[];
  tasks: Task[];
}

export interface Memo {
  n: number;
  author: string;
  mine: boolean;
  at: number;
  cell: string | null;
  text: string;
}

export interface Line {
  criterion: string;
  level: number | null;
  why: string;
}

export interface Card {
  lines: Line[];
  summary: string;
  advice: string | null;
}

export interface CardView {
  author: string;
  card: Card;
  handed_in: number | null;
}

export interface Scorecards {
  mine: CardView | null;
  others: CardView[];
  waiting: string[];
}

/** In the order in which they stand on the card. */
export const ADVICE: [string, string][] = [
  ['strong_no', 'Surely not'],
  ['no', 'Rather not'],
  ['yes', 'Rather yes'],
  ['strong_yes', 'Surely yes']
];

export const adviceInWords = (advice: string | null): string =>
  ADVICE.find(([name]) => name === advice)?.[1] ?? 'No advice';

/** "3 of 4: fits the weeks" – a level with its anchor, as one reads it. */
export function levelInWords(level: number | null, rubric: Criterion | undefined): string {
  return level === null || !rubric
    ? 'not seen'
    : `${level + 1} of ${rubric.levels.length}: ${rubric.levels[level] ?? ''}`;
}
