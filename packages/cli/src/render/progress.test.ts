import { stripVTControlCharacters } from 'node:util';
import type { JobEvent__Output } from '@lockstep/client';
import { describe, expect, it } from 'vitest';
import { createProgress, formatDuration } from './progress.js';
import { shellWord } from './shell-word.js';

/** What a job of 100 steps an epoch writes to a stream. */
function written(events: readonly object[], isTTY: boolean): string {
  let text = '';
  const stream = { isTTY, columns: 200, write: (piece: string) => (text += piece) } as unknown as NodeJS.WriteStream;
  const progress = createProgress({ stream, quiet: false });
  for (const event of events) progress.event(event as JobEvent__Output);
  progress.end();
  return text;
}

function committed(unixSeconds: number, step: number): object {
  const pace = { trainLoss: 0.5, samplesPerSecond: 320.4, remainingSeconds: (300 - step) / 10 };
  const epoch = Math.ceil(step / 100);
  return { unixSeconds, stepsCommitted: { progress: { step, totalSteps: 300, epoch, totalEpochs: 3, ...pace } } };
}

function ended(unixSeconds: number, epoch: number): object {
  return { unixSeconds, epochEnded: { epoch, trainLoss: 0.25, seconds: 10, metrics: { loss: 0.25, accuracy: 0.75 } } };
}

describe('progress', () => {
  it('without a terminal is a line at the start, every ten seconds, and after each epoch', () => {
    const events = [committed(1000, 1), committed(1009, 90), committed(1010, 98), ended(1012, 1), committed(1021, 180)];
    expect(written(events, false)).toBe(
      [
        'epoch 1/3  step 1/300  loss 0.5  320 samples/s  ETA 30 s',
        'epoch 1/3  step 98/300  loss 0.5  320 samples/s  ETA 20 s',
        'epoch 1/3  step 100/300  loss 0.25  320 samples/s  ETA 20 s  accuracy 0.75  took 10 s',
        '',
      ].join('\n'),
    );
  });

  it('says what it knows of an epoch whose steps it did not see', () => {
    expect(written([ended(1000, 2)], false)).toBe('epoch 2  loss 0.25  accuracy 0.75  took 10 s\n');
  });

  it('warns of a step that stands still, without what a terminal would obey', () => {
    const stall = {
      unixSeconds: 1000,
      stepStalled: { reason: 'step 7 takes longer than 3 s: a\u001b[2K owes lane 1' },
    };
    expect(stripVTControlCharacters(written([stall], false))).toBe(
      'warning step 7 takes longer than 3 s: a\\u001b[2K owes lane 1\n',
    );
  });

  it('on a terminal redraws one line', () => {
    const text = written([committed(1000, 150), committed(1001, 160)], true);
    expect(text.split('\r\u001b[2K').map((line) => line.trimEnd())).toEqual([
      '',
      'epoch 2/3 [============            ] step 150/300  loss 0.5  320 samples/s  ETA 15 s',
      'epoch 2/3 [=============           ] step 160/300  loss 0.5  320 samples/s  ETA 14 s',
      '',
    ]);
  });

  it.each([
    [0.84, '0.8 s'],
    [59.4, '59 s'],
    [59.6, '1 min 0 s'],
    [119.7, '2 min 0 s'],
    [7500, '2 h 5 min'],
    [Number.POSITIVE_INFINITY, '?'],
  ])('writes %d seconds as %s', (seconds, text) => {
    expect(formatDuration(seconds)).toBe(text);
  });
});

describe('a word of a command to copy', () => {
  it.each([
    ['runs/first/model.onnx', 'runs/first/model.onnx'],
    ['my runs/model.onnx', "'my runs/model.onnx'"],
    ["it's.csv", "'it'\\''s.csv'"],
    ['', "''"],
  ])('%j is %s', (text, word) => {
    expect(shellWord(text)).toBe(word);
  });
});
