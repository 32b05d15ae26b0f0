// What a page of a bench is watched with. Both pages tell the same time: milliseconds since 1970, on one machine.
(() => {
  const now = () => performance.timeOrigin + performance.now();
  const at = event => performance.timeOrigin + event.timeStamp;
  const cell = number => document.querySelectorAll('.jp-Notebook .jp-CodeCell')[number];
  const typed = () => (cell(0)?.querySelector('.cm-content')?.textContent.match(/7/g) ?? []).length;
  const printed = () => cell(1)?.querySelector('.jp-OutputArea-output')?.textContent.trim() ?? '';
  const rests = () => /\d/.test(cell(1)?.querySelector('.jp-InputPrompt')?.textContent ?? '');

  let waiting = [];
  const when = found =>
    new Promise(resolve => {
      waiting.push({ found, resolve });
      look();
    });
  function look() {
    const time = now();
    const count = typed();
    while (bench.seen.length < count) {
      bench.seen.push(time);
    }
    waiting = waiting.filter(({ found, resolve }) => {
      const value = found(time);
      if (value) {
        resolve(value);
      }
      return !value;
    });
  }

  const bench = (window.bench = {
    keys: [], // when each 7 was pressed here
    seen: [], // when the first, second, … 7 stood in the first cell here
    pressed: 0, // when Ctrl-Enter was
    cursor: 0, // when a cell first took the keyboard
    printed,
    forget: () => ((bench.keys = []), (bench.seen = [])),
    emptied: () => when(() => typed() === 0 && cell(0) !== undefined),
    arrived: count => when(() => bench.seen.length >= count && bench.seen),
    prints: former => when(time => printed() !== former && /^out \d+$/.test(printed()) && { time, text: printed() }),
    rested: () => when(rests),
    hasCursor: () => when(() => bench.cursor)
  });

  addEventListener(
    'keydown',
    event => {
      if (event.key === '7') {
        bench.keys.push(at(event));
      } else if (event.key === 'Enter' && event.ctrlKey) {
        bench.pressed = at(event);
      }
    },
    true
  );
  addEventListener(
    'focusin',
    event => {
      if (bench.cursor === 0 && event.target.closest?.('.jp-CodeCell .cm-content')) {
        bench.cursor = at(event);
        look();
      }
    },
    true
  );
  new MutationObserver(look).observe(document, { subtree: true, childList: true, characterData: true });
})();
