/** How a text cell goes into model.onnx: a tensor of strings has no null, and missing is not the same as empty. */

/** The input of a missing cell. */
export const MISSING_TEXT = '';
const TEXT_START = '\u0002';
const TEXT_END = '\u0003';
/** The input of a cell that holds the empty text: the control characters "start of text", "end of text". */
export const EMPTY_TEXT = TEXT_START + TEXT_END;

/** The input for a cell; null is a missing one. A text between the two signs gets one more, so that none is taken for the empty one. */
export function textInput(cell: string | null): string {
  if (cell === null) return MISSING_TEXT;
  if (cell === '') return EMPTY_TEXT;
  return cell.startsWith(TEXT_START) && cell.endsWith(TEXT_END) ? TEXT_START + cell : cell;
}

/** How a category is called where people read it. */
export function categoryName(category: string): string {
  if (category === MISSING_TEXT) return '(missing)';
  return category === EMPTY_TEXT ? '(empty)' : category;
}
