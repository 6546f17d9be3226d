/** Looks for display controllers on the PCI bus of a Linux machine, which GPUs without a screen are too. */
import { join } from 'node:path';
import { namesIn, textOf } from './read-text.js';

const PCI = '/sys/bus/pci/devices';
const DISPLAY_CLASS = '0x03';

/** Each by the ids of its vendor and model, such as "10de:2335". */
export function probeDisplays(): readonly string[] {
  return namesIn(PCI).flatMap((address) => {
    const read = (name: string): string => textOf(join(PCI, address, name)).trim();
    if (!read('class').startsWith(DISPLAY_CLASS)) return [];
    return [[read('vendor'), read('device')].map((id) => id.replace('0x', '')).join(':')];
  });
}
