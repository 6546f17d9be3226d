/** How a text cell goes into model.onnx: a tensor of strings has no null, and missing is not the same as empty. */

/** The input of a missing cell. */
export const MISSING_TEXT = '';
/** The input of a cell that holds the empty text: the control characters "start of text", "end of text". */
export const EMPTY_TEXT = '\u0002\u0003';

/** The input for a cell; null is a missing one. */
export function textInput(cell: string | null): string {
  if (cell === null) return MISSING_TEXT;
  return cell === '' ? EMPTY_TEXT : cell;
}

/** How a category is called where people read it. */
export function categoryName(category: string): string {
  if (category === MISSING_TEXT) return '(missing)';
  return category === EMPTY_TEXT ? '(empty)' : category;
}
