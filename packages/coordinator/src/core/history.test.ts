/** Tests of history.csv. */
import { describe, expect, it } from 'vitest';
import { historyCsv } from './history.js';

describe('historyCsv', () => {
  it('writes a header and one line per epoch, metrics in the order of the first epoch', () => {
    const text = historyCsv([
      { epoch: 1, seconds: 0.5, learningRate: 0.01, metrics: { loss: 0.75, validation_loss: 0.8 } },
      { epoch: 2, seconds: 1.23456789, learningRate: 0.005, metrics: { validation_loss: 0.6, loss: 0.5 } },
    ]);
    expect(text).toBe(
      'epoch,loss,validation_loss,learning_rate,seconds\n1,0.75,0.8,0.01,0.500000\n2,0.5,0.6,0.005,1.234568\n',
    );
  });

  it('leaves a cell empty where an epoch lacks a metric', () => {
    const text = historyCsv([
      { epoch: 1, seconds: 0, learningRate: 1, metrics: { loss: 1, accuracy: 0 } },
      { epoch: 2, seconds: 0, learningRate: 1, metrics: { loss: 1 } },
    ]);
    expect(text.split('\n').slice(1, 3)).toEqual(['1,1,0,1,0.000000', '2,1,,1,0.000000']);
  });

  it('keeps every digit of a number', () => {
    const loss = Math.fround(0.1);
    expect(historyCsv([{ epoch: 1, seconds: 0, learningRate: 1e-7, metrics: { loss } }])).toContain(`1,${loss},1e-7,`);
  });

  it('has a header even before the first epoch', () => {
    expect(historyCsv([])).toBe('epoch,loss,learning_rate,seconds\n');
  });
});
